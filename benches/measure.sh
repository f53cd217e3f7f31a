#!/usr/bin/env bash
# The budgets of `check`, measured on a release build. Prints a small table; nothing is asserted, since a shared machine
# decides how fast it is. Needs python3, and GNU time for the peak memory.
#
#     benches/measure.sh
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --quiet
tool=target/release/work365-doctor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "binary: $(stat -c %s "$tool") bytes (budget 15,000,000)"

python3 - "$tool" <<'PY'
import statistics, subprocess, sys, time
def median(command, runs=51):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
tool = sys.argv[1]
floor = median(["/bin/true"])
print(f"peer /bin/true: {floor:.1f} ms")
for arguments in (["--version"], ["check", "--demo", "-o", "json"], ["check", "--demo"]):
    print(f"{' '.join(arguments)}: median {median([tool, *arguments]):.1f} ms (budget 15 ms for check --demo -o json)")
PY
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f '%M kB peak (budget 30,000)' "$tool" check --demo -o json >/dev/null || true
fi

python3 benches/generate-snapshots.py 10000 > "$work/snapshots.ndjson"
echo "10,000 snapshots, $(stat -c %s "$work/snapshots.ndjson") bytes"
# The named peer in the same run: Python's json, which only parses what we parse and judge.
python3 - "$work/snapshots.ndjson" <<'PY'
import json, sys, time
start = time.perf_counter()
with open(sys.argv[1]) as lines:
    for line in lines:
        json.loads(line)
print(f"peer python json.loads alone, one core: {10000 / (time.perf_counter() - start):.0f} snapshots/s")
PY
start=$(date +%s.%N)
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f '%M kB peak (budget 150,000)' "$tool" check --snapshot - -o ndjson --exit-zero < "$work/snapshots.ndjson" > "$work/reports.ndjson"
else
  "$tool" check --snapshot - -o ndjson --exit-zero < "$work/snapshots.ndjson" > "$work/reports.ndjson"
fi
end=$(date +%s.%N)
python3 -c "print(f'check -o ndjson: {10000 / ($end - $start):.0f} snapshots/s on $(nproc) cores (budget 2,000 on two)')"
echo "reports: $(wc -l < "$work/reports.ndjson") lines, $(stat -c %s "$work/reports.ndjson") bytes"

#!/bin/sh
# Times `work365-doctor decode` on a log against ripgrep on the same files: one file on one core, one file as it is
# usually run, and the same log in eight files on all cores.
#
#   benches/decode-log.sh [BINARY [MEBIBYTES [RUNS]]]
#
# The log has one code in 500 lines. The programs take turns, so that what else the machine does hits all of them; the
# least time says what is possible, the median what is usual. On a busy machine the processor time is the figure to
# look at. `reading` is `cat` to nowhere: no program that reads a file can be faster. ripgrep maps the file instead of
# reading it, which costs less where the page cache holds it in large pieces, and ends with SIGBUS when a log is cut
# short meanwhile; see `src/decode/many/log/window.rs`.
# Budget: at most 0.8 of ripgrep's time, under 64 MB of memory.
set -eu
binary=${1:-target/release/work365-doctor}
size=${2:-1024}
runs=${3:-9}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v bytes="$((size * 1048576))" 'BEGIN {
  srand(1)
  code[0] = "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication."
  code[1] = "{\"error\":{\"code\":\"0x80040220\",\"message\":\"Principal user is missing prvReadAccount privilege\"}}"
  code[2] = "AADSTS53003: Access has been blocked by Conditional Access policies."
  code[3] = "{\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}"
  while (written < bytes) {
    line++
    stamp = sprintf("2026-01-%02dT%02d:%02d:%02d.%03dZ", 1 + line / 4000000, line / 3600 % 24, line / 60 % 60, line % 60, line % 1000)
    if (line % 500 == 0)
      text = sprintf("%s ERROR svc%d@contoso.com %s Correlation ID: %08x-1198-4acb-929f-c648674e32bd", stamp, line / 500 % 40, code[line / 500 % 4], line)
    else
      text = sprintf("%s INFO  worker-%d handled request %08x in %d ms, 0x%04x bytes, status 200, queue depth %d", stamp, line % 16, rand() * 2147483647, line % 900, line % 65536, line % 31)
    print text
    written += length(text) + 1
  }
}' > "$work/log"
split -n l/8 "$work/log" "$work/part."

# Appends "wall processor kilobytes" (milliseconds) of one run to a file.
once() {
  name=$1
  shift
  start=$(date +%s%N)
  /usr/bin/time -f '%U %S %M' -o "$work/time" "$@" > /dev/null 2> /dev/null || true
  wall=$((($(date +%s%N) - start) / 1000000))
  tail -1 "$work/time" | awk -v wall="$wall" '{ print wall, ($1 + $2) * 1000, $3 }' >> "$work/$name.times"
}

# The least and the median of a column.
least() { sort -n -k "$2,$2" "$work/$1.times" | awk -v column="$2" 'NR == 1 { print $column }'; }
median() { sort -n -k "$2,$2" "$work/$1.times" | awk -v column="$2" '{ all[NR] = $column } END { print all[int((NR + 1) / 2)] }'; }
most() { sort -n -k "$2,$2" "$work/$1.times" | awk -v column="$2" 'END { print $column }'; }

pattern='AADSTS[0-9]+|0x8[0-9a-fA-F]{7}'
run=0
while [ "$run" -lt "$runs" ]; do
  run=$((run + 1))
  once rg_core taskset -c 0 rg -j1 -o "$pattern" "$work/log"
  once our_core taskset -c 0 "$binary" decode -o json "$work/log"
  once cat_core taskset -c 0 cat "$work/log"
  once rg_one rg -o "$pattern" "$work/log"
  once our_one "$binary" decode -o json "$work/log"
  once cat_one cat "$work/log"
  once rg_all rg -o "$pattern" "$work"/part.*
  once our_all "$binary" decode -o json "$work"/part.*
  once cat_all cat "$work"/part.*
done

row() {
  ratio=$(awk -v ours="$3" -v theirs="$2" 'BEGIN { printf "%.2f", ours / (theirs > 0 ? theirs : 1) }')
  printf '%-28s %8s %8s %8s %6s\n' "$1" "$2" "$3" "$4" "$ratio"
}
printf '%-28s %8s %8s %8s %6s\n' "milliseconds, $runs runs" ripgrep decode reading ratio
for files in core one all; do
  case $files in
    core) label="one file, one core" ;;
    one) label="one file" ;;
    all) label="eight files" ;;
  esac
  row "$label, least" "$(least rg_$files 1)" "$(least our_$files 1)" "$(least cat_$files 1)"
  row "  median" "$(median rg_$files 1)" "$(median our_$files 1)" "$(median cat_$files 1)"
  row "  processor time, least" "$(least rg_$files 2)" "$(least our_$files 2)" "$(least cat_$files 2)"
done
echo "decode's peak memory: $(most our_one 3) kB with one file, $(most our_all 3) kB with eight"

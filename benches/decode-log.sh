#!/bin/sh
# Times `work365-doctor decode` on a log against ripgrep on the same file, best of five each.
#
#   benches/decode-log.sh [BINARY [MEBIBYTES]]
#
# The log has one code in 500 lines. Budget (DESIGN section 7): at most 0.8 of ripgrep's time with one file on
# one thread and with eight files on all cores, under 64 MB of memory.
set -eu
binary=${1:-target/release/work365-doctor}
size=${2:-1024}
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

best() {
  least=
  for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$@" > "$work/out" 2> /dev/null || true
    took=$((($(date +%s%N) - start) / 1000000))
    if [ -z "$least" ] || [ "$took" -lt "$least" ]; then least=$took; fi
  done
  echo "$least"
}

pattern='AADSTS[0-9]+|0x8[0-9a-fA-F]{7}'
rg_one=$(best rg -j1 -o "$pattern" "$work/log")
our_one=$(best taskset -c 0 "$binary" decode -o json "$work/log")
rg_all=$(best rg -o "$pattern" "$work"/part.*)
our_all=$(best "$binary" decode -o json "$work"/part.*)
memory=$(/usr/bin/time -f %M "$binary" decode -o json "$work/log" 2>&1 > /dev/null | tail -1 || true)

echo "case       ripgrep ms   decode ms   ratio x100"
echo "one file   $rg_one          $our_one         $((our_one * 100 / rg_one))"
echo "8 files    $rg_all          $our_all         $((our_all * 100 / rg_all))"
echo "decode's memory: $memory kB"

# SPDX-License-Identifier: MIT
# cpuid_count counts the exits of a known number of CPUIDs, on the CPU and leaf that they ran on.
# machines: amd intel
# long: intel
# smp: 2
# vmm: cpuid_count
# launch: no
# programs: cpuid_loop

. /bf/lib.sh
load_driver
check "the VMM is loaded" bfm load /bf/cpuid_count.elf
check "the VMM starts" bfm start
check "1000 CPUIDs of one leaf on CPU 1 agree" cpuid_loop --cpu 1 --leaf 0x80000002 1000
check "the VMM stops" bfm stop
bfm log >/tmp/log
count=$(sed -n 's/.*cpu 1 leaf 0x80000002 count \([0-9]*\).*/\1/p' /tmp/log | tail -n 1)
if [ "${count:-0}" -ge 1000 ]; then
	ok "at least 1000 exits are counted on CPU 1"
else
	grep -i 'leaf' /tmp/log | head -n 40
	not_ok "at least 1000 exits are counted on CPU 1 (${count:-none})"
fi

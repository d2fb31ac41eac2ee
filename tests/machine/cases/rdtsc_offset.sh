# SPDX-License-Identifier: MIT
# What the VMM takes for a CPUID is hidden from the guest's time-stamp counter, which still goes
# forward. On Bochs a tick is an instruction.
# machines: intel amd-bochs
# vmm: rdtsc_offset
# launch: no
# programs: bench_exit

. /bf/lib.sh
# ticks ARGS: of one CPUID of leaf 0, with the empty loop's, under the VMM with these options.
ticks() {
	bfm load /bf/rdtsc_offset.elf --args "$1" >/dev/null && bfm start >/dev/null || return
	bench_exit | sed -n 's/^cpuid0_ticks_min //p'
	bfm stop >/dev/null
	bfm unload >/dev/null
}

load_driver
seen=$(ticks "on=0")
hidden=$(ticks "")
tuned=$(ticks "rest=$((hidden - 20))")
echo "ticks of a CPUID: $seen in sight, $hidden with what the hooks see hidden, $tuned tuned"
check "without hooks it takes its time" test "$seen" -gt 60
check "with the constant it takes less than half of that" test "$tuned" -lt $((seen / 2))
check "and time goes forward" test "$tuned" -gt 0

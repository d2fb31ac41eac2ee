# SPDX-License-Identifier: MIT
# The demonstration: each step is shown and checked.

failures=0
dmesg -c >/dev/null

# step TEXT COMMAND...: show and run a command that must succeed; its output stays in /tmp/out.
step() {
	echo
	echo "--- $1"
	shift
	echo "# $*"
	"$@" >/tmp/out 2>&1
	status=$?
	cat /tmp/out
	[ $status = 0 ] || failed "'$*' ended with status $status"
}

failed() {
	echo "not ok - $*"
	failures=$((failures + 1))
}

# holds TEXT PATTERN: the last output must match.
holds() {
	if grep -E -e "$2" /tmp/out >/dev/null; then
		echo "ok - $1"
	else
		failed "$1 (nothing matches '$2')"
	fi
}

running() {
	step "$1" bfm status
	holds "2 of 2 CPUs are under the VMM" '2 of 2'
}

step "The driver" insmod /bf/bareframe.ko
step "Is this machine fit?" bfm check
step "The hypervisor that CPUID names on the bare machine, if any" hvid
cp /tmp/out /tmp/bare.hvid
step "Load the VMM" bfm load /bf/cpuid_count.elf
step "Start it under the running Linux" bfm start
running "All CPUs run under it"
step "The hypervisor that CPUID names now" hvid --expect BareframeVMM
step "Some work that exits to the VMM" cpuid_loop --cpu 1 --leaf 1 1000
step "Stop" bfm stop
step "The VMM's log with the count table" bfm log
holds "the thousand of CPU 1 are in the count table" 'cpu 1 leaf 0x0*1 count 1[0-9]{3}$'
step "The hypervisor that CPUID names after the stop, as at first" hvid
cmp -s /tmp/out /tmp/bare.hvid || failed "CPUID is not what it was on the bare machine"
step "Start a second time" bfm start
running "All CPUs run under it again"
step "Stop a second time" bfm stop
step "Unload the VMM" bfm unload
step "Unload the driver" rmmod bareframe
echo
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace' && failed "the kernel's log has a warning"
if [ $failures = 0 ]; then
	echo "ok - every step held"
else
	echo "not ok - $failures step(s) did not hold"
fi
[ $failures = 0 ]

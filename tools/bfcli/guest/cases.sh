# SPDX-License-Identifier: MIT
# Runs machine-test cases inside the workstation. See tests/machine/README.md.

BF_BAD_KERNEL_WORDS='WARNING:|BUG:|Oops|Call Trace|protection fault'
BF_BAD_KERNEL_WORDS="$BF_BAD_KERNEL_WORDS|stall on CPU|stalls on CPU|soft lockup|INFO: task"

# run_case NAME alone|launched|compare VMM ARGS FILTER clean|any
run_case() {
	mark case-begin "$1"
	dmesg -c >/dev/null
	"case_$2" "/bf/cases/$1.sh" "$3" "$4" "$5"
	status=$?
	[ "$6" = any ] || check_kernel_log
	mark case-end "$status"
}

case_script() {
	(cd /tmp && VMM="$2" VMM_ARGS="$3" sh "$1")
}

case_alone() {
	case_script "$@"
	status=$?
	if [ -d /sys/module/bareframe ]; then
		bfm stop >/dev/null 2>&1
		bfm unload >/dev/null 2>&1
		rmmod bareframe || echo "not ok - the driver unloads after the case"
	fi
	return $status
}

case_launched() {
	start_quietly "$2" "$3" || return 0
	case_script "$@"
	status=$?
	stop_quietly
	return $status
}

# The same script bare and under the VMM; what it prints must be the same.
case_compare() {
	case_script "$@" >/tmp/bare.out 2>&1
	status=$?
	[ $status = 0 ] || echo "not ok - the script ends with 0 on the bare machine ($status)"
	dmesg -c >/dev/null
	start_quietly "$2" "$3" || return 0
	case_script "$@" >/tmp/vmm.out 2>&1
	status=$?
	stop_quietly
	compare_outputs "$4"
	return $status
}

compare_outputs() {
	sed -e "$1" /tmp/bare.out >/tmp/bare.filtered
	sed -e "$1" /tmp/vmm.out >/tmp/vmm.filtered
	lines=$(wc -l </tmp/bare.filtered)
	if [ "$lines" = 0 ]; then
		echo "not ok - the script prints something to compare"
	elif cmp -s /tmp/bare.filtered /tmp/vmm.filtered; then
		echo "ok - bare and under the VMM the same $lines lines"
	else
		echo "--- bare and +++ under the VMM:"
		diff -U 0 /tmp/bare.filtered /tmp/vmm.filtered | grep '^[-+]' | head -60
		echo "not ok - bare and under the VMM the same $lines lines"
	fi
}

start_quietly() {
	if launch_steps "$1" "$2" >/tmp/launch.out 2>&1; then
		echo "ok - the VMM $1 starts"
		return 0
	fi
	cat /tmp/launch.out
	bfm log 2>&1 | tail -n 60
	dmesg | tail -n 30
	echo "not ok - the VMM $1 starts"
	retire_steps >/dev/null 2>&1
	rmmod bareframe 2>/dev/null
	return 1
}

stop_quietly() {
	if retire_steps >/tmp/retire.out 2>&1; then
		echo "ok - the VMM stops and unloads"
		return 0
	fi
	cat /tmp/retire.out
	bfm log 2>&1 | tail -n 60
	echo "not ok - the VMM stops and unloads"
}

check_kernel_log() {
	dmesg -c >/tmp/kernel.log
	if grep -E "$BF_BAD_KERNEL_WORDS" /tmp/kernel.log >/dev/null; then
		tail -n 60 /tmp/kernel.log
		echo "not ok - the kernel's log has no warning"
	else
		echo "ok - the kernel's log has no warning"
	fi
}

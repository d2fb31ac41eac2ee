# SPDX-License-Identifier: MIT
# For the cases of tests/machine/cases: '. /bf/lib.sh'. Each function prints one verdict line.

ok() {
	echo "ok - $*"
}

not_ok() {
	echo "not ok - $*"
}

skip() {
	echo "skip - $*"
}

# check TEXT COMMAND...: ok when the command succeeds; its output is shown when it does not.
check() {
	text=$1
	shift
	if "$@" >/tmp/check.out 2>&1; then
		ok "$text"
	else
		status=$?
		head -n 40 /tmp/check.out
		not_ok "$text (status $status: $*)"
		return 1
	fi
}

# fails TEXT STATUS COMMAND...: ok when the command ends with this exit status.
fails() {
	text=$1
	wanted=$2
	shift 2
	"$@" >/tmp/check.out 2>&1
	status=$?
	if [ "$status" = "$wanted" ]; then
		ok "$text"
	else
		head -n 40 /tmp/check.out
		not_ok "$text (status $status, not $wanted: $*)"
		return 1
	fi
}

# says TEXT PATTERN: ok when the output of the last check matches the pattern (grep -E).
says() {
	if grep -E -e "$2" /tmp/check.out >/dev/null; then
		ok "$1"
	else
		head -n 40 /tmp/check.out
		not_ok "$1 (nothing matches '$2')"
		return 1
	fi
}

# equal TEXT FOUND WANTED
equal() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1 ('$2', not '$3')"
		return 1
	fi
}

online_cpus() {
	grep -c '^processor' /proc/cpuinfo
}

# cpus_under_vmm: how many CPUs the driver says the VMM runs.
cpus_under_vmm() {
	bfm status --json | tr ',{}' '\n\n\n' |
		sed -n 's/.*"cpus_running": *\([0-9]*\).*/\1/p' | head -n 1
}

load_driver() {
	[ -d /sys/module/bareframe ] || insmod /bf/bareframe.ko
}

# SPDX-License-Identifier: MIT
# Functions for the scripts of the emulated workstation. The host finds marks in the output by the
# two control bytes in front of them.

BF_VMM_LOG_LINES=2000

mark() {
	printf '\001\002%s\n' "$*"
}

# load_modules NAME...: modules of the distribution's kernel, in the order given.
load_modules() {
	for name in "$@"; do
		insmod "/bf/modules/$name.ko" || echo "bf: module $name did not load"
	done
}

# launch VMM ARGS: load the driver and the VMM, and start it on all CPUs.
launch() {
	mark section launch
	launch_steps "$@"
	status=$?
	mark section none
	return $status
}

# What the VMM says goes to the console too: after a panic nobody could read it elsewhere.
launch_steps() {
	[ -d /sys/module/bareframe ] || insmod /bf/bareframe.ko || return 1
	case " $2" in
	*" serial="*) args=$2 ;;
	*) args="${2:+$2 }serial=0x3f8" ;;
	esac
	bfm load "/bf/$1.elf" --args "$args" || return 1
	bfm start
}

# retire: the way back to the bare machine.
retire() {
	mark section retire
	retire_steps
	status=$?
	mark section none
	return $status
}

retire_steps() {
	bfm stop && bfm unload && rmmod bareframe
}

vmm_log() {
	mark section vmm-log
	bfm log 2>&1 | tail -n "$BF_VMM_LOG_LINES"
	mark section none
}

kernel_log() {
	mark section kernel-log
	dmesg
	mark section none
}

# interactive: a shell with job control on the results line.
interactive() {
	stty -F /dev/ttyS1 sane
	setsid sh -c 'exec sh -i </dev/ttyS1 >/dev/ttyS1 2>&1'
	status=$?
	# The end of a session hangs its terminal up: whoever writes on must open it again.
	exec >/dev/ttyS1 2>&1
	stty -F /dev/ttyS1 raw -echo
	return $status
}

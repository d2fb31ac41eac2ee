# SPDX-License-Identifier: MIT
# CPUs call each other from hooks, one at a time and all at once, and the guest notices nothing.
# machines: amd intel amd-bochs
# smp: amd=4 intel=2 amd-bochs=2
# memory: amd=1024
# vmm: test_calls
# programs: call_loop
# timeout: amd=300 intel=900 amd-bochs=900
. /bf/lib.sh

rounds=20
[ "$(online_cpus)" = 4 ] && rounds=100
cpus=$(online_cpus)
nmis() {
	sed -n 's/^ *NMI:\(.*\)Non-mask.*/\1/p' /proc/interrupts
}

before=$(nmis)
for cpu in $(seq 0 $((cpus - 1))); do
	for way in each nested; do
		check "CPU $cpu reaches all ($way)" \
			call_loop --cpu "$cpu" --way $way --reached "$cpus" $rounds
	done
	check "CPU $cpu reaches one (next)" \
		call_loop --cpu "$cpu" --way next --reached 1 $rounds
	# Where more CPUs are emulated than there are, these take long: all have to run at once.
	check "CPU $cpu meets all (meet-all)" \
		call_loop --cpu "$cpu" --way meet-all --reached "$cpus" 20
	check "CPU $cpu holds all (meet-caller)" \
		call_loop --cpu "$cpu" --way meet-caller --reached 1 20
	check "CPU $cpu does not wait (later)" call_loop --cpu "$cpu" --way later $rounds
done
for cpu in $(seq 0 $((cpus - 1))); do
	(call_loop --cpu "$cpu" 60 >/tmp/calls.$cpu 2>&1 ||
		touch /tmp/calls.failed) &
done
wait
check "all CPUs call at the same time" test ! -e /tmp/calls.failed
[ ! -e /tmp/calls.failed ] || cat /tmp/calls.*
equal "no kick became an NMI of the guest" "$(nmis)" "$before"
equal "nor an NMI that it does not know" "$(dmesg | grep -c 'NMI received')" 0

# SPDX-License-Identifier: MIT
# CPUs go offline and come back, and the VMM stops and starts, while CPUs call each other.
# machines: amd intel
# long: intel
# smp: amd=4 intel=2
# memory: amd=1024
# vmm: test_calls
# launch: no
# programs: call_loop
# timeout: amd=400 intel=900
. /bf/lib.sh

load_driver
check "load" bfm load /bf/test_calls.elf
check "start" bfm start
all=$(online_cpus)
last=$((all - 1))
rounds=2
[ "$all" = 4 ] && rounds=10

# On the first CPU, which stays: each call has to succeed, whoever is there.
(while [ ! -e /tmp/enough ]; do
	call_loop 12 >/tmp/calls.out 2>&1 || touch /tmp/calls.failed
done) &
done=0
while [ $done -lt $rounds ]; do
	for cpu in $(seq 1 $last); do
		echo 0 >/sys/devices/system/cpu/cpu"$cpu"/online || break 2
		[ "$(cpus_under_vmm)" = "$(online_cpus)" ] || break 2
	done
	for cpu in $(seq 1 $last); do
		echo 1 >/sys/devices/system/cpu/cpu"$cpu"/online || break 2
	done
	[ "$(cpus_under_vmm)" = "$all" ] || break
	done=$((done + 1))
done
touch /tmp/enough
wait
equal "all CPUs but one go and come back" "$done times" "$rounds times"
check "no call has failed meanwhile" test ! -e /tmp/calls.failed
[ ! -e /tmp/calls.failed ] || cat /tmp/calls.out
check "stop" bfm stop

# Without a VMM the program sees nothing but CPUIDs with odd results.
rm /tmp/enough
for cpu in $(seq 0 $last); do
	(while [ ! -e /tmp/enough ]; do call_loop --cpu "$cpu" 12 >/dev/null 2>&1; done) &
done
done=0
while [ $done -lt $rounds ]; do
	bfm start >/tmp/cycle.out 2>&1 || break
	[ "$(cpus_under_vmm)" = "$all" ] || break
	bfm stop >>/tmp/cycle.out 2>&1 || break
	done=$((done + 1))
done
touch /tmp/enough
[ $done = $rounds ] || cat /tmp/cycle.out
wait
equal "stop and start under calls" "$done times" "$rounds times"
equal "no NMI has reached a CPU that knows nothing of it" \
	"$(dmesg | grep -c 'NMI received')" 0
check "unload" bfm unload

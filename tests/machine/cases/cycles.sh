# SPDX-License-Identifier: MIT
# Start and stop over and over while the machine works.
# machines: amd intel
# long: intel
# smp: amd=4 intel=2
# memory: amd=1024
# launch: no
# programs: sysload cpuid_loop
# timeout: amd=600 intel=900
. /bf/lib.sh

# The load ends with a whole pass, which takes long where every instruction is interpreted.
cycles=20
rounds=1
if [ "$(online_cpus)" = 4 ]; then
	cycles=100
	rounds=50
fi

load_driver
check "load" bfm load /bf/minimal.elf
(while [ ! -e /tmp/enough ]; do
	sysload --rounds $rounds >/tmp/load.out 2>&1 || touch /tmp/load.failed
done) &
(while [ ! -e /tmp/enough ]; do cpuid_loop 2000 >/dev/null; done) &
done=0
while [ $done -lt $cycles ]; do
	bfm start >/tmp/cycle.out 2>&1 || break
	[ "$(cpus_under_vmm)" = "$(online_cpus)" ] || break
	bfm stop >>/tmp/cycle.out 2>&1 || break
	done=$((done + 1))
done
touch /tmp/enough
[ $done = $cycles ] || cat /tmp/cycle.out
equal "start and stop under load" "$done cycles" "$cycles cycles"
wait
check "the load itself never failed" test ! -e /tmp/load.failed
check "unload" bfm unload

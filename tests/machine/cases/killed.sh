# SPDX-License-Identifier: MIT
# A bfm that is killed at any moment leaves the machine sound and the driver usable.
# machines: amd
# smp: 2
# launch: no
. /bf/lib.sh

load_driver
check "load" bfm load /bf/minimal.elf
i=0
while [ $i -lt 20 ]; do
	bfm start >/dev/null 2>&1 &
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	bfm stop >/dev/null 2>&1 &
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	i=$((i + 1))
done
bfm stop >/dev/null 2>&1
check "start after 20 killed starts and stops" bfm start
equal "all CPUs are under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
check "stop" bfm stop
check "unload" bfm unload

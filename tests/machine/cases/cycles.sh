# SPDX-License-Identifier: MIT
# Start and stop, over and over, while every CPU works.
# machines: amd intel
# smp: amd=4 intel=2
# launch: no
# programs: sysload
# timeout: amd=500 intel=700

. /bf/lib.sh
case $(grep -c '^processor' /proc/cpuinfo) in
4) cycles=100 ;;
*) cycles=20 ;;
esac
load_driver
check "the VMM is loaded" bfm load /bf/minimal.elf
(while :; do sysload --workers 4 --rounds 20 || touch /tmp/load-failed; done) >/tmp/load.out 2>&1 &
load=$!
done=0
while [ $done -lt $cycles ] && bfm start >/tmp/cycle.out 2>&1 && bfm stop >/tmp/cycle.out 2>&1; do
	done=$((done + 1))
done
kill $load
[ $done = $cycles ] || cat /tmp/cycle.out
equal "$cycles cycles of start and stop under load" "$done" "$cycles"
if [ -e /tmp/load-failed ]; then
	tail -n 20 /tmp/load.out
	not_ok "the load runs without a fault"
else
	ok "the load runs without a fault"
fi
killall -q sysload
check "the VMM is unloaded" bfm unload

# SPDX-License-Identifier: MIT
# The states of the driver: what is refused in each, with which exit status, and that it survives.
# machines: amd intel
# smp: 2
# launch: no
# programs: hvid

. /bf/lib.sh
load_driver
check "status of a driver without an image" bfm status
fails "a start without an image is refused" 69 bfm start
fails "a stop while stopped is refused" 69 bfm stop
fails "an unload of nothing is refused" 69 bfm unload
fails "a file that is no image is refused" 65 bfm load /bin/busybox
fails "a file that is not there is refused" 66 bfm load /bf/nothing.elf
check "the VMM is loaded" bfm load /bf/minimal.elf
fails "a second load is refused" 69 bfm load /bf/minimal.elf
check "the VMM starts" bfm start
check "status while running" bfm status
says "all CPUs are under the VMM" "2 of 2"
fails "a second start is refused" 69 bfm start
fails "an unload while running is refused" 69 bfm unload
fails "a load while running is refused" 69 bfm load /bf/minimal.elf
if rmmod bareframe 2>/dev/null; then
	not_ok "the driver stays while the VMM runs"
else
	ok "the driver stays while the VMM runs"
fi
check "exits are counted" bfm stats
check "the VMM stops" bfm stop
fails "a second stop is refused" 69 bfm stop
check "the log stays readable after the stop" bfm log
check "the VMM starts again" bfm start
check "and stops again" bfm stop
check "the VMM is unloaded" bfm unload
check "bfm says its version and the driver's" bfm version

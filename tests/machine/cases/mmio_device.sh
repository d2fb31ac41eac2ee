# SPDX-License-Identifier: MIT
# A device that only the VMM has answers instructions of every kind.
# machines: amd intel
# vmm: mmio_device
# programs: mmio_probe
# launch: no
# timeout: amd=120 intel=600

. /bf/lib.sh
load_driver
fails "bare there is no such device" 1 mmio_probe
check "the VMM is loaded" bfm load /bf/mmio_device.elf
check "the VMM starts" bfm start
check "all that the program tries works" mmio_probe
says "nine checks" 'mmio_probe: 9 of 9'
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
says "each access came once" 'mmio_device: 42 accesses, sum 75'
fails "the device has gone with it" 1 mmio_probe

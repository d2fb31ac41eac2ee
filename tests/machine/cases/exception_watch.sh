# SPDX-License-Identifier: MIT
# Exceptions are counted on the CPU that raises them, and programs get them as on the bare machine.
# machines: amd intel
# smp: 2
# vmm: exception_watch
# launch: no
# programs: behave

. /bf/lib.sh
load_driver
behave --cpu 1 ud2 hlt >/tmp/bare.out
check "the VMM is loaded" bfm load /bf/exception_watch.elf
check "the VMM starts" bfm start
behave --cpu 1 ud2 hlt >/tmp/vmm.out
check "programs get what they got" cmp /tmp/bare.out /tmp/vmm.out
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
says "the #UD is counted on CPU 1" 'CPU 1 vector 6 count 1'
says "and the #GP" 'CPU 1 vector 13 count [1-9]'

# SPDX-License-Identifier: MIT
# A program in user space talks to an extension; without it the same call is an illegal instruction.
# machines: amd intel
# vmm: hypercall_echo
# launch: no
# programs: hypercall

. /bf/lib.sh
load_driver
fails "bare nobody answers" 1 hypercall 0x6563686f 1
check "the VMM is loaded" bfm load /bf/hypercall_echo.elf
check "the VMM starts" bfm start
equal "the argument comes back" "$(hypercall 0x6563686f 0x123456789abcdef)" 0x123456789abcdef
equal "a sum" "$(hypercall 0x65636870 1 2 3)" 0x6
equal "the ring of a program" "$(hypercall 0x65636871)" 0x3
equal "a number of the range that nothing has" "$(hypercall 0x656368ff)" 0xfffffffffffffff4
fails "a number behind it" 1 hypercall 0x65636900
says "is named" 'nobody answers 0x65636900: #UD'
check "the VMM stops" bfm stop
fails "bare again" 1 hypercall 0x6563686f 1

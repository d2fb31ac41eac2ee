# SPDX-License-Identifier: MIT
# Bits of control registers that change are named, and each write does what it does unwatched.
# machines: amd intel
# vmm: cr_watch
# launch: no
# test-modules: bf_do

. /bf/lib.sh
load_driver
check "the module for ring 0 loads" insmod /bf/bf_do.ko
check "the VMM is loaded" bfm load /bf/cr_watch.elf
check "the VMM starts" bfm start
check "CR4.PCE there and back" sh -c 'echo cr4_write >/proc/bf_do'
check "CR0.TS there and back" sh -c 'echo cr0_write >/proc/bf_do'
check "the VMM stops" bfm stop
bfm log >/tmp/check.out
says "CR4.PCE goes on" 'vCPU 0 CR4.PCE 0 -> 1 at 0xffffffff'
says "and off" 'vCPU 0 CR4.PCE 1 -> 0 at 0xffffffff'
says "CR0.TS goes on" 'vCPU 0 CR0.TS 0 -> 1 at 0xffffffff'
says "and off" 'vCPU 0 CR0.TS 1 -> 0 at 0xffffffff'
says "both writes of CR4 are counted" 'CR4 written ([2-9]|[1-9][0-9]+) changed ([2-9]|[1-9][0-9]+)'
check "the module unloads" rmmod bf_do

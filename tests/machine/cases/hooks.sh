# SPDX-License-Identifier: MIT
# Every hook there is: set, called, removed. Without hooks nothing exits but what has to; each hook
# brings its own exits and no others, and takes them with it.
# machines: amd intel
# smp: amd=2 intel=1
# vmm: hook_table
# programs: hook_table sysload
# test-modules: bf_do
# timeout: 600

. /bf/lib.sh
check "the module for ring 0 loads" insmod /bf/bf_do.ko
hook_table --load "sysload --rounds 2 >/dev/null"
hook_table
check "the module unloads" rmmod bf_do

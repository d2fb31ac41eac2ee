# SPDX-License-Identifier: MIT
# Every command in every state, and what must be refused.
# machines: amd intel
# smp: 2
# vmm: cpuid_count
# launch: no
# programs: hvid
. /bf/lib.sh

load_driver
equal "the device is root's alone" "$(stat -c '%a %u' /dev/bareframe)" "600 0"
fails "start with no image is refused" 69 bfm start
says "it says what to do first" 'bfm load'
fails "stop with no image is refused" 69 bfm stop
check "load" bfm load /bf/cpuid_count.elf
fails "a second load is refused" 69 bfm load /bf/cpuid_count.elf
fails "stop before start is refused" 69 bfm stop
check "start" bfm start
equal "all CPUs are under the VMM" "$(cpus_under_vmm)" "$(online_cpus)"
check "CPUID shows the VMM on every CPU" hvid --expect BareframeVMM
fails "a second start is refused" 69 bfm start
fails "unload while running is refused" 69 bfm unload
says "it names the state and the remedy" 'stop'
fails "load while running is refused" 69 bfm load /bf/cpuid_count.elf
check "the driver cannot be unloaded while running" sh -c '! rmmod bareframe'
check "it goes on all the same" hvid --expect BareframeVMM
check "stop" bfm stop
check "CPUID does not show the VMM any more" sh -c '! hvid --expect BareframeVMM'
check "the log stays readable" bfm log
says "the log has the extension's table" 'cpuid_count: cpu 0 total [1-9]'
check "a second start" bfm start
equal "all CPUs are under the VMM again" "$(cpus_under_vmm)" "$(online_cpus)"
check "stop again" bfm stop
check "unload" bfm unload
fails "a second unload is refused" 69 bfm unload
check "quick" bfm quick /bf/cpuid_count.elf
check "stop after quick" bfm stop
check "unload after quick" bfm unload
check "the driver unloads" rmmod bareframe

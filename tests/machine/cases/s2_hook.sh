# SPDX-License-Identifier: MIT
# A function of the kernel is hooked on all CPUs: calls are redirected, its bytes read as ever.
# machines: amd intel amd-bochs
# smp: 2
# vmm: s2_hook
# programs: hook_call
# timeout: amd=120 intel=600 amd-bochs=600

. /bf/lib.sh
check "calls are redirected while the hook is on, and only then" hook_call 50
says "on both CPUs, and the bytes are the original ones" \
	'cpus 2 rounds 1 calls 200 missed 0 stray 0 read original'

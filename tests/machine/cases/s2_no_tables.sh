# SPDX-License-Identifier: MIT
# Without second-level tables an extension that needs them does not start, and the log says why.
# machines: amd intel
# cpu: amd=max,+svm,-npt intel=core2_penryn_t9600
# vmm: s2_hook
# launch: no
# timeout: amd=120 intel=600

. /bf/lib.sh
load_driver
check "the VMM is loaded" bfm load /bf/s2_hook.elf
bfm start >/tmp/check.out 2>&1
says "it does not start: the extension's init returned an error" 's2_hook'
equal "no CPU is under it" "$(cpus_under_vmm)" 0
bfm log >/tmp/check.out
says "the log names the reason" \
	'extension s2_hook: no access control: this CPU has no second-level tables'

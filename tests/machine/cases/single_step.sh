# SPDX-License-Identifier: MIT
# A process is traced instruction by instruction, from inside itself, and runs on as if it were not.
# machines: amd intel
# vmm: single_step
# programs: cpuid_loop

. /bf/lib.sh
check "the process ends as it does untraced" cpuid_loop --leaf 0x40000020 --subleaf 40 1
bfm log >/tmp/check.out
says "the log has the number of instructions" 'single_step: vCPU [0-9]+, 40 instructions'
equal "each of them has a line" "$(grep -c 'single_step: *[0-9]* 0x' /tmp/check.out)" 40
# Short instructions, mostly one after the other: at most 15 bytes apart.
near=$(sed -n 's/.*single_step: *[0-9]* \(0x[0-9a-f]*\)$/\1/p' /tmp/check.out | {
	last=0
	near=0
	while read -r rip; do
		distance=$((rip - last))
		[ "$distance" -ge 1 ] && [ "$distance" -le 15 ] && near=$((near + 1))
		last=$rip
	done
	echo $near
})
check "most follow the one before ($near of 39)" test "$near" -ge 20
steps=$(bfm stats | sed -n 's/^ *single step *//p')
check "untraced it makes no more steps" cpuid_loop --leaf 1 100
equal "stepping has ended" "$(bfm stats | sed -n 's/^ *single step *//p')" "$steps"

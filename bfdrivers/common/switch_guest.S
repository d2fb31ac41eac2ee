/* SPDX-License-Identifier: MIT */
/*
 * What a CPU calls as a guest, in ring 0. Included by switch.S.
 *
 * int64_t bf_switch_stop(struct bf_switch *sw): the VMM captures the guest, with RIP behind the
 * hypercall, and leaves by bf_switch_back, which keeps no register but RSP and RAX. If the VMM
 * refuses, the same instructions run as a guest.
 */
BF_CODE bf_switch_stop
	SAVE_REGISTERS
	pushfq
	mov $BF_SW_HC_STOP, %eax
	cmpq $0, BF_SW_AMD(%rdi)
	jne 1f
	vmcall
	BF_LANDING
	jmp 2f
1:	vmmcall
	BF_LANDING
2:	popfq
	RESTORE_REGISTERS
	BF_RET
BF_END bf_switch_stop

/* int64_t bf_switch_hypercall(struct bf_switch *sw, uint64_t number, uint64_t argument) */
BF_CODE bf_switch_hypercall
	mov %rdi, %rcx
	mov %rsi, %rax
	mov %rdx, %rdi
	cmpq $0, BF_SW_AMD(%rcx)
	jne 1f
	vmcall
	BF_RET
1:	vmmcall
	BF_RET
BF_END bf_switch_hypercall

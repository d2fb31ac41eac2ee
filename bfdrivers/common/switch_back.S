/* SPDX-License-Identifier: MIT */
/*
 * bf_switch_back: out of the VMM. Jumped to in the VMM's world with RDI = struct bf_switch and
 * RSI = status; goes on in the loader's world as sw->world says, with RAX = status. Included by
 * switch.S. As on the way in, "live" names what an NMI finds.
 */
BF_CODE bf_switch_back
	/* Live: the VMM's tables; its NMI takes an IST stack of its own. Or the record's. */
	lea BF_SW_STACK_TOP(%rdi), %rsp
	/* Live: record's IDT and stack, VMM's GDT and CR3. */
	lidt BF_SW_TMP_IDTR(%rdi)
	/* Live: record's IDT, GDT and stack; CS and SS hold selectors that are valid in it. */
	lgdt BF_SW_TMP_GDTR(%rdi)
	movzwl BF_SW_CS(%rdi), %eax
	push %rax
	lea 1f(%rip), %rax
	push %rax
	lretq
1:	BF_LANDING
	/* PCIDE is off: bits 0 to 11 must not name a PCID yet. */
	mov BF_SW_CR3(%rdi), %rax
	and $-4096, %rax
	mov %rax, %cr3
	/*
	 * Live: as before, under the host's CR3. Its memory is readable: LDT first, for a data
	 * segment may lie in it. The TSS is marked available in the record's GDT alone.
	 */
	lldt BF_SW_LDTR(%rdi)
	cmpw $0, BF_SW_TR(%rdi)
	je 2f
	ltr BF_SW_TR(%rdi)
2:	mov BF_SW_ES(%rdi), %es
	mov BF_SW_DS(%rdi), %ds
	mov BF_SW_SS(%rdi), %ss
	mov BF_SW_FS(%rdi), %fs
	mov BF_SW_GS(%rdi), %gs
	RESTORE_MSR MSR_FS_BASE, BF_SW_FS_BASE
	RESTORE_MSR MSR_GS_BASE, BF_SW_GS_BASE
	RESTORE_MSR MSR_EFER, BF_SW_EFER
	mov BF_SW_CR0(%rdi), %rax
	mov %rax, %cr0
	/* PCIDE, then the PCID, then PGE: its change flushes what was cached under PCID 0. */
	mov BF_SW_CR4(%rdi), %rdx
	mov %rdx, %rax
	and $~CR4_PGE, %rax
	mov %rax, %cr4
	mov BF_SW_CR3(%rdi), %rax
	mov %rax, %cr3
	mov %rdx, %cr4
	/* Live: record's IDT and stack, host's GDT and CR3. */
	lgdt BF_SW_GDTR(%rdi)
	/* Live: all the host's; its NMI finds GS base, TSS and CR3 whole. */
	lidt BF_SW_IDTR(%rdi)
	mov BF_SW_RSP(%rdi), %rsp

	/* No one sets the flag any more: the record's IDT is off. */
	cmpq $0, BF_SW_NMI_PENDING(%rdi)
	je 3f
	movq $0, BF_SW_NMI_PENDING(%rdi)
	int $2
3:	mov %rsi, %rax
	pushq BF_SW_RFLAGS(%rdi)
	popfq
	BF_INDIRECT
	jmp *BF_SW_RIP(%rdi)
BF_END bf_switch_back

	/* Where a CPU comes out of bf_switch_call: by bf_switch_back, or as a guest, RAX 0. */
	.balign 16
landing:
	BF_LANDING
	RESTORE_REGISTERS
	BF_RET

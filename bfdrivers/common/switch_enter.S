/* SPDX-License-Identifier: MIT */
/*
 * int64_t bf_switch_call(struct bf_switch *sw, uint64_t op): into the VMM. Included by switch.S.
 *
 * "Live" names what an NMI finds after each step: IDT, GDT, stack it is pushed on, CR3. Every
 * IDT gate names a CS that is 64-bit code in every GDT, so the order of LGDT and LIDT is free.
 */
BF_CODE bf_switch_call
	SAVE_REGISTERS
	mov %rdi, %rbx
	mov %rsi, %rbp
	pushfq
	popq BF_SW_RFLAGS(%rbx)
	lea landing(%rip), %rax
	mov %rax, BF_SW_RIP(%rbx)
	lea bf_switch_back(%rip), %rax
	mov %rax, BF_SW_BACK(%rbx)
	mov %rsp, BF_SW_RSP(%rbx)
	mov %cr0, %rax
	mov %rax, BF_SW_CR0(%rbx)
	mov %cr3, %rax
	mov %rax, BF_SW_CR3(%rbx)
	mov %cr4, %rax
	mov %rax, BF_SW_CR4(%rbx)
	mov %es, BF_SW_ES(%rbx)
	mov %cs, BF_SW_CS(%rbx)
	mov %ss, BF_SW_SS(%rbx)
	mov %ds, BF_SW_DS(%rbx)
	mov %fs, BF_SW_FS(%rbx)
	mov %gs, BF_SW_GS(%rbx)
	sldt BF_SW_LDTR(%rbx)
	str BF_SW_TR(%rbx)
	sgdt BF_SW_GDTR(%rbx)
	sidt BF_SW_IDTR(%rbx)
	SAVE_MSR MSR_FS_BASE, BF_SW_FS_BASE
	SAVE_MSR MSR_GS_BASE, BF_SW_GS_BASE
	SAVE_MSR MSR_EFER, BF_SW_EFER

	/* Live: all the host's; its NMI takes an IST stack, or this page, which is as good. */
	lea BF_SW_STACK_TOP(%rbx), %rsp
	/* Live: record's IDT without IST, record's stack, host's GDT and CR3. */
	lidt BF_SW_TMP_IDTR(%rbx)
	/* Live: the record's tables and stack, which are mapped alike under both CR3. */
	lgdt BF_SW_TMP_GDTR(%rbx)

	/* Null is valid in every GDT: an IRET from an NMI reloads SS from whichever is live. */
	xor %eax, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %eax, %es

	/* The VMM's tables have NX bits: they would be reserved bits without NXE. */
	mov $MSR_EFER, %ecx
	mov BF_SW_EFER(%rbx), %eax
	mov BF_SW_EFER + 4(%rbx), %edx
	or $EFER_NXE, %eax
	wrmsr
	/*
	 * PGE, PCIDE: no translation of the host's may outlive its CR3, global ones above all. CET:
	 * the shadow stack is not mapped in the VMM, and WP could not change under it. PKS: the
	 * host's keys say nothing about the VMM's pages. SMEP, SMAP stay: no page is a user page.
	 */
	mov BF_SW_CR4(%rbx), %rax
	and $~(CR4_PGE | CR4_PCIDE | CR4_CET | CR4_PKS), %rax
	mov %rax, %cr4
	mov BF_SW_CR0(%rbx), %rax
	or $CR0_WP, %rax
	mov %rax, %cr0

	mov BF_SW_VMM_CR3(%rbx), %rax
	mov %rax, %cr3
	/* Live: as before. The stack below is the VMM's; the gates find the record by SIDT. */
	mov BF_SW_VMM_STACK(%rbx), %rsp
	mov BF_SW_BOOT_VA(%rbx), %rdi
	mov %rbx, %rsi
	mov %rbp, %rdx
	cld
	BF_INDIRECT
	call *BF_SW_VMM_ENTRY(%rbx)
	mov %rbx, %rdi
	mov %rax, %rsi
	jmp bf_switch_back
BF_END bf_switch_call

/* SPDX-License-Identifier: MIT */
/* Part of the boot sector, 32-bit: map the first 4 GiB one to one, go to long mode and leave. */

	mov	$TABLES, %edi
	xor	%eax, %eax
	mov	$0x1800, %ecx
	rep stosl
	movl	$TABLES + 0x1003, TABLES
	mov	$TABLES + 0x2003, %eax
	mov	$TABLES + 0x1000, %edi
	mov	$4, %ecx
4:	mov	%eax, (%edi)
	add	$0x1000, %eax
	add	$8, %edi
	loop	4b
	mov	$0x83, %eax
	mov	$TABLES + 0x2000, %edi
	mov	$2048, %ecx
5:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	5b
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	$0x20, %eax		/* CR4.PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	mov	$PARAMS, %esi
	mov	PARAMS + ENTRY, %eax
	ljmp	$0x10, $long_mode

	.code64
long_mode:
	mov	%eax, %eax
	jmp	*%rax

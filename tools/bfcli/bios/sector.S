/* SPDX-License-Identifier: MIT */
/*
 * Boot sector for Bochs: ask the BIOS for the memory map, read the unpacked kernel, its boot
 * parameters and the initramfs from the two disks straight to where they belong, and enter the
 * kernel by the 64-bit boot protocol (Documentation/arch/x86/boot.rst).
 */

	.set	PARAMS, 0xff0000	/* struct boot_params, see kernel_image.py */
	.set	E820_COUNT, 0x1e8
	.set	E820_TABLE, 0x2d0
	.set	ENTRY, 0x214		/* code32_start carries the kernel's 64-bit entry */
	.set	MAP, 0x8000		/* where the BIOS writes the memory map */
	.set	MAP_MOST, 128
	.set	AT_ONCE, 128		/* sectors of one read command */
	.set	TABLES, 0x10000		/* PML4, PDPT, 4 page directories: identity map of 4 GiB */

	.code16
	.globl	_start
_start:
	ljmp	$0, $1f
1:	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %esp
	xor	%ebx, %ebx
	xor	%bp, %bp		/* entries so far */
	mov	$MAP, %di
2:	mov	$0xe820, %eax
	mov	$20, %ecx
	mov	$0x534d4150, %edx
	int	$0x15
	jc	3f
	inc	%bp
	add	$20, %di
	cmp	$MAP_MOST, %bp
	jae	3f
	test	%ebx, %ebx
	jnz	2b
3:	in	$0x92, %al		/* A20 */
	or	$2, %al
	out	%al, $0x92
	cli
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmp	$0x20, $protected

	.code32
protected:
	mov	$0x18, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	push	%ebp
#include "read_disks.S"
	pop	%ebp
	movzwl	%bp, %ecx
	mov	%cl, PARAMS + E820_COUNT
	mov	$MAP, %esi
	mov	$PARAMS + E820_TABLE, %edi
	imul	$5, %ecx
	rep movsl
#include "enter_kernel.S"

	.balign	8
gdt:	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff	/* 0x10: 64-bit code (__BOOT_CS) */
	.quad	0x00cf93000000ffff	/* 0x18: data (__BOOT_DS) */
	.quad	0x00cf9b000000ffff	/* 0x20: 32-bit code */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	/* What to read: first sector, sectors, address, drive. The build machine fills this in. */
	.org	0x1c0
loads:	.fill	6, 8, 0
loads_end:
	.org	510
	.word	0xaa55

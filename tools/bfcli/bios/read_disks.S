/* SPDX-License-Identifier: MIT */
/* Part of the boot sector, 32-bit: read what the table `loads` says, by programmed I/O. */

	mov	$0x3f6, %dx		/* no disk interrupts */
	mov	$2, %al
	out	%al, %dx
	mov	$loads, %esi
read_next:
	mov	(%esi), %ebx
	mov	4(%esi), %ebp
	mov	8(%esi), %edi
read_some:
	mov	$AT_ONCE, %ecx
	cmp	%ecx, %ebp
	jae	1f
	mov	%ebp, %ecx
1:	sub	%ecx, %ebp
	mov	$0x1f2, %dx
	mov	%cl, %al
	out	%al, %dx
	mov	%ebx, %eax
	add	%ecx, %ebx
	inc	%edx
	out	%al, %dx
	shr	$8, %eax
	inc	%edx
	out	%al, %dx
	shr	$8, %eax
	inc	%edx
	out	%al, %dx
	mov	12(%esi), %al
	inc	%edx
	out	%al, %dx
	mov	$0x20, %al		/* READ SECTORS */
	inc	%edx
	out	%al, %dx
2:	push	%ecx
3:	in	%dx, %al
	and	$0x88, %al		/* BSY, DRQ */
	cmp	$0x08, %al
	jne	3b
	mov	$0x1f0, %dx
	mov	$256, %ecx
	rep insw
	mov	$0x1f7, %dx
	pop	%ecx
	loop	2b
	test	%ebp, %ebp
	jnz	read_some
	add	$16, %esi
	cmp	$loads_end, %esi
	jb	read_next

/* SPDX-License-Identifier: MIT */
/*
 * What the VMM's assembly and linker script define: labels without code behind them, that tests
 * of fault handling can point at.
 */
__asm__(".section .rodata\n"
	".balign 16\n"
	".globl bf_idt_stubs\n"
	"bf_idt_stubs: .skip 512\n"
	".globl bf_nmi_window_start, bf_nmi_window_end, bf_nmi_window_restart\n"
	"bf_nmi_window_restart: .skip 8\n"
	"bf_nmi_window_start: .skip 8\n"
	"bf_nmi_window_end: .skip 8\n"
	".globl bf_fixups_start, bf_fixups_end\n"
	"bf_fixups_start: .quad 0x1000, 0x1002, 0x2000, 0x2003\n"
	"bf_fixups_end: .quad 0x3000, 0x3003\n"
	".previous\n");

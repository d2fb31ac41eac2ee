/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* XGETBV and XSETBV. */
#include <linux/kernel.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/tlbflush.h>
#include "bf_probe.h"

/* Of the value that is there already. */
#define OLD "xor %ecx, %ecx; xgetbv\n"

#define SNIPPETS(X)                                                                                \
	X(xgetbv, SHOW_RAX | SHOW_RDX, "mov $-1, %rax; mov $-1, %rdx; xor %ecx, %ecx; xgetbv")     \
	X(xgetbv_garbage, SHOW_RAX | SHOW_RDX, "movabs $0xdeadbeef00000000, %rcx; xgetbv")         \
	X(xgetbv_1, 0, "mov $1, %ecx; xgetbv")                                                     \
	X(xgetbv_2, 0, "mov $2, %ecx; xgetbv")                                                     \
	X(xgetbv_max, 0, "mov $-1, %ecx; xgetbv")                                                  \
	X(xsetbv_same, SHOW_RAX | SHOW_RDX, OLD "xsetbv; xgetbv")                                  \
	X(xsetbv_same_garbage, SHOW_RAX | SHOW_RDX,                                                \
	  OLD "movabs $0xdeadbeef00000000, %rcx; or %rcx, %rax; or %rcx, %rdx; xsetbv; " OLD)      \
	X(xsetbv_less, SHOW_RAX | SHOW_RDX,                                                        \
	  OLD "mov %eax, %ebx; mov %edx, %esi; mov $3, %eax; xor %edx, %edx; xsetbv; xgetbv\n"     \
	      "mov %rax, %r8; mov %ebx, %eax; mov %esi, %edx; xsetbv; mov %r8, %rax")              \
	X(xsetbv_zero, 0, "xor %eax, %eax; xor %edx, %edx; xsetbv")                                \
	X(xsetbv_no_x87, 0, "mov $6, %eax; xsetbv")                                                \
	X(xsetbv_avx_no_sse, 0, "mov $5, %eax; xsetbv")                                            \
	X(xsetbv_bndregs_only, 0, "mov $0xb, %eax; xsetbv")                                        \
	X(xsetbv_avx512_part, 0, "mov $0x27, %eax; xsetbv")                                        \
	X(xsetbv_reserved, 0, OLD "or $-1, %edx; xsetbv")                                          \
	X(xsetbv_bit_8, 0, OLD "or $0x100, %eax; xsetbv")                                          \
	X(xsetbv_index_1, 0, OLD "inc %ecx; xsetbv")                                               \
	X(xsetbv_index_max, 0, OLD "dec %ecx; xsetbv")

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

#define CPUID_1_ECX_XSAVE (1u << 26)

bool xcr_enable(void)
{
	if (!(cpuid_ecx(1) & CPUID_1_ECX_XSAVE) || cr4_read_shadow() & X86_CR4_OSXSAVE)
		return false;
	cr4_set_bits(X86_CR4_OSXSAVE);
	return true;
}

void xcr_disable(void)
{
	cr4_clear_bits(X86_CR4_OSXSAVE);
}

void probe_xcr(void)
{
	PROBE_ALL(snippets);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Values that a CPU refuses in CR0, CR3, CR4, EFER and TR. QEMU's TCG takes them, or ends as if a
 * guest had to exit where there is none, so these run only when asked for.
 */
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include "bf_probe.h"

/* Each ends in a fault; what a lax machine has taken is put back. */
#define REFUSED(cr, change)                                                                        \
	"mov %" cr ", %rcx; mov %rcx, %rax\n" change "\nmov %rax, %" cr "; mov %rcx, %" cr
#define EFER "mov $0xc0000080, %ecx; rdmsr\n"

#define SNIPPETS(X)                                                                                \
	X(cr0_nw_alone, 0, REFUSED("cr0", "bts $29, %rax"))                                        \
	X(cr0_bit_32, 0, REFUSED("cr0", "bts $32, %rax"))                                          \
	X(cr0_no_paging, 0, REFUSED("cr0", "btr $31, %rax"))                                       \
	X(cr3_bit_62, 0, REFUSED("cr3", "bts $62, %rax"))                                          \
	X(cr4_bit_63, 0, REFUSED("cr4", "bts $63, %rax"))                                          \
	X(cr4_bit_31, 0, REFUSED("cr4", "bts $31, %rax"))                                          \
	X(cr4_bit_15, 0, REFUSED("cr4", "bts $15, %rax"))                                          \
	X(cr4_no_pae, 0, REFUSED("cr4", "btr $5, %rax"))                                           \
	X(cr4_other_la57, 0, REFUSED("cr4", "btc $12, %rax"))                                      \
	X(efer_no_lme, 0, EFER "btr $8, %eax; wrmsr")                                              \
	X(efer_bit_63, 0, EFER "bts $31, %edx; wrmsr")                                             \
	X(efer_bit_9, 0, EFER "bts $9, %eax; wrmsr")                                               \
	X(ltr_null, 0, "ltr %ax")                                                                  \
	X(step_cr4_bit_63, 0, TF_ON REFUSED("cr4", "bts $63, %rax"))

SNIPPETS(SNIPPET)
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_OF)};

/* Bochs lets a guest of SVM do this, and ends. */
#define VMX_SNIPPETS(X) X(cr0_no_protection, 0, REFUSED("cr0", "btr $0, %rax"))

VMX_SNIPPETS(SNIPPET)
static const struct snippet vmx_snippets[] = {VMX_SNIPPETS(SNIPPET_OF)};

void probe_hazards(void)
{
	if (!bf_hazards)
		return;
	PROBE_ALL(snippets);
	if (!boot_cpu_has(X86_FEATURE_SVM))
		PROBE_ALL(vmx_snippets);
}

/* SPDX-License-Identifier: MIT */
/* Which reason is asked for by which bits of the VMCB. */
#include <svm/svm.h>

#define CR_ALL           0x011du /* 0, 2, 3, 4, 8 */
#define DR_ALL           0x00ffu
#define EXCEPTION_BIT(n) (1u << (n))
/* NMI and #MC are reasons of their own; vectors 9 and 15 are reserved. */
#define EXCEPTIONS                                                                                 \
	(~(EXCEPTION_BIT(BF_VECTOR_NMI) | EXCEPTION_BIT(9) | EXCEPTION_BIT(15) |                   \
	   EXCEPTION_BIT(BF_VECTOR_MC)))

/*
 * CR0: in a guest some implementations let PE be cleared under paging, which VMRUN may do and MOV
 * may not, and do not survive it.
 */
#define BASE_MISC1                                                                                 \
	(SVM_MISC1_INIT | SVM_MISC1_CR0_SEL | SVM_MISC1_CPUID | SVM_MISC1_INVD |                   \
	 SVM_MISC1_INVLPGA | SVM_MISC1_MSR_PROT | SVM_MISC1_SHUTDOWN)
#define BASE_MISC2                                                                                 \
	(SVM_MISC2_VMRUN | SVM_MISC2_VMMCALL | SVM_MISC2_VMLOAD | SVM_MISC2_VMSAVE |               \
	 SVM_MISC2_STGI | SVM_MISC2_CLGI | SVM_MISC2_SKINIT)
/* See is_svm_instruction() in reflect.c. */
#define BASE_EXCEPTIONS EXCEPTION_BIT(BF_VECTOR_GP)

struct bits {
	uint8_t field; /* enum svm_field; 0 with mask 0: cannot be asked for */
	uint32_t mask;
	bool keyed; /* a bit of the mask is that of a key */
};

static const struct bits first[BF_EXIT_COUNT] = {
	[BF_EXIT_EXCEPTION] = {SVM_INTERCEPT_EXCEPTION, EXCEPTIONS, true},
	[BF_EXIT_MACHINE_CHECK] = {SVM_INTERCEPT_EXCEPTION, EXCEPTION_BIT(BF_VECTOR_MC), false},
	[BF_EXIT_EXTERNAL_INTERRUPT] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INTR, false},
	[BF_EXIT_NMI] = {SVM_INTERCEPT_MISC1, SVM_MISC1_NMI, false},
	[BF_EXIT_SMI] = {SVM_INTERCEPT_MISC1, SVM_MISC1_SMI, false},
	[BF_EXIT_TRIPLE_FAULT] = {SVM_INTERCEPT_MISC1, SVM_MISC1_SHUTDOWN, false},
	[BF_EXIT_INIT] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INIT, false},
	[BF_EXIT_TASK_SWITCH] = {SVM_INTERCEPT_MISC1, SVM_MISC1_TASK_SWITCH, false},
	[BF_EXIT_CPUID] = {SVM_INTERCEPT_MISC1, SVM_MISC1_CPUID, false},
	[BF_EXIT_HYPERCALL] = {SVM_INTERCEPT_MISC2, SVM_MISC2_VMMCALL, false},
	[BF_EXIT_VIRT_INSTRUCTION] = {SVM_INTERCEPT_MISC2, BASE_MISC2 & ~SVM_MISC2_VMMCALL, false},
	[BF_EXIT_HLT] = {SVM_INTERCEPT_MISC1, SVM_MISC1_HLT, false},
	[BF_EXIT_INVD] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INVD, false},
	[BF_EXIT_WBINVD] = {SVM_INTERCEPT_MISC2, SVM_MISC2_WBINVD, false},
	[BF_EXIT_INVLPG] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INVLPG, false},
	[BF_EXIT_INVPCID] = {SVM_INTERCEPT_MISC3, SVM_MISC3_INVPCID, false},
	[BF_EXIT_RDPMC] = {SVM_INTERCEPT_MISC1, SVM_MISC1_RDPMC, false},
	[BF_EXIT_RDTSC] = {SVM_INTERCEPT_MISC1, SVM_MISC1_RDTSC, false},
	[BF_EXIT_RDTSCP] = {SVM_INTERCEPT_MISC2, SVM_MISC2_RDTSCP, false},
	[BF_EXIT_RSM] = {SVM_INTERCEPT_MISC1, SVM_MISC1_RSM, false},
	[BF_EXIT_CR_READ] = {SVM_INTERCEPT_CR_READ, CR_ALL, true},
	[BF_EXIT_CR_WRITE] = {SVM_INTERCEPT_CR_WRITE, CR_ALL, true},
	[BF_EXIT_DR_ACCESS] = {SVM_INTERCEPT_DR_READ, DR_ALL, true},
	[BF_EXIT_IO] = {SVM_INTERCEPT_MISC1, SVM_MISC1_IOIO_PROT, false},
	[BF_EXIT_RDMSR] = {SVM_INTERCEPT_MISC1, SVM_MISC1_MSR_PROT, false},
	[BF_EXIT_WRMSR] = {SVM_INTERCEPT_MISC1, SVM_MISC1_MSR_PROT, false},
	[BF_EXIT_MONITOR] = {SVM_INTERCEPT_MISC2, SVM_MISC2_MONITOR, false},
	[BF_EXIT_MWAIT] = {SVM_INTERCEPT_MISC2, SVM_MISC2_MWAIT, false},
	[BF_EXIT_PAUSE] = {SVM_INTERCEPT_MISC1, SVM_MISC1_PAUSE, false},
	[BF_EXIT_XSETBV] = {SVM_INTERCEPT_MISC2, SVM_MISC2_XSETBV, false},
	[BF_EXIT_GDTR_IDTR] = {SVM_INTERCEPT_MISC1, SVM_MISC1_GDTR_IDTR, false},
	[BF_EXIT_LDTR_TR] = {SVM_INTERCEPT_MISC1, SVM_MISC1_LDTR_TR, false},
	[BF_EXIT_SINGLE_STEP] = {SVM_INTERCEPT_EXCEPTION, 0, false}, /* see step.c */
	[BF_EXIT_SOFT_INTERRUPT] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INTN, false},
	[BF_EXIT_PUSHF_POPF] = {SVM_INTERCEPT_MISC1, SVM_MISC1_PUSHF_POPF, false},
};

/* The few reasons that have bits in a second field. */
static const struct bits second[BF_EXIT_COUNT] = {
	[BF_EXIT_DR_ACCESS] = {SVM_INTERCEPT_DR_WRITE, DR_ALL, true},
	[BF_EXIT_VIRT_INSTRUCTION] = {SVM_INTERCEPT_MISC1, SVM_MISC1_INVLPGA, false},
};

static uint32_t base_of(const struct bf_vcpu *vcpu, uint8_t field)
{
	switch (field) {
	case SVM_INTERCEPT_MISC1:
		return BASE_MISC1 | bf_svm_nmi_intercepts(vcpu);
	case SVM_INTERCEPT_MISC2:
		return BASE_MISC2;
	case SVM_INTERCEPT_EXCEPTION:
		return BASE_EXCEPTIONS | (bf_svm(vcpu)->stepping ? EXCEPTION_BIT(BF_VECTOR_DB) : 0);
	default:
		return 0;
	}
}

void bf_svm_intercept_base(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	v->intercept_exception = BASE_EXCEPTIONS;
	v->intercept_misc1 = BASE_MISC1 | bf_svm_nmi_intercepts(vcpu);
	v->intercept_misc2 = BASE_MISC2;
}

static void apply(struct bf_vcpu *vcpu, const struct bits *bits, uint64_t keys)
{
	uint64_t value = bf_vmcb_read(&bf_svm(vcpu)->vmcb, bits->field) & ~(uint64_t)bits->mask;

	if (!bits->mask)
		return;
	if (bits->keyed)
		value |= keys & bits->mask;
	else if (keys)
		value |= bits->mask;
	bf_svm_write(vcpu, bits->field, value | base_of(vcpu, bits->field));
}

/* One that waits to be set again (window.c) is on already, and off for good when turned off. */
static bool waits(struct bf_vcpu *vcpu, const struct bits *bits, bool on)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);

	if (bits->field != SVM_INTERCEPT_MISC1 || !(svm->rearm & bits->mask))
		return false;
	if (!on)
		svm->rearm &= ~bits->mask;
	return on;
}

uint64_t bf_svm_can_intercept(enum bf_exit_reason reason)
{
	const struct bits *bits = &first[reason];

	if (reason == BF_EXIT_S2_FAULT)
		return bf_svm_caps.npt ? UINT64_MAX : 0;
	if (reason == BF_EXIT_SINGLE_STEP)
		return UINT64_MAX;
	return bits->mask && !bits->keyed ? UINT64_MAX : bits->mask;
}

int bf_svm_intercept(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys)
{
	if (!bf_svm_can_intercept(reason))
		return BF_ENOTSUP;
	/* MSRs are always intercepted: which of them depends on the map. */
	if (reason == BF_EXIT_RDMSR || reason == BF_EXIT_WRMSR)
		return 0;
	if (waits(vcpu, &first[reason], keys))
		return 0;
	apply(vcpu, &first[reason], keys);
	apply(vcpu, &second[reason], keys);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Past the exiting instruction, the quick way.
 *
 * Where the CPU does not give the next RIP, the instruction has to be fetched and decoded. What
 * that found the last time is found again for the price of checking that nothing has changed:
 * not RIP, not the mode, no entry of the page tables on the way, not the bytes themselves.
 */
#ifndef SVM_ADVANCE_H
#define SVM_ADVANCE_H

#include <bfvmm/msr.h>
#include <svm/svm.h>

#define SVM_AT_CS 0x410

/* Selector, attributes and limit of CS: the mode of 64-bit code, with EFER. */
static inline uint64_t bf_svm_cs(const union bf_vmcb *v)
{
	uint64_t cs;

	__builtin_memcpy(&cs, &v->page[SVM_AT_CS], sizeof(cs));
	return cs;
}

/** @return whether the instruction at RIP is the one in @p f. EFER is never 0 in a VMCB. */
static inline __attribute__((always_inline)) bool bf_svm_known(const struct bf_svm_fetch *f,
							       const union bf_vmcb *v)
{
	if (f->efer != v->efer || f->rip != v->rip || f->cr3 != v->cr3 || f->cr4 != v->cr4 ||
	    f->cs != bf_svm_cs(v))
		return false;
	if (*f->step[0].entry != f->step[0].value || *f->step[1].entry != f->step[1].value ||
	    *f->step[2].entry != f->step[2].value || *f->step[3].entry != f->step[3].value ||
	    *f->step[4].entry != f->step[4].value)
		return false;
	return (*f->code & f->mask) == f->bytes;
}

/** RIP is @p next; the interrupt shadow ends. @return whether the flags want more work */
static inline bool bf_svm_step(union bf_vmcb *v, uint64_t next)
{
	v->rip = next;
	v->interrupt_shadow = 0;
	return v->rflags & (RFLAGS_TF | RFLAGS_RF);
}

/** What completes an instruction that began with TF or RF set. */
void bf_svm_step_flags(struct bf_vcpu *vcpu);

static inline __attribute__((always_inline)) void bf_svm_advance_to(struct bf_vcpu *vcpu,
								    uint64_t next)
{
	if (__builtin_expect(bf_svm_step(&bf_svm(vcpu)->vmcb, next), 0))
		bf_svm_step_flags(vcpu);
}

/** As bf_svm_advance(), after a plain exit on a CPU that gives the next RIP. */
static inline __attribute__((always_inline)) void bf_svm_advance_nrip(struct bf_vcpu *vcpu)
{
	bf_svm_advance_to(vcpu, bf_svm(vcpu)->vmcb.nrip);
}

/** As bf_svm_advance(), on any CPU. */
static inline __attribute__((always_inline)) void bf_svm_advance_known(struct bf_vcpu *vcpu)
{
	const struct bf_svm_vcpu *svm = bf_svm(vcpu);

	if (__builtin_expect(bf_svm_known(&svm->fetch, &svm->vmcb), 1))
		bf_svm_advance_to(vcpu, svm->fetch.rip + svm->fetch.length);
	else
		bf_svm_advance(vcpu);
}

#endif

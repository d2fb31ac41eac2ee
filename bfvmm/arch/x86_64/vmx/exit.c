/* SPDX-License-Identifier: MIT */
/* The exit path, between the stub of entry.S and the slots. */
#include <stddef.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/dispatch.h>
#include <vmx/advance.h>

/* As entry.S pushes and loads them. */
_Static_assert(offsetof(struct bf_vcpu, regs) == 0 && offsetof(struct bf_regs, rax) == 0 &&
		       offsetof(struct bf_regs, rbx) == 8 * 3 &&
		       offsetof(struct bf_regs, rbp) == 8 * 4 &&
		       offsetof(struct bf_regs, r8) == 8 * 7 &&
		       offsetof(struct bf_regs, r15) == 8 * 14,
	       "entry.S knows the order of the registers");

/* Entries of the table are constant: a handler only reads its exit. */
static inline struct bf_exit *exit_of(uint64_t reason)
{
	return (struct bf_exit *)&bf_vmx_exits[reason & 0xff];
}

/*
 * Everything but "handled, go behind the instruction". That needs neither the vCPU nor the exit
 * any more, and is quicker for not keeping them; here they are looked up again.
 */
static __attribute__((cold, noinline)) void other_verdict(enum bf_verdict verdict)
{
	struct bf_vcpu *vcpu = bf_this_pcpu()->vcpu;
	struct bf_exit *exit = exit_of(bf_hw_vmread(VMCS_EXIT_REASON));

	bf_vmx_requeue(vcpu, exit->raw, verdict == BF_INJECT);
	if (verdict != BF_DONE)
		bf_exit_verdict(vcpu, exit, verdict);
}

/*
 * Of the exit reason only the basic reason counts: the entry-failure bit comes with basic reasons
 * of its own. entry.S tests vcpu->pending afterwards.
 */
void bf_vmx_exit(struct bf_vcpu *vcpu)
{
	struct bf_exit *exit = exit_of(bf_hw_vmread(VMCS_EXIT_REASON));
	enum bf_verdict verdict = bf_exit_dispatch(vcpu, exit);

	if (__builtin_expect(verdict == BF_SKIP, 1))
		bf_vmx_advance_quickly();
	else
		other_verdict(verdict);
}

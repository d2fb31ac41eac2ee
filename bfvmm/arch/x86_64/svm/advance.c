/* SPDX-License-Identifier: MIT */
/* Past the exiting instruction. */
#include <bfhw/hw.h>
#include <svm/advance.h>
#include <svm/exitcode.h>

#define DR6_BS       (1ull << 14)
#define DR6_B        0xfull
#define DR7_KIND(n)  (16 + 4 * (n)) /* RW, 0 for a breakpoint on execution */
#define DEBUGCTL_BTF (1ull << 1)

#define PF_FETCH 0x10u
#define PF_USER  0x04u

#define CACHED_BYTES 8u

uint64_t bf_svm_rip_plus(const union bf_vmcb *v, uint64_t bytes)
{
	enum bf_insn_mode mode = bf_svm_mode(v);
	uint64_t next = v->rip + bytes;

	/* Only a carry is cut off: what else is in the upper bits was there before. */
	if (mode != BF_INSN_64 && (next ^ v->rip) >> 32)
		next = (uint32_t)next;
	if (mode == BF_INSN_16 && (next ^ v->rip) >> 16)
		next = (uint16_t)next;
	return next;
}

/* Keeps what it takes to recognize an instruction of 64-bit code at RIP. */
static void remember(const struct bf_vcpu *vcpu, uint32_t length)
{
	struct bf_svm_fetch *f = &bf_svm(vcpu)->fetch;
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	struct bf_space space;
	struct bf_insn insn;
	struct bf_walk walk;
	uint64_t now;
	void *code;

	f->efer = 0;
	if (length > CACHED_BYTES || (v->rip & (BF_PAGE_SIZE - 1)) > BF_PAGE_SIZE - CACHED_BYTES)
		return;
	bf_svm_space(vcpu, &space);
	if (bf_guest_walk(&space, v->rip, &walk) ||
	    bf_guest_memory(space.vm, walk.gpa, CACHED_BYTES, &code))
		return;
	*f = (struct bf_svm_fetch){
		.rip = v->rip,
		.cr3 = v->cr3,
		.cr4 = v->cr4,
		.efer = v->efer,
		.cs = bf_svm_cs(v),
		.code = code,
		.length = length,
		.mask = length < CACHED_BYTES ? (1ull << 8 * length) - 1 : UINT64_MAX,
	};
	/* A walk has three to five steps: the first one fills up the rest. */
	for (uint32_t i = 0; i < BF_WALK_STEPS; i++)
		f->step[i] = walk.step[i < walk.steps ? i : 0];
	now = *f->code;
	f->bytes = now & f->mask;
	/* Another CPU may be writing there: keep only what these very bytes say. */
	if (bf_insn_decode((const uint8_t *)&now, CACHED_BYTES, BF_INSN_64, &insn) ||
	    insn.length != length)
		f->efer = 0;
}

/* Lengths without prefixes of what exits by default, by exit code. */
static const uint8_t bare_length[256] = {
	[VMEXIT_CPUID] = 2, [VMEXIT_INVD] = 2,    [VMEXIT_MSR] = 2,    [VMEXIT_INVLPGA] = 3,
	[VMEXIT_VMRUN] = 3, [VMEXIT_VMMCALL] = 3, [VMEXIT_VMLOAD] = 3, [VMEXIT_VMSAVE] = 3,
	[VMEXIT_STGI] = 3,  [VMEXIT_CLGI] = 3,    [VMEXIT_SKINIT] = 3,
};

/*
 * Code outside RAM (flash, firmware's reserved memory) cannot be read through the direct map. It
 * is firmware's, whose CPUID and RDMSR have no prefixes.
 */
static bool unprefixed(const struct bf_vcpu *vcpu, uint64_t *next)
{
	const union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint8_t length = v->exitcode < sizeof(bare_length) ? bare_length[v->exitcode] : 0;
	struct bf_space space;
	struct bf_walk walk;
	void *code;

	bf_svm_space(vcpu, &space);
	if (!length || bf_guest_walk(&space, bf_svm_code_address(v), &walk) ||
	    bf_guest_memory(space.vm, walk.gpa, 1, &code) != BF_EDEVICE)
		return false;
	*next = bf_svm_rip_plus(v, length);
	return true;
}

static bool decoded(struct bf_vcpu *vcpu, uint64_t *next)
{
	struct bf_svm_vcpu *svm = bf_svm(vcpu);
	struct bf_insn insn;

	if (bf_svm_decode(vcpu, &insn))
		return unprefixed(vcpu, next);
	if (bf_svm_mode(&svm->vmcb) == BF_INSN_64)
		remember(vcpu, insn.length);
	*next = bf_svm_rip_plus(&svm->vmcb, insn.length);
	return true;
}

bool bf_svm_next_rip(struct bf_vcpu *vcpu, uint64_t *next)
{
	const struct bf_svm_vcpu *svm = bf_svm(vcpu);
	const union bf_vmcb *v = &svm->vmcb;

	if (bf_svm_caps.nrip && v->nrip)
		*next = v->nrip;
	else if (v->exitcode == VMEXIT_IOIO)
		*next = v->exitinfo2;
	else if (bf_svm_known(&svm->fetch, v))
		*next = v->rip + svm->fetch.length;
	else
		return decoded(vcpu, next);
	return true;
}

/* DR6 after a single step to RIP. */
static uint64_t step_dr6(const union bf_vmcb *v)
{
	const uint64_t address[] = {bf_hw_read_dr0(), bf_hw_read_dr1(), bf_hw_read_dr2(),
				    bf_hw_read_dr3()};
	uint64_t dr6 = v->dr6 | DR6_BS;

	/* CPUs that give the next RIP leave the rest alone. */
	if (bf_svm_caps.nrip)
		return dr6;
	/* Others show breakpoints on the next instruction too. */
	dr6 &= ~DR6_B;
	for (uint32_t i = 0; i < 4; i++)
		if (!(v->dr7 >> DR7_KIND(i) & 0x3) && address[i] == v->rip)
			dr6 |= 1ull << i;
	return dr6;
}

void bf_svm_step_flags(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;
	uint64_t flags = v->rflags;

	v->rflags = flags & ~RFLAGS_RF;
	/* With BTF only branches trap, and none of the instructions that exit is one. */
	if (!(flags & RFLAGS_TF) || (bf_svm_get(vcpu, BF_DEBUGCTL) & DEBUGCTL_BTF))
		return;
	if (bf_svm(vcpu)->stepping) {
		bf_svm(vcpu)->step_due = true;
		bf_vcpu_pend(vcpu, BF_PENDING_BACKEND);
		return;
	}
	bf_svm_write(vcpu, SVM_DR6, step_dr6(v));
	bf_svm_raise(vcpu, BF_VECTOR_DB, false, 0);
}

/*
 * The guest executed an instruction that its page tables no longer lead to: another CPU has just
 * unmapped it. The fetch fault that comes of it comes now.
 */
static void fetch_fault(struct bf_vcpu *vcpu)
{
	union bf_vmcb *v = &bf_svm(vcpu)->vmcb;

	bf_svm_write(vcpu, SVM_CR2, bf_svm_code_address(v));
	bf_svm_flush(vcpu);
	bf_svm_raise(vcpu, BF_VECTOR_PF, true,
		     (v->efer & EFER_NXE || v->cr4 & CR4_SMEP ? PF_FETCH : 0) |
			     (v->cpl == 3 ? PF_USER : 0));
}

void bf_svm_advance(struct bf_vcpu *vcpu)
{
	uint64_t next;

	if (bf_svm_next_rip(vcpu, &next))
		bf_svm_advance_to(vcpu, next);
	else
		fetch_fault(vcpu);
}

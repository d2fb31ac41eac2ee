/* SPDX-License-Identifier: MIT */
/*
 * Control registers. VMX wants some bits of CR0 and CR4 set; those belong to the VMM by the
 * guest/host masks, and the guest reads its own values from the read shadows.
 */
#include <bfvmm/msr.h>
#include <bfvmm/ram.h>
#include <vmx/vmx.h>

#define CR0_ET      0x10ull
#define CR0_CACHE   (CR0_CD | CR0_NW)
#define CR3_NOFLUSH (1ull << 63)
#define CR3_LAM     (3ull << 61)
#define CR3_PAE     0xffffffe0ull
#define CR3_PCID    0xfffull
#define PDPTES      4

/* Protection and paging are not forced on an unrestricted guest (SDM 24.8). */
static uint64_t cr0_forced(const struct bf_vmx_vcpu *v)
{
	return bf_vmx_caps.cr0_fixed0 & ~(v->unrestricted ? CR0_PE | CR0_PG : 0);
}

uint64_t bf_vmx_cr0(struct bf_vcpu *vcpu)
{
	uint64_t mask = bf_vmx_of(vcpu)->cr0_mask;

	return (bf_hw_vmread(VMCS_GUEST_CR0) & ~mask) | (bf_hw_vmread(VMCS_CR0_READ_SHADOW) & mask);
}

uint64_t bf_vmx_cr4(struct bf_vcpu *vcpu)
{
	uint64_t mask = bf_vmx_of(vcpu)->cr4_mask;

	return (bf_hw_vmread(VMCS_GUEST_CR4) & ~mask) | (bf_hw_vmread(VMCS_CR4_READ_SHADOW) & mask);
}

void bf_vmx_write_cr0(struct bf_vcpu *vcpu, uint64_t view)
{
	bf_hw_vmwrite(VMCS_GUEST_CR0, view | cr0_forced(bf_vmx_of(vcpu)));
	bf_hw_vmwrite(VMCS_CR0_READ_SHADOW, view);
}

void bf_vmx_write_cr4(struct bf_vcpu *vcpu, uint64_t view)
{
	(void)vcpu;
	bf_hw_vmwrite(VMCS_GUEST_CR4, view | bf_vmx_caps.cr4_fixed0);
	bf_hw_vmwrite(VMCS_CR4_READ_SHADOW, view);
}

/* Who wants to see writes owns every bit: a write that changes any then exits. */
void bf_vmx_update_cr_masks(struct bf_vcpu *vcpu)
{
	struct bf_vmx_vcpu *v = bf_vmx_of(vcpu);
	uint64_t writes = v->keys[BF_EXIT_CR_WRITE];
	uint64_t cr0 = bf_vmx_cr0(vcpu), cr4 = bf_vmx_cr4(vcpu);

	v->cr0_mask = writes & 1 << 0 ? UINT64_MAX : cr0_forced(v);
	v->cr4_mask = writes & 1 << 4 ? UINT64_MAX : bf_vmx_caps.cr4_fixed0 | CR4_VMXE | CR4_SMXE;
	bf_hw_vmwrite(VMCS_CR0_GUEST_HOST_MASK, v->cr0_mask);
	bf_hw_vmwrite(VMCS_CR4_GUEST_HOST_MASK, v->cr4_mask);
	bf_vmx_write_cr0(vcpu, cr0);
	bf_vmx_write_cr4(vcpu, cr4);
}

/* With EPT the CPU takes the PDPTEs of PAE paging from the VMCS, where MOV would have put them. */
void bf_vmx_load_pdptes(struct bf_vcpu *vcpu)
{
	const uint64_t *from;

	if (!bf_vmx_of(vcpu)->eptp || !(bf_vmx_cr0(vcpu) & CR0_PG) ||
	    !(bf_vmx_cr4(vcpu) & CR4_PAE) || (bf_vmx_efer(vcpu) & EFER_LMA))
		return;
	from = bf_control_memory(bf_hw_vmread(VMCS_GUEST_CR3) & CR3_PAE, PDPTES * sizeof(*from));
	for (int i = 0; from && i < PDPTES; i++)
		bf_hw_vmwrite(VMCS_GUEST_PDPTE0 + 2 * i, from[i]);
}

/* Without EPT the CPU loads them from memory at each entry. */
bool bf_vmx_pdptes(struct bf_vcpu *vcpu, uint64_t pdpte[4])
{
	if (!bf_vmx_of(vcpu)->eptp)
		return false;
	for (int i = 0; i < PDPTES; i++)
		pdpte[i] = bf_hw_vmread(VMCS_GUEST_PDPTE0 + 2 * i);
	return true;
}

/* CR0.PG turns long mode on and off (SDM volume 3, "IA-32e Mode Operation"). */
static int switch_paging(struct bf_vcpu *vcpu, bool on)
{
	uint64_t efer = bf_vmx_efer(vcpu), cr4 = bf_vmx_cr4(vcpu);
	bool code64 = bf_hw_vmread(VMCS_GUEST_CS_ACCESS_RIGHTS) & BF_AR_L;

	if (on && (efer & EFER_LME)) {
		if (!(cr4 & CR4_PAE) || code64)
			return BF_EINVAL;
		bf_vmx_write_efer(vcpu, efer | EFER_LMA);
	} else if (!on && (efer & EFER_LMA)) {
		if ((cr4 & CR4_PCIDE) || code64)
			return BF_EINVAL;
		bf_vmx_write_efer(vcpu, efer & ~EFER_LMA);
	}
	return 0;
}

static bool cr0_valid(struct bf_vcpu *vcpu, uint64_t value)
{
	uint64_t forced = cr0_forced(bf_vmx_of(vcpu)) & (CR0_PE | CR0_PG);

	if (value & ~bf_vmx_caps.cr0_fixed1)
		return false;
	if ((value & CR0_PG) && !(value & CR0_PE))
		return false;
	if ((value & CR0_NW) && !(value & CR0_CD))
		return false;
	if ((bf_vmx_cr4(vcpu) & CR4_CET) && !(value & CR0_WP))
		return false;
	/* No way to run it without these on such a CPU. */
	return (value & forced) == forced;
}

/* VM entry does not load the cache bits: the CPU's own are the guest's. */
static void set_caching(uint64_t value)
{
	uint64_t live = bf_hw_read_cr0();

	if ((live ^ value) & CR0_CACHE)
		bf_hw_write_cr0((live & ~CR0_CACHE) | (value & CR0_CACHE));
}

int bf_vmx_set_cr0(struct bf_vcpu *vcpu, uint64_t value)
{
	uint64_t old = bf_vmx_cr0(vcpu);
	int status = 0;

	if (!cr0_valid(vcpu, value))
		return BF_EINVAL;
	if ((old ^ value) & CR0_PG)
		status = switch_paging(vcpu, value & CR0_PG);
	if (status)
		return status;
	bf_vmx_write_cr0(vcpu, value | CR0_ET);
	set_caching(value);
	bf_vmx_flush_vpid(vcpu);
	bf_vmx_load_pdptes(vcpu);
	return 0;
}

int bf_vmx_set_cr3(struct bf_vcpu *vcpu, uint64_t value)
{
	bool keep = (value & CR3_NOFLUSH) && (bf_vmx_cr4(vcpu) & CR4_PCIDE);
	uint64_t cr3 = keep ? value & ~CR3_NOFLUSH : value;

	if ((cr3 & ~CR3_LAM) >> bf_vmx_caps.pa_bits)
		return BF_EINVAL;
	bf_hw_vmwrite(VMCS_GUEST_CR3, cr3);
	if (!keep)
		bf_vmx_flush_vpid(vcpu);
	bf_vmx_load_pdptes(vcpu);
	return 0;
}

static bool cr4_valid(struct bf_vcpu *vcpu, uint64_t value)
{
	bool long_mode = bf_vmx_efer(vcpu) & EFER_LMA;
	uint64_t changed = bf_vmx_cr4(vcpu) ^ value;

	/*
	 * CPUID does not show SMX, so its bit is reserved. Nor does it show VMX; but an OS that has
	 * seen it before sets VMXE and expects the failure at VMXON, as on a CPU where firmware has
	 * VMX off: \#GP here makes its kernel panic.
	 */
	if (value & (~bf_vmx_caps.cr4_fixed1 | CR4_SMXE))
		return false;
	if (long_mode && (!(value & CR4_PAE) || (changed & CR4_LA57)))
		return false;
	if ((changed & value & CR4_PCIDE) &&
	    (!long_mode || (bf_hw_vmread(VMCS_GUEST_CR3) & CR3_PCID)))
		return false;
	return !(value & CR4_CET) || (bf_vmx_cr0(vcpu) & CR0_WP);
}

int bf_vmx_set_cr4(struct bf_vcpu *vcpu, uint64_t value)
{
	if (!cr4_valid(vcpu, value))
		return BF_EINVAL;
	bf_vmx_write_cr4(vcpu, value);
	bf_vmx_flush_vpid(vcpu);
	bf_vmx_load_pdptes(vcpu);
	return 0;
}

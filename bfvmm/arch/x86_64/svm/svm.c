/* SPDX-License-Identifier: MIT */
/* The AMD-V backend. */
#include <svm/svm.h>

#define FEATURE_ECX_SVM    (1u << 2)
#define FEATURE_ECX_SKINIT (1u << 12)

static const struct bf_cpuid_mask masks[] = {
	{.leaf = 0x80000001, .clear_ecx = FEATURE_ECX_SVM | FEATURE_ECX_SKINIT},
	{0x8000000a, ~0u, ~0u, ~0u, ~0u},
	{.leaf = UINT32_MAX},
};

/* INVLPGA would do with less, but not for addresses of 32-bit guests on all CPUs. */
static void invlpg(struct bf_vcpu *vcpu, uint64_t gva)
{
	(void)gva;
	bf_svm_flush(vcpu);
}

const struct bf_hv_ops bf_svm_ops = {
	.name = "SVM",
	.present = bf_svm_present,
	.setup = bf_svm_setup,
	.cpu_on = bf_svm_cpu_on,
	.cpu_off = bf_svm_cpu_off,
	.vm_create = bf_svm_vm_create,
	.vm_destroy = bf_svm_vm_destroy,
	.vcpu_create = bf_svm_vcpu_create,
	.vcpu_destroy = bf_svm_vcpu_destroy,
	.vcpu_load = bf_svm_vcpu_load,
	.vcpu_save = bf_svm_vcpu_save,
	.entry_check = bf_svm_entry_check,
	.launch = bf_svm_launch,
	.inject = bf_svm_inject,
	.inject_nmi = bf_svm_inject_nmi,
	.advance = bf_svm_advance,
	.advance_to = bf_svm_continue_at,
	.step = bf_svm_step_on,
	.get = bf_svm_get,
	.set = bf_svm_set,
	.intercept = bf_svm_intercept,
	.can_intercept = bf_svm_can_intercept,
	.intercept_ranges = bf_svm_intercept_ranges,
	.can_kick = bf_svm_can_kick,
	.take_nmis = bf_svm_take_nmis,
	.decode_cr = bf_svm_decode_cr,
	.decode_dr = bf_svm_decode_dr,
	.decode_io = bf_svm_decode_io,
	.read_msr = bf_svm_read_msr,
	.write_msr = bf_svm_write_msr,
	.cpuid_masks = masks,
	.slot = bf_svm_slot,
	.s2_format = bf_svm_s2_format,
	.invlpg = invlpg,
	.s2_flush = bf_svm_flush,
	.s2_root = bf_svm_s2_root,
	.decode_s2 = bf_svm_decode_s2,
	.dump = bf_svm_dump,
};

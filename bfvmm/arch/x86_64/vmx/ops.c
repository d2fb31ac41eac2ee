/* SPDX-License-Identifier: MIT */
/* The VT-x backend. */
#include <vmx/vmx.h>

const struct bf_hv_ops bf_vmx_ops = {
	.name = "VMX",
	.present = bf_vmx_present,
	.setup = bf_vmx_setup,
	.cpu_on = bf_vmx_cpu_on,
	.cpu_off = bf_vmx_cpu_off,
	.vm_create = bf_vmx_vm_create,
	.vm_destroy = bf_vmx_vm_destroy,
	.vcpu_create = bf_vmx_vcpu_create,
	.vcpu_destroy = bf_vmx_vcpu_destroy,
	.vcpu_load = bf_vmx_vcpu_load,
	.vcpu_save = bf_vmx_vcpu_save,
	.entry_check = bf_vmx_entry_check,
	.launch = bf_vmx_launch,
	.inject = bf_vmx_inject,
	.inject_nmi = bf_vmx_inject_nmi,
	.advance = bf_vmx_advance,
	.get = bf_vmx_get,
	.set = bf_vmx_set,
	.intercept = bf_vmx_intercept,
	.can_intercept = bf_vmx_can_intercept,
	.decode_cr = bf_vmx_decode_cr,
	.read_msr = bf_vmx_read_msr,
	.write_msr = bf_vmx_write_msr,
	.cpuid_masks = bf_vmx_cpuid_masks,
	.slot = bf_vmx_slot,
	.s2_format = bf_vmx_s2_format,
	.s2_flush = bf_vmx_s2_flush,
	.dump = bf_vmx_dump,
};

/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bfvmm/chain.h>
#include <bfvmm/machine.h>
#include <bfvmm/report.h>
#include <bfvmm/s2.h>

#define POOL_REMEDY "the page pool is used up: load with a larger one (bfm load --pool)"

static int create_s2(struct bf_vm *vm, struct bf_report *report)
{
	const struct bf_s2_format *format = bf_hv->s2_format();

	if (format && bf_s2_create(vm, format))
		return bf_report(report, BF_ENOMEM, "second-level tables", 0, POOL_REMEDY);
	return 0;
}

int bf_control_vm_create(uint32_t cpus, struct bf_report *report)
{
	struct bf_vm *vm = bf_alloc(sizeof(*vm));
	int status;

	if (!vm)
		return bf_report(report, BF_ENOMEM, "control VM", 0, POOL_REMEDY);
	vm->vcpu_count = cpus;
	status = bf_slots_init(vm);
	if (status)
		return bf_report(report, status, "hook chains", 0, POOL_REMEDY);
	status = bf_ext_data_make_vm(vm);
	if (status)
		return bf_report(report, status, "data of extensions", 0, POOL_REMEDY);
	status = create_s2(vm, report);
	if (!status)
		status = bf_hv->vm_create(vm, report);
	if (!status) {
		bf_hooks_apply_ranges(vm);
		bf_control_vm = vm;
	}
	return status;
}

void bf_control_vm_destroy(void)
{
	struct bf_vm *vm = bf_control_vm;

	if (!vm)
		return;
	bf_control_vm = NULL;
	bf_hv->vm_destroy(vm);
	bf_slots_fini(vm);
	bf_s2_destroy(vm);
	bf_ext_data_free_vm(vm);
	bf_free(vm);
}

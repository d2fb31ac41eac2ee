/* SPDX-License-Identifier: MIT */
/* The data that extensions keep for VMs and vCPUs. */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfmock/guest.h>
#include "test.h"

#define CPUS 3
#define LINE 64

struct counters {
	uint64_t before;
	uint64_t cpuids;
	uint8_t rest[100];
};

static struct bf_ext *first, *second;
static int again, none;

static enum bf_verdict on_cpuid(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	struct counters *own = bf_vcpu_data(first, vcpu);
	uint64_t *all = bf_vm_data(first, bf_vcpu_vm(vcpu));

	(void)io;
	(void)ctx;
	own->cpuids++;
	all[0]++;
	memset(bf_vcpu_data(second, vcpu), 0xff, 1);
	return BF_PASS;
}

static int first_init(struct bf_ext *ext)
{
	int status = bf_ext_vcpu_data(ext, sizeof(struct counters));

	first = ext;
	again = bf_ext_vcpu_data(ext, 8);
	none = bf_ext_vm_data(ext, 0);
	if (!status)
		status = bf_ext_vm_data(ext, 3 * BF_PAGE_SIZE);
	if (!status)
		status = bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(0x40000001, 0x40000001), on_cpuid,
				       NULL, BF_PRIO_NORMAL, NULL);
	return status;
}

static int second_init(struct bf_ext *ext)
{
	second = ext;
	return bf_ext_vcpu_data(ext, 1);
}

BF_EXTENSION(first_one, .version = "1", .license = "MIT", .init = first_init);
BF_EXTENSION(second_one, .version = "1", .license = "MIT", .init = second_init);

static void start(const struct mock_profile *profile)
{
	mock_reset(profile, CPUS);
	assert_int_equal(mock_vmm_start(""), 0);
}

static void execute(uint32_t cpu, uint32_t times)
{
	mock_cpu_switch(cpu);
	while (times--)
		mock_execute_cpuid(mock_vcpu(), 0x40000001, 0);
}

static uint64_t count_of(uint32_t cpu)
{
	return ((struct counters *)bf_vcpu_data(first, bf_vm_vcpu(bf_vm_find(0), cpu)))->cpuids;
}

static void one_for_each(void **state)
{
	(void)state;
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		start(mock_profiles[p]);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++)
			execute(cpu, cpu + 1);
		for (uint32_t cpu = 0; cpu < CPUS; cpu++)
			assert_int_equal(count_of(cpu), cpu + 1);
		assert_int_equal(*(uint64_t *)bf_vm_data(first, bf_vm_find(0)), 6);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

/* Zeroed, aligned, apart. */
static void pieces(void **state)
{
	static const struct counters zero;

	(void)state;
	start(&mock_amd);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		const struct bf_vcpu *vcpu = bf_vm_vcpu(bf_vm_find(0), cpu);
		uint64_t a = (uint64_t)bf_vcpu_data(first, vcpu);
		uint64_t b = (uint64_t)bf_vcpu_data(second, vcpu);

		assert_memory_equal((void *)a, &zero, sizeof(zero));
		assert_int_equal(a % LINE, 0);
		assert_int_equal(b % LINE, 0);
		assert_true(b >= a + sizeof(struct counters) || b + 1 <= a);
		execute(cpu, 1);
		assert_int_equal(((struct counters *)a)->before, 0);
	}
	assert_null(bf_vm_data(second, bf_vm_find(0)));
	assert_int_equal(again, BF_EEXIST);
	assert_int_equal(none, BF_EINVAL);
}

/* A CPU that leaves and comes back finds what it had; a new start finds nothing. */
static void lifetime(void **state)
{
	(void)state;
	start(&mock_intel);
	execute(1, 5);
	assert_int_equal(mock_execute_hypercall(mock_vcpu(), BF_HC_STOP, 0).end, MOCK_LEFT);
	assert_int_equal(mock_vmm_start_cpu(1), 0);
	assert_int_equal(count_of(1), 5);
	assert_int_equal(mock_vmm_stop(), 0);
	assert_int_equal(mock_vmm_start(""), 0);
	assert_int_equal(count_of(1), 0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void refused(void **state)
{
	(void)state;
	start(&mock_intel);
	assert_int_equal(bf_ext_vcpu_data(second, 8), BF_ESTATE);
	assert_int_equal(bf_ext_vm_data(second, 8), BF_ESTATE);
	assert_int_equal(bf_ext_vm_data(second, UINT64_MAX), BF_EINVAL);
	assert_int_equal(bf_ext_vm_data(NULL, 8), BF_EINVAL);
}

static void no_memory(void **state)
{
	(void)state;
	/* One vCPU too many: its data is what there is no memory for. */
	mock_reset(&mock_amd, 2);
	assert_int_equal(mock_vmm_init(""), 0);
	assert_int_equal(mock_vmm_start_cpu(0), 0);
	mock.fault.page_alloc = 2;
	assert_int_equal(mock_vmm_start_cpu(1), BF_ENOMEM);
	assert_string_equal(mock_boot.report.what, "vCPU");
	assert_null(bf_vm_vcpu(bf_vm_find(0), 1));
	assert_int_equal(mock_vmm_start_cpu(1), 0);
	mock_cpu_switch(0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static void vms_and_vcpus(void **state)
{
	struct bf_vm *vm;

	(void)state;
	mock_reset(&mock_amd, 2);
	assert_int_equal(mock_vmm_init(""), 0);
	vm = bf_vm_find(0);
	assert_non_null(vm);
	assert_null(bf_vm_find(1));
	assert_int_equal(bf_vm_id(vm), 0);
	assert_null(bf_vm_vcpu(vm, 0));
	assert_int_equal(mock_vmm_start_cpu(0), 0);
	assert_ptr_equal(bf_vm_vcpu(vm, 0), mock_vcpu());
	assert_ptr_equal(bf_vcpu_vm(mock_vcpu()), vm);
	assert_null(bf_vm_vcpu(vm, 1));
	assert_null(bf_vm_vcpu(vm, UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_for_each), cmocka_unit_test(pieces),
		cmocka_unit_test(lifetime),     cmocka_unit_test(refused),
		cmocka_unit_test(no_memory),    cmocka_unit_test(vms_and_vcpus),
	};

	return cmocka_run_group_tests_name("extension data", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A guest's memory from inside a hook, on CPUs of both vendors, with and without nested tables. */
#include <bareframe/ext.h>
#include <bareframe/guest.h>
#include <bareframe/hook.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/msr.h>
#include "test.h"

#define LEAF     0x40000001
#define PAGE     BF_PAGE_SIZE
#define NOTHING  0x40000000UL /* the guest's tables end there */
#define RAM      0x900000UL
#define DEVICE   0x5000000UL /* mapped, but behind the end of RAM */
#define TABLE    0xa00000UL
#define CODE_32  0xc09b
#define LARGE_RW 0x83

static struct bf_guest_fault fault;
static int status;
static uint64_t address;
static uint32_t flags;

static enum bf_verdict writes(struct bf_vcpu *vcpu)
{
	static const char text[] = "written by the VMM";

	status = bf_guest_write(vcpu, address, text, sizeof(text), flags, &fault);
	if (status != BF_EFAULT)
		return BF_PASS;
	bf_guest_fault_inject(vcpu, &fault);
	return BF_INJECT;
}

static enum bf_verdict (*work)(struct bf_vcpu *vcpu);

static enum bf_verdict on_cpuid(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)io;
	(void)ctx;
	return work(vcpu);
}

static int init(struct bf_ext *ext)
{
	return bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(LEAF, LEAF), on_cpuid, NULL, BF_PRIO_NORMAL,
			     NULL);
}

BF_EXTENSION(guest_reader, .version = "1", .license = "MIT", .init = init);

static struct mock_result run(enum bf_verdict (*fn)(struct bf_vcpu *vcpu), uint64_t where)
{
	work = fn;
	address = where;
	flags = 0;
	bf_vcpu_set(mock_vcpu(), BF_RIP, MOCK_GUEST_RIP);
	return mock_execute_cpuid(mock_vcpu(), LEAF, 0);
}

static void start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	assert_int_equal(mock_vmm_start(""), 0);
}

static void for_all(void (*test)(const char *name))
{
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		start(mock_profiles[p]);
		test(mock_profiles[p]->name);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void write_test(const char *name)
{
	struct mock_result r = run(writes, RAM + PAGE - 4);

	assert_row(!status && !r.injected, name);
	assert_string_equal(bf_phys_to_virt(RAM + PAGE - 4), "written by the VMM");
	r = run(writes, MOCK_POOL_PA + PAGE - 4);
	assert_row(status == BF_EPERM && !r.injected, name);
	r = run(writes, DEVICE);
	assert_row(status == BF_EDEVICE && !r.injected, name);
}

static void hook_writes(void **state)
{
	(void)state;
	for_all(write_test);
}

static void fault_test(const char *name)
{
	struct mock_result r = run(writes, NOTHING - 4);

	/* The page in front of it is a device's, but the fault is found first. */
	assert_row(status == BF_EDEVICE && !r.injected, name);
	r = run(writes, NOTHING);
	assert_row(status == BF_EFAULT && r.injected, name);
	assert_row(r.type == BF_EVENT_EXCEPTION && r.vector == BF_VECTOR_PF, name);
	assert_row(r.has_error && r.error_code == BF_PF_WRITE, name);
	assert_row(r.rip == MOCK_GUEST_RIP, name);
	assert_int_equal(bf_vcpu_get(mock_vcpu(), BF_CR2), NOTHING);
	r = run(writes, 1ull << 60);
	assert_row(r.injected && r.vector == BF_VECTOR_GP && !r.error_code, name);
	assert_int_equal(bf_vcpu_get(mock_vcpu(), BF_CR2), NOTHING);
}

static void faults_are_injected(void **state)
{
	(void)state;
	for_all(fault_test);
}

static void *mapped;

static enum bf_verdict maps(struct bf_vcpu *vcpu)
{
	mapped = NULL;
	status = bf_guest_map(vcpu, address, 16, BF_GUEST_WRITE, &mapped, &fault);
	if (!status) {
		*(volatile uint8_t *)mapped = 0x5a;
		bf_guest_unmap(vcpu, mapped);
	}
	return BF_PASS;
}

static void map_test(const char *name)
{
	run(maps, RAM + 32);
	assert_row(!status && *(uint8_t *)bf_phys_to_virt(RAM + 32) == 0x5a, name);
	run(maps, RAM + PAGE - 15);
	assert_row(status == BF_EINVAL && !mapped, name);
	run(maps, MOCK_POOL_PA);
	assert_row(status == BF_EPERM && !mapped, name);
	run(maps, NOTHING);
	assert_row(status == BF_EFAULT && fault.address == NOTHING && !mapped, name);
}

static void hook_maps(void **state)
{
	(void)state;
	for_all(map_test);
}

static uint8_t code[15];
static uint32_t fetched;

static enum bf_verdict fetches(struct bf_vcpu *vcpu)
{
	uint64_t gva = 0;

	status = bf_guest_linear(vcpu, BF_SEG_CS, bf_vcpu_get(vcpu, BF_RIP), 2, BF_GUEST_FETCH,
				 &gva, &fault);
	fetched = bf_guest_fetch(vcpu, gva, code, sizeof(code), 0, &fault);
	return BF_PASS;
}

static void fetch_test(const char *name)
{
	run(fetches, 0);
	assert_row(!status && fetched == sizeof(code), name);
	assert_row(code[0] == 0x0f && code[1] == 0xa2, name);
}

static void hook_fetches(void **state)
{
	(void)state;
	for_all(fetch_test);
}

static struct bf_space space;
static struct bf_translation where;

static enum bf_verdict looks(struct bf_vcpu *vcpu)
{
	bf_space_of(vcpu, &space);
	status = bf_guest_translate(vcpu, address, BF_GUEST_READ, &where, &fault);
	return BF_PASS;
}

static void space_test(const char *name)
{
	run(looks, RAM + 5);
	assert_row(!status && where.gpa == RAM + 5 && where.page_bytes == 0x200000, name);
	assert_row(where.rights == 7 && where.user, name);
	assert_row(space.cr3 == MOCK_GUEST_CR3 && space.code64 && !space.cpl, name);
	assert_row(space.vm == bf_vm_find(0) && !space.has_pdptes, name);
	/* Another process: the same kernel with other tables. */
	space.cr3 = TABLE;
	assert_row(bf_space_translate(&space, RAM, BF_GUEST_READ, &where, &fault) == BF_EFAULT,
		   name);
}

static void address_spaces(void **state)
{
	(void)state;
	for_all(space_test);
}

/* The register is the CPU's own, and hidden from a VMM that runs without keys. */
static void key_test(const char *name)
{
	uint64_t cr4 = bf_vcpu_get(mock_vcpu(), BF_CR4);

	mock_this()->pkru = 1;
	run(looks, RAM);
	assert_row(!status, name);
	assert_row(!bf_vcpu_set(mock_vcpu(), BF_CR4, cr4 | CR4_PKE), name);
	run(looks, RAM);
	assert_row(status == BF_EFAULT, name);
	assert_row(fault.error_code == (BF_PF_PRESENT | BF_PF_KEY), name);
	assert_row(!(mock_this()->cr4 & CR4_PKE), name);
	mock_this()->pkru = 4;
	run(looks, RAM);
	assert_row(!status, name);
	assert_row(!bf_vcpu_set(mock_vcpu(), BF_CR4, cr4), name);
}

static void protection_keys(void **state)
{
	(void)state;
	for_all(key_test);
}

/* From 64-bit code to 32-bit code with PAE paging, the way a kernel goes. */
static void enter_pae(struct bf_vcpu *vcpu)
{
	uint64_t cr0 = bf_vcpu_get(vcpu, BF_CR0);
	uint64_t *top = bf_phys_to_virt(TABLE), *directory = bf_phys_to_virt(TABLE + PAGE);

	top[0] = (TABLE + PAGE) | 1;
	directory[0] = 0x800000 | LARGE_RW;
	assert_int_equal(bf_vcpu_set(vcpu, BF_CS_ACCESS, CODE_32), 0);
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR0, cr0 & ~CR0_PG), 0);
	assert_int_equal(bf_vcpu_set(vcpu, BF_EFER, EFER_NXE), 0);
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR3, TABLE), 0);
	assert_int_equal(bf_vcpu_set(vcpu, BF_CR0, cr0), 0);
}

/* With EPT the four highest entries are those of the last MOV to CR3, with NPT those in memory. */
static void pae_entries(void **state)
{
	static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd};

	(void)state;
	for (size_t p = 0; p < COUNT(profiles); p++) {
		bool kept = profiles[p]->vendor == MOCK_INTEL;

		start(profiles[p]);
		enter_pae(mock_vcpu());
		address = 0x1234;
		looks(mock_vcpu());
		assert_int_equal(status, 0);
		assert_int_equal(where.gpa, 0x801234);
		assert_int_equal(space.has_pdptes, kept);
		*(uint64_t *)bf_phys_to_virt(TABLE) = 0;
		looks(mock_vcpu());
		assert_int_equal(status, kept ? 0 : BF_EFAULT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hook_writes),    cmocka_unit_test(faults_are_injected),
		cmocka_unit_test(hook_maps),      cmocka_unit_test(hook_fetches),
		cmocka_unit_test(address_spaces), cmocka_unit_test(protection_keys),
		cmocka_unit_test(pae_entries),
	};

	return cmocka_run_group_tests_name("guest vcpu", tests, NULL, NULL);
}

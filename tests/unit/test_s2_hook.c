/* SPDX-License-Identifier: MIT */
/* Hooks on accesses to pages, and devices made of pages, on both backends. */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/s2.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <bfvmm/hooks.h>
#include <bfvmm/mem.h>
#include <bfvmm/s2_through.h>
#include <svm/svm.h>
#include "test.h"

#define LEAF_CALL        0x40001000u
#define PAGE             0x600000ul
#define CODE             MOCK_GUEST_RIP
#define HOLE             0xd0000000ul
#define FIELD_EPT        0x201a
#define MSR_EPT_VPID_CAP 0x48c
#define TF               0x100u
#define FIXED            0x2u
#define EVENT_EXTERNAL   0x80000040u /* an interrupt, vector 0x40 */

static struct bf_ext *me;
static int (*at_leaf)(void);
static int status;

static enum bf_verdict on_leaf(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)io;
	(void)ctx;
	status = at_leaf();
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	int result = bf_s2_enable(ext);

	me = ext;
	if (result)
		return result;
	return bf_hook_cpuid(ext, BF_ALL_VMS, BF_LEAF(LEAF_CALL, LEAF_CALL), on_leaf, NULL,
			     BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(s2_user, .version = "1.0", .license = "MIT", .init = init);

static const struct mock_profile *const profiles[] = {&mock_intel, &mock_amd, &mock_amd_bare};

static bool intel(void)
{
	return mock.profile->vendor == MOCK_INTEL;
}

static int call(int (*fn)(void))
{
	uint64_t rip = bf_vcpu_get(mock_vcpu(), BF_RIP);

	at_leaf = fn;
	status = 1;
	assert_int_equal(mock_execute_cpuid(mock_vcpu(), LEAF_CALL, 0).end, MOCK_RETURNED);
	bf_vcpu_set(mock_vcpu(), BF_RIP, rip);
	return status;
}

/* What hooks have seen, and say. */
static struct {
	struct bf_s2_access last;
	uint32_t count;
	enum bf_verdict verdict;
	struct bf_hook *handle;
} seen[3];

static enum bf_verdict on_access(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx)
{
	uint64_t i = (uint64_t)ctx;

	seen[i].last = *access;
	seen[i].count++;
	if (seen[i].verdict == BF_INJECT)
		bf_vcpu_inject_exception(vcpu, BF_VECTOR_UD, 0);
	return seen[i].verdict;
}

static void each_profile(void (*test)(void))
{
	for (size_t i = 0; i < COUNT(profiles); i++) {
		print_message("\t%s\n", profiles[i]->name);
		mock_reset(profiles[i], 2);
		assert_int_equal(mock_vmm_start(""), 0);
		memset(seen, 0, sizeof(seen));
		bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
		bf_vcpu_set(mock_vcpu(), BF_RFLAGS, FIXED);
		test();
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void *memory(uint64_t gpa)
{
	return bf_phys_to_virt(gpa);
}

static void code(const void *bytes, uint64_t count)
{
	uint64_t rip = bf_vcpu_get(mock_vcpu(), BF_RIP);

	memcpy(memory(rip), bytes, count);
}

#define CODE_IS(bytes) code(bytes, sizeof(bytes) - 1)

/* The linear address is another one, to be told from it. */
static struct mock_result fault_at(uint64_t gpa, uint32_t kind, bool walk, uint64_t vectoring)
{
	struct bf_s2_access access = {.gpa = gpa,
				      .gva = gpa + 0x1000000,
				      .gva_valid = true,
				      .walk = walk,
				      .kind = (uint8_t)kind};

	return mock_s2_fault(mock_vcpu(), &access, vectoring);
}

static struct mock_result fault(uint64_t gpa, uint32_t kind)
{
	return fault_at(gpa, kind, false, 0);
}

static uint64_t root(void)
{
	return intel() ? mock_vmcs_get(FIELD_EPT) & BF_PAGE_MASK : bf_svm(mock_vcpu())->vmcb.n_cr3;
}

/* What the tables that the vCPU runs on grant. */
static uint32_t rights(uint64_t gpa)
{
	assert_int_equal(root(), bf_s2_active(mock_vcpu())->root);
	return mock_s2_rights(mock_vcpu(), gpa);
}

static int hook_write(void)
{
	return bf_hook_s2(me, NULL, BF_GPA(PAGE + 8, PAGE + 8), BF_S2_WRITE, on_access, (void *)0,
			  BF_PRIO_NORMAL, &seen[0].handle);
}

static int hook_first(void)
{
	return bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), BF_S2_READ | BF_S2_WRITE, on_access,
			  (void *)1, BF_PRIO_FIRST, &seen[1].handle);
}

static int hook_exec(void)
{
	return bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), BF_S2_EXEC, on_access, (void *)2,
			  BF_PRIO_NORMAL, &seen[2].handle);
}

static int unhook_all(void)
{
	for (size_t i = 0; i < COUNT(seen); i++) {
		bf_unhook(seen[i].handle);
		seen[i].handle = NULL;
	}
	return 0;
}

#define MOV_TO_RBX "\x48\x89\x03" /* mov %rax,(%rbx) */

static void pass(void)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	uint64_t used;
	struct mock_result r;

	assert_int_equal(call(hook_write), 0);
	assert_int_equal(call(unhook_all), 0);
	used = bf_pool_used();
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(call(hook_write), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
	assert_int_equal(rights(PAGE + 0x1000), BF_S2_RWX);
	CODE_IS(MOV_TO_RBX);
	vcpu->regs.rax = 0x1122334455667788;
	vcpu->regs.rbx = PAGE + 0x10;
	r = fault(PAGE + 0x10, BF_S2_WRITE);
	assert_int_equal(r.end, MOCK_RETURNED);
	assert_int_equal(r.rip, CODE + 3);
	assert_int_equal(*(uint64_t *)memory(PAGE + 0x10), 0x1122334455667788);
	assert_int_equal(seen[0].count, 1);
	assert_int_equal(seen[0].last.gpa, PAGE + 0x10);
	assert_int_equal(seen[0].last.kind, BF_S2_WRITE);
	assert_false(seen[0].last.walk);
	assert_int_equal(seen[0].last.gva_valid, intel());
	assert_int_equal(seen[0].last.gva, intel() ? PAGE + 0x1000010 : 0);
	assert_int_equal(call(unhook_all), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(bf_pool_used(), used);
}

static void access_passes(void **state)
{
	(void)state;
	each_profile(pass);
}

static struct mock_result write_at_code(uint64_t gpa)
{
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS(MOV_TO_RBX);
	memset(memory(PAGE), 0, 0x2000);
	mock_vcpu()->regs.rax = 0x5555;
	mock_vcpu()->regs.rbx = gpa;
	return fault(gpa, BF_S2_WRITE);
}

static void answer(void)
{
	struct mock_result r;

	assert_int_equal(call(hook_write), 0);
	assert_int_equal(call(hook_first), 0);
	r = write_at_code(PAGE);
	assert_int_equal(r.rip, CODE + 3);
	assert_int_equal(seen[0].count, 1);
	assert_int_equal(seen[1].count, 1);
	seen[1].verdict = BF_DONE;
	r = write_at_code(PAGE);
	assert_int_equal(r.rip, CODE);
	assert_int_equal(seen[0].count, 1);
	seen[1].verdict = BF_SKIP;
	r = write_at_code(PAGE);
	assert_int_equal(r.rip, CODE + 3);
	assert_int_equal(*(uint64_t *)memory(PAGE), 0);
	assert_int_equal(mock_vcpu()->regs.rax, 0x5555);
	seen[1].verdict = BF_INJECT;
	r = write_at_code(PAGE);
	assert_true(r.injected);
	assert_int_equal(r.vector, BF_VECTOR_UD);
	assert_int_equal(seen[1].count, 4);
	assert_int_equal(call(unhook_all), 0);
}

static void verdicts(void **state)
{
	(void)state;
	each_profile(answer);
}

/* A read is none of the write hook's business, whatever else has the page fault. */
static void other_kind(void)
{
	assert_int_equal(call(hook_write), 0);
	assert_int_equal(call(hook_first), 0);
	assert_int_equal(rights(PAGE), intel() ? BF_S2_EXEC : 0);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS("\x48\x8b\x03"); /* mov (%rbx),%rax */
	*(uint64_t *)memory(PAGE) = 0x77;
	mock_vcpu()->regs.rbx = PAGE;
	assert_int_equal(fault(PAGE, BF_S2_READ).rip, CODE + 3);
	assert_int_equal(mock_vcpu()->regs.rax, 0x77);
	assert_int_equal(seen[0].count, 0);
	assert_int_equal(seen[1].count, 1);
	/* Nobody wants to know of execution; NPT has such exits all the same. */
	bf_vcpu_set(mock_vcpu(), BF_RIP, PAGE);
	fault(PAGE, BF_S2_EXEC);
	assert_int_equal(seen[0].count + seen[1].count + seen[2].count, 1);
	assert_true(rights(PAGE) & BF_S2_EXEC);
	assert_int_equal(call(unhook_all), 0);
}

static void kinds(void **state)
{
	(void)state;
	each_profile(other_kind);
}

/* What the emulator leaves to the CPU: only that page, and only that code. */
static void private_view(void)
{
	uint64_t base = root();

	assert_int_equal(call(hook_write), 0);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS("\x50"); /* push %rax */
	fault(PAGE + 0xff8, BF_S2_WRITE);
	assert_int_equal(seen[0].count, 1);
	assert_int_not_equal(root(), base);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	assert_int_equal(rights(CODE), BF_S2_RWX);
	assert_int_equal(rights(CODE + 0x1000), BF_S2_READ | BF_S2_WRITE);
	assert_int_equal(rights(MOCK_GUEST_STACK), BF_S2_READ | BF_S2_WRITE);
	/* The instruction goes on in the next page. */
	fault(CODE + 0x1000, BF_S2_EXEC);
	assert_true(mock_vcpu()->through);
	assert_int_equal(rights(CODE + 0x1000), BF_S2_RWX);
	assert_int_equal(rights(CODE), BF_S2_RWX);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	/* Other code. */
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE + 0x5000);
	fault(CODE + 0x5000, BF_S2_EXEC);
	assert_false(mock_vcpu()->through);
	assert_int_equal(root(), base);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
	assert_int_equal(seen[0].count, 1);
	/* Its hook goes while it is in use. */
	fault(PAGE + 0xff8, BF_S2_WRITE);
	assert_true(mock_vcpu()->through || seen[0].count == 2);
	assert_int_equal(call(unhook_all), 0);
	assert_int_equal(root(), base);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
}

static void by_the_cpu(void **state)
{
	(void)state;
	each_profile(private_view);
}

static void execute(void)
{
	assert_int_equal(call(hook_exec), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	bf_vcpu_set(mock_vcpu(), BF_RIP, PAGE + 0x20);
	fault(PAGE + 0x20, BF_S2_EXEC);
	assert_int_equal(seen[2].count, 1);
	assert_int_equal(seen[2].last.gpa, PAGE + 0x20);
	assert_true(mock_vcpu()->through);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(rights(CODE), BF_S2_READ | BF_S2_WRITE);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	fault(CODE, BF_S2_EXEC);
	assert_false(mock_vcpu()->through);
	bf_vcpu_set(mock_vcpu(), BF_RIP, PAGE + 0x30);
	fault(PAGE + 0x30, BF_S2_EXEC);
	assert_int_equal(seen[2].count, 2);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	assert_int_equal(call(unhook_all), 0);
	assert_false(mock_vcpu()->through);
}

static void execution(void **state)
{
	(void)state;
	each_profile(execute);
}

/* A fault in the delivery of an event, or in a page walk, is that of no instruction. */
static void deliver(void)
{
	struct mock_result r;

	assert_int_equal(call(hook_write), 0);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS(MOV_TO_RBX);
	mock_vcpu()->regs.rbx = PAGE;
	mock_vcpu()->regs.rax = 0x4444;
	*(uint64_t *)memory(PAGE) = 0;
	r = fault_at(PAGE, BF_S2_WRITE, false, EVENT_EXTERNAL);
	assert_int_equal(seen[0].count, 1);
	assert_true(r.injected);
	assert_int_equal(r.vector, 0x40);
	assert_int_equal(r.rip, CODE);
	assert_int_equal(*(uint64_t *)memory(PAGE), 0);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	r = fault_at(PAGE, BF_S2_WRITE, true, 0);
	assert_int_equal(seen[0].count, 2);
	assert_true(seen[0].last.walk);
	assert_int_equal(r.rip, CODE);
	assert_int_equal(*(uint64_t *)memory(PAGE), 0);
	assert_int_equal(call(unhook_all), 0);
}

static void no_instruction(void **state)
{
	(void)state;
	each_profile(deliver);
}

static int hook_next(void)
{
	return bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE + 0x1000), BF_S2_WRITE, on_access, (void *)1,
			  BF_PRIO_NORMAL, &seen[1].handle);
}

/* One instruction, two pages: each hook hears of it. */
static void two_pages(void)
{
	struct mock_result r;

	assert_int_equal(call(hook_write), 0);
	assert_int_equal(call(hook_next), 0);
	r = write_at_code(PAGE + 0xffc);
	assert_int_equal(r.rip, CODE + 3);
	assert_int_equal(seen[0].count, 1);
	assert_int_equal(seen[1].count, 1);
	assert_int_equal(seen[1].last.gpa, PAGE + 0x1000);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS("\xf3\xaa"); /* rep stosb */
	mock_vcpu()->regs.rdi = PAGE + 0xff0;
	mock_vcpu()->regs.rcx = 0x20;
	r = fault(PAGE + 0xff0, BF_S2_WRITE);
	assert_int_equal(r.rip, CODE + 2);
	assert_int_equal(seen[0].count, 2);
	assert_int_equal(seen[1].count, 2);
	seen[1].verdict = BF_DONE;
	r = write_at_code(PAGE + 0xffc);
	assert_int_equal(r.rip, CODE);
	assert_int_equal(*(uint64_t *)memory(PAGE + 0xff8), 0);
	assert_int_equal(call(unhook_all), 0);
}

static void both_pages(void **state)
{
	(void)state;
	each_profile(two_pages);
}

/* The emulated instruction ends as any other: with a trap, if the guest steps. */
static void step(void)
{
	struct mock_result r;

	assert_int_equal(call(hook_write), 0);
	bf_vcpu_set(mock_vcpu(), BF_RFLAGS, FIXED | TF);
	r = write_at_code(PAGE);
	assert_int_equal(r.rip, CODE + 3);
	assert_true(r.debug_trap);
	bf_vcpu_set(mock_vcpu(), BF_RFLAGS, FIXED);
	assert_int_equal(call(unhook_all), 0);
}

static void guest_steps(void **state)
{
	(void)state;
	each_profile(step);
}

static struct bf_view *view;
static void *page;

static int use_view(void)
{
	int result = bf_view_create(me, &view);

	page = bf_page_alloc();
	if (!result)
		result = bf_view_remap(view, CODE, page);
	if (!result)
		result = bf_hook_s2(me, view, BF_GPA_PAGE(PAGE), BF_S2_WRITE, on_access, (void *)0,
				    BF_PRIO_NORMAL, &seen[0].handle);
	return result;
}

static int set_view(void)
{
	bf_vcpu_set_view(mock_vcpu(), view);
	return 0;
}

static int end_view(void)
{
	bf_view_destroy(view);
	bf_page_free(page);
	return unhook_all();
}

/* The hook is of the view; the code is what the view shows. */
static void in_a_view(void)
{
	assert_int_equal(call(use_view), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_int_equal(call(hook_first), 0);
	(void)write_at_code(PAGE);
	assert_int_equal(seen[0].count, 0);
	assert_int_equal(seen[1].count, 1);
	assert_int_equal(call(set_view), 0);
	memcpy(page, "\x66\x89\x03", 3); /* mov %ax,(%rbx) */
	assert_int_equal(write_at_code(PAGE).rip, CODE + 3);
	assert_int_equal(seen[0].count, 1);
	assert_int_equal(*(uint64_t *)memory(PAGE), 0x5555);
	((uint8_t *)page)[0] = 0x50;
	(void)write_at_code(PAGE);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_WRITE);
	assert_ptr_equal(bf_s2_active(mock_vcpu())->of, view);
	assert_int_equal(call(end_view), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
}

static void of_a_view(void **state)
{
	(void)state;
	each_profile(in_a_view);
}

static int deny_write(void)
{
	return bf_s2_deny(me, NULL, BF_GPA_PAGE(PAGE + 0x1000), BF_S2_WRITE, NULL);
}

static void forbidden(void)
{
	struct mock_result r;

	assert_int_equal(call(deny_write), 0);
	r = write_at_code(PAGE + 0x1000);
	assert_true(r.injected);
	assert_int_equal(r.vector, BF_VECTOR_GP);
	assert_int_equal(*(uint64_t *)memory(PAGE + 0x1000), 0);
	/* Also as the second page of an instruction that is emulated. */
	assert_int_equal(call(hook_write), 0);
	r = write_at_code(PAGE + 0xffc);
	assert_true(r.injected);
	assert_int_equal(r.vector, BF_VECTOR_GP);
	assert_int_equal(*(uint64_t *)memory(PAGE + 0xff8), 0);
	/* A hook knows better. */
	assert_int_equal(call(hook_next), 0);
	seen[1].verdict = BF_SKIP;
	r = write_at_code(PAGE + 0x1000);
	assert_false(r.injected);
	assert_int_equal(r.rip, CODE + 3);
}

static void denied(void **state)
{
	(void)state;
	each_profile(forbidden);
}

/* A device: remembers accesses, answers reads with their number. */
static struct bf_mmio access_to[64];
static uint32_t accesses;
static enum bf_verdict device_says;

static enum bf_verdict on_device(struct bf_vcpu *vcpu, struct bf_mmio *access, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	access_to[accesses++] = *access;
	if (!access->write)
		access->value = 0x1111111111111111 * accesses;
	return device_says;
}

static struct bf_hook *device;

static int make_device(void)
{
	accesses = 0;
	device_says = BF_SKIP;
	return bf_hook_mmio(me, BF_GPA(PAGE + 0x100, PAGE + 0x1ff), on_device, NULL, BF_PRIO_NORMAL,
			    &device);
}

static int end_device(void)
{
	bf_unhook(device);
	return 0;
}

static void expect(uint32_t i, uint64_t gpa, uint8_t size, bool write, uint64_t value)
{
	assert_true(i < accesses);
	assert_int_equal(access_to[i].gpa, gpa);
	assert_int_equal(access_to[i].size, size);
	assert_int_equal(access_to[i].write, write);
	if (write)
		assert_int_equal(access_to[i].value, value);
}

static struct mock_result at_device(const char *bytes, uint32_t kind)
{
	accesses = 0;
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	code(bytes, 4);
	return fault(mock_vcpu()->regs.rbx, kind);
}

static void mmio(void)
{
	struct bf_regs *regs = &mock_vcpu()->regs;

	assert_int_equal(call(make_device), 0);
	assert_int_equal(rights(PAGE), 0);
	regs->rbx = regs->rdi = PAGE + 0x180;
	regs->rax = 0x8877665544332211;
	assert_int_equal(at_device("\x88\x03\x90\x90", BF_S2_WRITE).rip, CODE + 2);
	expect(0, PAGE + 0x180, 1, true, 0x11);
	at_device("\x66\x89\x03\x90", BF_S2_WRITE);
	expect(0, PAGE + 0x180, 2, true, 0x2211);
	at_device("\x8b\x0b\x90\x90", BF_S2_READ);
	expect(0, PAGE + 0x180, 4, false, 0);
	assert_int_equal(regs->rcx, 0x11111111);
	at_device("\x48\x8b\x0b\x90", BF_S2_READ);
	assert_int_equal(regs->rcx, 0x1111111111111111);
	/* lock xadd %al,(%rbx) */
	at_device("\xf0\x0f\xc0\x03", BF_S2_WRITE);
	assert_int_equal(accesses, 2);
	expect(0, PAGE + 0x180, 1, false, 0);
	expect(1, PAGE + 0x180, 1, true, 0x22);
	/* rep stosw */
	regs->rcx = 3;
	assert_int_equal(at_device("\x66\xf3\xab\x90", BF_S2_WRITE).rip, CODE + 3);
	assert_int_equal(accesses, 3);
	expect(2, PAGE + 0x184, 2, true, 0x2211);
	assert_int_equal(regs->rcx, 0);
	/* Beside the device there is memory. */
	regs->rbx = PAGE + 0x200;
	at_device("\x88\x03\x90\x90", BF_S2_WRITE);
	assert_int_equal(accesses, 0);
	assert_int_equal(*(uint8_t *)memory(PAGE + 0x200), 0x11);
	/* And behind it. */
	device_says = BF_PASS;
	regs->rbx = PAGE + 0x108;
	at_device("\x88\x03\x90\x90", BF_S2_WRITE);
	assert_int_equal(accesses, 1);
	assert_int_equal(*(uint8_t *)memory(PAGE + 0x108), 0x11);
	assert_true(fault(PAGE, BF_S2_EXEC).injected);
	assert_int_equal(call(end_device), 0);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
}

static void device_of_pages(void **state)
{
	(void)state;
	each_profile(mmio);
}

/* Where there is no memory: beyond what the mock machine has. */
static int make_hole(void)
{
	device_says = BF_SKIP;
	return bf_hook_mmio(me, BF_GPA(HOLE, HOLE + 0xfff), on_device, NULL, BF_PRIO_NORMAL,
			    &device);
}

static void map_hole(void)
{
	uint64_t *large = memory(MOCK_GUEST_CR3 + (mock_has(MOCK_LA57) ? 3 : 2) * BF_PAGE_SIZE);

	large[1] = HOLE | 0xe7; /* at 2 MiB */
}

static void hole(void)
{
	struct bf_regs *regs = &mock_vcpu()->regs;

	assert_int_equal(call(make_hole), 0);
	map_hole();
	regs->rbx = 0x200000ul;
	accesses = 0;
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	code("\x8b\x43\x10\x90", 4); /* mov 16(%rbx),%eax */
	assert_int_equal(fault(HOLE + 16, BF_S2_READ).rip, CODE + 3);
	expect(0, HOLE + 16, 4, false, 0);
	assert_int_equal(regs->rax, 0x11111111);
	device_says = BF_PASS;
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	fault(HOLE + 16, BF_S2_READ);
	assert_int_equal(regs->rax, 0xffffffff);
	device_says = BF_INJECT;
	assert_int_equal(call(end_device), 0);
}

static void device_in_a_hole(void **state)
{
	(void)state;
	each_profile(hole);
}

static int bad_arguments(void)
{
	bool ok = bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), 0, on_access, NULL, 0, NULL) == BF_EINVAL;

	ok &= bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), 8, on_access, NULL, 0, NULL) == BF_EINVAL;
	ok &= bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), 1, NULL, NULL, 0, NULL) == BF_EINVAL;
	ok &= bf_hook_s2(NULL, NULL, BF_GPA_PAGE(PAGE), 1, on_access, NULL, 0, NULL) == BF_EINVAL;
	ok &= bf_hook_s2(me, NULL, BF_GPA(0x2000, 0x1000), 1, on_access, NULL, 0, NULL) ==
	      BF_EINVAL;
	ok &= bf_hook_s2(me, NULL, BF_GPA(1ul << 52, 1ul << 53), 1, on_access, NULL, 0, NULL) ==
	      BF_EINVAL;
	ok &= bf_hook_mmio(me, BF_GPA(0, 1ul << 52), on_device, NULL, 0, NULL) == BF_EINVAL;
	ok &= bf_hook_mmio(me, BF_GPA(0, 1), NULL, NULL, 0, NULL) == BF_EINVAL;
	return !ok;
}

/* Old chains are freed when no CPU can be inside of them any more. */
static void all_exit(void)
{
	for (uint32_t i = 0; i < 6; i++) {
		mock_cpu_switch(i % 2);
		mock_execute_cpuid(mock_vcpu(), 2, 0);
	}
	mock_cpu_switch(0);
}

static void out_of_memory(void)
{
	uint32_t n = 1, hooks = me->hooks;
	uint64_t used;
	int result;

	assert_int_equal(call(bad_arguments), 0);
	assert_int_equal(call(hook_write), 0);
	assert_int_equal(call(unhook_all), 0);
	used = bf_pool_used();
	for (;; n++) {
		mock.fault.page_alloc = n;
		result = call(hook_write);
		mock.fault.page_alloc = 0;
		if (!result)
			break;
		assert_int_equal(result, BF_ENOMEM);
		assert_int_equal(rights(PAGE), BF_S2_RWX);
		/* Small blocks come from pages that stay; more than these there must not be. */
		assert_true(bf_pool_used() - used <= 2);
		assert_int_equal(me->hooks, hooks);
	}
	assert_true(n > 2 * BF_S2_SPARE_MAX);
	assert_int_equal(call(unhook_all), 0);
	all_exit();
	used = bf_pool_used();
	for (uint32_t i = 0; i < 20; i++) {
		all_exit();
		mock.fault.page_alloc = n - 2;
		assert_int_equal(call(hook_write), BF_ENOMEM);
		assert_int_equal(bf_pool_used(), used);
	}
	mock.fault.page_alloc = 0;
	assert_int_equal(call(hook_write), 0);
	/* Opening pages then takes none. */
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	CODE_IS("\x50");
	mock.fault.page_alloc = 1;
	fault(PAGE, BF_S2_WRITE);
	assert_int_equal(mock.fault.page_alloc, 1);
	assert_true(mock_vcpu()->through);
	mock.fault.page_alloc = 0;
	assert_int_equal(call(unhook_all), 0);
	assert_int_equal(bf_pool_used(), used);
}

static void allocation_fails(void **state)
{
	(void)state;
	each_profile(out_of_memory);
}

static int deny_data(void)
{
	return bf_s2_deny(me, NULL, BF_GPA_PAGE(PAGE), BF_S2_READ | BF_S2_WRITE, NULL);
}

/* EPT whose executable pages can be read: like NPT there, but for the format. */
static void no_execute_only(void **state)
{
	(void)state;
	mock_reset(&mock_intel, 2);
	mock_msr_set(MSR_EPT_VPID_CAP, mock_msr_find(MSR_EPT_VPID_CAP)->value & ~1ull);
	assert_int_equal(mock_vmm_start(""), 0);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(call(deny_data), BF_ENOTSUP);
	assert_int_equal(call(hook_first), 0);
	assert_int_equal(rights(PAGE), 0);
	bf_vcpu_set(mock_vcpu(), BF_RIP, PAGE);
	fault(PAGE, BF_S2_EXEC);
	assert_int_equal(seen[1].count, 0);
	assert_int_equal(rights(PAGE), BF_S2_READ | BF_S2_EXEC);
	bf_vcpu_set(mock_vcpu(), BF_RIP, CODE);
	fault(CODE, BF_S2_EXEC);
	assert_int_equal(rights(PAGE), 0);
	assert_int_equal(call(unhook_all), 0);
	assert_int_equal(mock_vmm_stop(), 0);
}

static enum bf_verdict on_bad(struct bf_vcpu *vcpu, struct bf_s2_access *access, void *ctx)
{
	(void)vcpu;
	(void)access;
	(void)ctx;
	return BF_VERDICT_COUNT;
}

static int hook_bad(void)
{
	return bf_hook_s2(me, NULL, BF_GPA_PAGE(PAGE), BF_S2_WRITE, on_bad, NULL, BF_PRIO_NORMAL,
			  NULL);
}

static void misbehave(void)
{
	assert_int_equal(call(hook_bad), 0);
	assert_int_equal(write_at_code(PAGE).rip, CODE + 3);
	assert_int_equal(*(uint64_t *)memory(PAGE), 0x5555);
	assert_true(me->disabled);
	assert_int_equal(rights(PAGE), BF_S2_RWX);
	assert_null(bf_view_base()->next);
}

static void bad_verdict(void **state)
{
	(void)state;
	each_profile(misbehave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_passes),   cmocka_unit_test(verdicts),
		cmocka_unit_test(kinds),           cmocka_unit_test(by_the_cpu),
		cmocka_unit_test(execution),       cmocka_unit_test(no_instruction),
		cmocka_unit_test(both_pages),      cmocka_unit_test(guest_steps),
		cmocka_unit_test(of_a_view),       cmocka_unit_test(denied),
		cmocka_unit_test(device_of_pages), cmocka_unit_test(device_in_a_hole),
		cmocka_unit_test(no_execute_only), cmocka_unit_test(allocation_fails),
		cmocka_unit_test(bad_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

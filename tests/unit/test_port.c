/* SPDX-License-Identifier: MIT */
/* Port instructions from exit to entry, on CPUs of both vendors: hooks, ports, the guest's RAM. */
#include <bareframe/ext.h>
#include <bareframe/guest.h>
#include <bareframe/hook.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/vmx.h>
#include <bfvmm/emu_guest.h>
#include <bfvmm/msr.h>
#include "test.h"

#define PORT        0x3f8
#define RAM         0x900000UL
#define NOTHING     0x40000000UL /* the guest's tables end there */
#define IO_VMX      30
#define IO_SVM      0x7b
#define INFORMATION 0x440e
#define ES          0
#define DS          3

/* What the hook does, and what it has seen. */
static struct {
	enum bf_verdict verdict;
	uint32_t answer, count;
	uint32_t pass; /* so many accesses first */
	struct bf_port_io seen[8];
} hook;

static enum bf_verdict on_io(struct bf_vcpu *vcpu, struct bf_port_io *io, void *ctx)
{
	(void)ctx;
	if (hook.count < COUNT(hook.seen))
		hook.seen[hook.count] = *io;
	if (hook.count++ < hook.pass)
		return BF_PASS;
	if (hook.verdict != BF_PASS || io->write)
		io->value = hook.answer;
	if (hook.verdict == BF_INJECT)
		bf_vcpu_inject(vcpu, (struct bf_event){.type = BF_EVENT_EXCEPTION,
						       .vector = BF_VECTOR_GP,
						       .has_error = true,
						       .error_code = 5});
	return hook.verdict;
}

static enum bf_verdict on_io_done(struct bf_vcpu *vcpu, struct bf_port_io *io, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	io->value += io->write ? 0 : 1;
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	int status = bf_hook_io(ext, BF_ALL_VMS, BF_PORT(PORT, PORT + 7), on_io, NULL,
				BF_PRIO_NORMAL, NULL);

	if (status)
		return status;
	return bf_hook_io_post(ext, BF_ALL_VMS, BF_PORT(PORT, PORT), on_io_done, NULL,
			       BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(port_watch, .version = "1", .license = "MIT", .init = init);

/* What a processor reports of a port instruction of 64-bit code. */
struct insn {
	const char *name;
	uint8_t bytes[4];
	uint8_t length, size;
	bool in, string, rep;
};

static const struct insn in_al = {"in al, dx", {0xec}, 1, 1, true, false, false};
static const struct insn in_ax = {"in ax, dx", {0x66, 0xed}, 2, 2, true, false, false};
static const struct insn in_eax = {"in eax, dx", {0xed}, 1, 4, true, false, false};
static const struct insn out_al = {"out dx, al", {0xee}, 1, 1, false, false, false};
static const struct insn out_ax = {"out dx, ax", {0x66, 0xef}, 2, 2, false, false, false};
static const struct insn out_eax = {"out dx, eax", {0xef}, 1, 4, false, false, false};
static const struct insn rep_insb = {"rep insb", {0xf3, 0x6c}, 2, 1, true, true, true};
static const struct insn rep_insw = {"rep insw", {0x66, 0xf3, 0x6d}, 3, 2, true, true, true};
static const struct insn rep_outsw = {"rep outsw", {0x66, 0xf3, 0x6f}, 3, 2, false, true, true};

static struct mock_exit exit_of(const struct insn *insn, uint16_t port)
{
	uint32_t segment = insn->in ? ES : DS, to = (uint32_t)port << 16;

	if (mock.profile->vendor == MOCK_INTEL) {
		mock_vmcs_set(INFORMATION, 2u << 7 | segment << 15);
		return (struct mock_exit){.reason = IO_VMX,
					  .length = insn->length,
					  .qualification = (insn->size - 1u) | insn->in << 3 |
							   insn->string << 4 | insn->rep << 5 | to};
	}
	return (struct mock_exit){.reason = IO_SVM,
				  .length = insn->length,
				  .qualification = insn->in | insn->string << 2 | insn->rep << 3 |
						   (uint32_t)insn->size << 4 |
						   (insn->string ? 8u << 6 | segment << 10 : 0) |
						   to,
				  .info2 = MOCK_GUEST_RIP + insn->length};
}

static struct mock_result run(const struct insn *insn, uint16_t port)
{
	struct bf_vcpu *vcpu = mock_vcpu();
	struct mock_exit exit = exit_of(insn, port);

	hook.count = 0;
	memset(hook.seen, 0, sizeof(hook.seen));
	memcpy(bf_phys_to_virt(MOCK_GUEST_RIP), insn->bytes, sizeof(insn->bytes));
	bf_vcpu_set(vcpu, BF_RIP, MOCK_GUEST_RIP);
	vcpu->regs.rdx = port;
	return mock_guest_exit(vcpu, &exit);
}

static void for_all(void (*test)(const char *name))
{
	for (uint32_t p = 0; mock_profiles[p]; p++) {
		mock_reset(mock_profiles[p], 1);
		memset(&hook, 0, sizeof(hook));
		assert_int_equal(mock_vmm_start(""), 0);
		mock.out_count = 0;
		test(mock_profiles[p]->name);
		assert_int_equal(mock_vmm_stop(), 0);
	}
}

static void went_on(const struct insn *insn, struct mock_result r, const char *name)
{
	assert_row(r.end == MOCK_RETURNED && !r.injected, name);
	assert_row(r.rip == MOCK_GUEST_RIP + insn->length, insn->name);
}

static void in_test(const char *name)
{
	static const struct {
		const struct insn *insn;
		uint64_t rax;
	} rows[] = {
		{&in_al, 0xffffffffffffff11}, {&in_ax, 0xffffffffffff2211}, {&in_eax, 0x44332211}};
	struct bf_regs *regs = &mock_vcpu()->regs;

	for (uint32_t i = 0; i < 4; i++)
		mock.port_in[PORT + 0x10 + i] = (uint8_t)(0x11 * (i + 1));
	for (size_t i = 0; i < COUNT(rows); i++) {
		regs->rax = UINT64_MAX;
		went_on(rows[i].insn, run(rows[i].insn, PORT + 0x10), name);
		assert_int_equal(regs->rax, rows[i].rax);
		assert_int_equal(hook.count, 0); /* not its ports */
	}
}

static void out_test(const char *name)
{
	static const struct insn *const rows[] = {&out_al, &out_ax, &out_eax};
	static const char said[] = "\x44\x44\x33\x44\x33\x22\x11";

	mock_vcpu()->regs.rax = 0xffffffff11223344;
	for (size_t i = 0; i < COUNT(rows); i++)
		went_on(rows[i], run(rows[i], PORT + 0x10), name);
	assert_int_equal(mock.out_count, 7);
	assert_memory_equal(mock.out_text, said, 7);
}

static void hooked_test(const char *name)
{
	struct bf_regs *regs = &mock_vcpu()->regs;
	struct mock_result r;

	/* It answers: the port is not read, and what is after the default is not called. */
	hook.verdict = BF_SKIP;
	hook.answer = 0x12345678;
	regs->rax = 0;
	mock_counts_reset();
	went_on(&in_al, run(&in_al, PORT), name);
	assert_int_equal(regs->rax, 0x78); /* bits that the access does not have are cut */
	assert_int_equal(mock.count.in, 0);
	/* It passes: read, and changed afterwards. */
	hook.verdict = BF_PASS;
	mock.port_in[PORT] = 0x41;
	went_on(&in_al, run(&in_al, PORT), name);
	assert_int_equal(regs->rax, 0x42);
	/* It changes what is written. */
	hook.answer = 'x';
	regs->rax = 0xabcd;
	went_on(&out_al, run(&out_al, PORT), name);
	assert_int_equal(mock.out_text[mock.out_count - 1], 'x');
	assert_row(hook.seen[0].write && hook.seen[0].size == 1 && !hook.seen[0].string, name);
	assert_int_equal(hook.seen[0].value, 0xcd);
	/* It leaves RIP where it is; it raises an event. */
	hook.verdict = BF_DONE;
	r = run(&in_al, PORT);
	assert_row(!r.injected && r.rip == MOCK_GUEST_RIP, name);
	hook.verdict = BF_INJECT;
	r = run(&out_al, PORT);
	assert_row(r.injected && r.vector == BF_VECTOR_GP && r.error_code == 5, name);
	assert_int_equal(mock.out_count, 1);
}

static void strings_test(const char *name)
{
	struct bf_regs *regs = &mock_vcpu()->regs;

	mock.port_in[PORT] = 'a';
	regs->rdi = RAM + BF_PAGE_SIZE - 2;
	regs->rcx = 4;
	went_on(&rep_insb, run(&rep_insb, PORT), name);
	assert_memory_equal(bf_phys_to_virt(RAM + BF_PAGE_SIZE - 2), "bbbb", 4);
	assert_row(regs->rcx == 0 && regs->rdi == RAM + BF_PAGE_SIZE + 2, name);
	assert_row(hook.count == 4 && hook.seen[3].string && hook.seen[3].port == PORT, name);
	memcpy(bf_phys_to_virt(RAM), "one two ", 8);
	regs->rsi = RAM;
	regs->rcx = 4;
	went_on(&rep_outsw, run(&rep_outsw, PORT + 0x10), name);
	assert_memory_equal(mock.out_text, "one two ", 8);
	assert_row(regs->rcx == 0 && regs->rsi == RAM + 8 && mock.out_count == 8, name);
	regs->rcx = 0;
	went_on(&rep_outsw, run(&rep_outsw, PORT), name);
	assert_int_equal(mock.out_count, 8);
}

/* What comes before the element that ends it has happened. */
static void cut_short_test(const char *name)
{
	struct bf_regs *regs = &mock_vcpu()->regs;
	struct mock_result r;

	hook.pass = 2;
	hook.verdict = BF_INJECT;
	regs->rdi = RAM;
	regs->rcx = 5;
	r = run(&rep_insb, PORT);
	assert_row(r.injected && r.error_code == 5 && r.rip == MOCK_GUEST_RIP, name);
	assert_row(regs->rcx == 3 && regs->rdi == RAM + 2, name);
	/* A page that is not there: no element is lost between port and memory. */
	hook.pass = UINT32_MAX;
	mock_counts_reset();
	regs->rdi = NOTHING;
	regs->rcx = 2;
	r = run(&rep_insb, PORT);
	assert_row(r.injected && r.vector == BF_VECTOR_PF && r.error_code == BF_PF_WRITE, name);
	assert_row(regs->rcx == 2 && !mock.count.in, name);
	assert_int_equal(bf_vcpu_get(mock_vcpu(), BF_CR2), NOTHING);
	regs->rdi = NOTHING - 1; /* half of it is there */
	r = run(&rep_insw, PORT);
	assert_row(r.injected && r.vector == BF_VECTOR_PF && !mock.count.in, name);
	regs->rsi = NOTHING;
	r = run(&rep_outsw, PORT);
	assert_row(r.injected && r.vector == BF_VECTOR_PF && !r.error_code, name);
	/* Memory of the VMM is no memory of the guest's. */
	regs->rsi = MOCK_POOL_PA;
	regs->rcx = 1;
	r = run(&rep_outsw, PORT);
	assert_row(r.injected && r.vector == BF_VECTOR_GP && !r.error_code, name);
}

/* Other instructions go this way too: locked ones, and those that nobody can emulate. */
static void memory_test(const char *name)
{
	struct bf_emu_guest guest = {mock_vcpu()};
	struct bf_emu emu = {0};

	for (uint8_t size = 1; size <= 8; size *= 2) {
		struct bf_emu_access a = {.va = RAM, .size = size, .locked = true, .value = {0x77}};

		memset(bf_phys_to_virt(RAM), 0xff, 16);
		assert_int_equal(bf_emu_guest_write(&guest, &a), BF_EAGAIN);
		assert_int_equal(*(uint64_t *)bf_phys_to_virt(RAM), UINT64_MAX);
		a.expected[0] = UINT64_MAX >> (64 - 8 * size);
		assert_int_equal(bf_emu_guest_write(&guest, &a), 0);
		assert_row(((uint8_t *)bf_phys_to_virt(RAM))[0] == 0x77, name);
		assert_row(((uint8_t *)bf_phys_to_virt(RAM))[size] == 0xff, name);
		a.va += size / 2;
		assert_int_equal(bf_emu_guest_write(&guest, &a),
				 size == 1 ? BF_EAGAIN : BF_ENOTSUP);
		a.va = NOTHING;
		assert_int_equal(bf_emu_guest_write(&guest, &a), BF_EFAULT);
		assert_int_equal(a.fault.address, NOTHING);
	}
	assert_int_equal(bf_emu_guest_end(&guest, &emu, BF_ENOTSUP), BF_INJECT);
}

#define FOR_ALL(name)                                                                              \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		for_all(name##_test);                                                              \
	}

FOR_ALL(in)
FOR_ALL(out)
FOR_ALL(hooked)
FOR_ALL(strings)
FOR_ALL(cut_short)
FOR_ALL(memory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in),      cmocka_unit_test(out),       cmocka_unit_test(hooked),
		cmocka_unit_test(strings), cmocka_unit_test(cut_short), cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}

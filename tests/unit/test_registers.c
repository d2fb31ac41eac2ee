/* SPDX-License-Identifier: MIT */
/* MOV to and from control and debug registers, CLTS, LMSW: what the core makes of them. */
#include <bfmock/hv.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include "test.h"

#define TS      (1ull << 3)
#define DR7_GD  (1ull << 13)
#define DR6_BD  (1ull << 13)
#define AR_LONG (1ull << 13)

static struct bf_vcpu *const vcpu = &mock_vcpus[0];

/* 64-bit code in ring 0. */
static int setup(void **state)
{
	(void)state;
	mock_hv_init(1);
	mock_hv.field[BF_EFER] = EFER_LMA;
	mock_hv.field[BF_CS_ACCESS] = AR_LONG;
	mock_hv.field[BF_CR0] = CR0_PE | CR0_PG;
	mock_hv.field[BF_DR6] = 0xffff0ff0;
	mock_hv.field[BF_DR7] = 0x400;
	return 0;
}

static void expect_done(enum bf_exit_reason reason)
{
	uint32_t advanced = mock_hv.advanced;

	assert_int_equal(mock_hv_exit(vcpu, reason), BF_SKIP);
	assert_int_equal(mock_hv.advanced, advanced + 1);
	assert_int_equal(mock_hv.injected, 0);
}

static void expect_exception(enum bf_exit_reason reason, uint8_t vector)
{
	assert_int_equal(mock_hv_exit(vcpu, reason), BF_INJECT);
	assert_int_equal(mock_hv.injected, 1);
	assert_int_equal(mock_hv.advanced, 0);
	assert_int_equal(mock_hv.last_event.type, BF_EVENT_EXCEPTION);
	assert_int_equal(mock_hv.last_event.vector, vector);
	assert_int_equal(mock_hv.last_event.has_error, vector == BF_VECTOR_GP);
	assert_int_equal(mock_hv.last_event.error_code, 0);
	mock_hv.injected = 0;
}

/* The encoding of instructions: RSP, which is a field, is number 4. */
static void every_gpr(void **state)
{
	uint64_t *const in_order[16] = {
		&vcpu->regs.rax,        &vcpu->regs.rcx, &vcpu->regs.rdx, &vcpu->regs.rbx,
		&mock_hv.field[BF_RSP], &vcpu->regs.rbp, &vcpu->regs.rsi, &vcpu->regs.rdi,
		&vcpu->regs.r8,         &vcpu->regs.r9,  &vcpu->regs.r10, &vcpu->regs.r11,
		&vcpu->regs.r12,        &vcpu->regs.r13, &vcpu->regs.r14, &vcpu->regs.r15};

	(void)state;
	for (uint32_t i = 0; i < 16; i++)
		*in_order[i] = 0x1000 + i;
	for (uint32_t i = 0; i < 16; i++) {
		assert_int_equal(bf_gpr_get(vcpu, i), 0x1000 + i);
		bf_vcpu_take(vcpu, BF_PENDING_REGS);
		bf_gpr_set(vcpu, i, 0x2000 + i);
		/* Only what the stub would keep in the CPU has to be loaded again. */
		assert_int_equal(!!bf_vcpu_take(vcpu, BF_PENDING_REGS), i != 4);
	}
	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(*in_order[i], 0x2000 + i);
}

static const struct {
	uint8_t cr;
	enum bf_field field;
} crs[] = {{0, BF_CR0}, {2, BF_CR2}, {3, BF_CR3}, {4, BF_CR4}, {8, BF_CR8}};

static void cr_reads_and_writes(void **state)
{
	for (size_t i = 0; i < COUNT(crs); i++) {
		setup(state);
		mock_hv.field[crs[i].field] = 0x8765432112345678;
		mock_hv.cr = (struct bf_cr_access){.cr = crs[i].cr, .gpr = 3};
		expect_done(BF_EXIT_CR_READ);
		assert_int_equal(vcpu->regs.rbx, 0x8765432112345678);
		mock_hv.cr = (struct bf_cr_access){.cr = crs[i].cr, .write = true, .value = 99};
		expect_done(BF_EXIT_CR_WRITE);
		assert_int_equal(mock_hv.field[crs[i].field], 99);
	}
}

/* A value that the backend refuses is one that the CPU would refuse. */
static void cr_write_refused(void **state)
{
	(void)state;
	mock_hv.cr = (struct bf_cr_access){.cr = 4, .write = true, .value = UINT64_MAX};
	mock_hv.set_status = BF_EINVAL;
	expect_exception(BF_EXIT_CR_WRITE, BF_VECTOR_GP);
	assert_int_equal(mock_hv.field[BF_CR4], 0);
}

/* SDM volume 2, "CLTS" and "LMSW": the latter loads four bits and cannot clear PE. */
static void cr0_in_part(void **state)
{
	static const struct {
		bool clts, lmsw;
		uint64_t before, value, after;
	} rows[] = {
		{true, false, CR0_PG | TS | CR0_PE, 0xffff, CR0_PG | CR0_PE},
		{true, false, CR0_PG | CR0_PE, 0, CR0_PG | CR0_PE},
		{false, true, CR0_PG | CR0_PE, 0, CR0_PG | CR0_PE},
		{false, true, CR0_PG | 0xf, 0xfff1, CR0_PG | 1},
		{false, true, CR0_PG | 1, 0xfffe, CR0_PG | 0xf},
		{false, true, 0, 0xffff, 0xf},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		setup(state);
		mock_hv.field[BF_CR0] = rows[i].before;
		mock_hv.cr = (struct bf_cr_access){.write = true,
						   .clts = rows[i].clts,
						   .lmsw = rows[i].lmsw,
						   .value = rows[i].value};
		expect_done(BF_EXIT_CR_WRITE);
		assert_int_equal(mock_hv.field[BF_CR0], rows[i].after);
	}
}

static void read_dr(uint8_t dr, uint64_t expected)
{
	vcpu->regs.rsi = ~expected;
	mock_hv.dr = (struct bf_dr){.dr = dr, .gpr = 6};
	expect_done(BF_EXIT_DR_ACCESS);
	assert_int_equal(vcpu->regs.rsi, expected);
}

static void set_dr(uint8_t dr, uint64_t value)
{
	vcpu->regs.rsi = value;
	mock_hv.dr = (struct bf_dr){.dr = dr, .gpr = 6, .write = true};
}

static void write_dr(uint8_t dr, uint64_t value)
{
	set_dr(dr, value);
	expect_done(BF_EXIT_DR_ACCESS);
	assert_int_equal(vcpu->regs.rsi, value);
}

static void addresses(void **state)
{
	(void)state;
	for (uint8_t dr = 0; dr < 4; dr++)
		write_dr(dr, 0xffff800000001000 + dr);
	for (uint8_t dr = 0; dr < 4; dr++) {
		assert_int_equal(mock_this()->dr[dr], 0xffff800000001000 + dr);
		read_dr(dr, 0xffff800000001000 + dr);
	}
	/* Outside of 64-bit mode the operand has 32 bits. */
	mock_hv.field[BF_CS_ACCESS] = 0;
	write_dr(2, 0xffffffff00000042);
	assert_int_equal(mock_this()->dr[2], 0x42);
}

/* SDM volume 3, "Debug Status Register (DR6)", "Debug Control Register (DR7)": fixed bits. */
static void status_and_control(void **state)
{
	(void)state;
	write_dr(6, 0);
	assert_int_equal(mock_hv.field[BF_DR6], 0xffff0ff0);
	write_dr(6, 0xffffffff);
	assert_int_equal(mock_hv.field[BF_DR6], 0xffffefff);
	read_dr(6, 0xffffefff);
	write_dr(7, 0);
	assert_int_equal(mock_hv.field[BF_DR7], 0x400);
	write_dr(7, 0xffffffff & ~DR7_GD);
	assert_int_equal(mock_hv.field[BF_DR7], 0xffff0fff);
	read_dr(7, 0xffff0fff);
}

static void upper_half(void **state)
{
	for (uint8_t dr = 6; dr < 8; dr++) {
		setup(state);
		set_dr(dr, 1ull << 32);
		expect_exception(BF_EXIT_DR_ACCESS, BF_VECTOR_GP);
		/* 32-bit code has no upper half to get wrong. */
		mock_hv.field[BF_EFER] = 0;
		write_dr(dr, 1ull << 32);
		mock_hv.field[BF_EFER] = EFER_LMA;
		mock_hv.field[BF_CS_ACCESS] = 0;
		write_dr(dr, 1ull << 32);
	}
}

/* DR4 and DR5 are DR6 and DR7, or with CR4.DE nothing at all. */
static void aliases(void **state)
{
	(void)state;
	read_dr(4, 0xffff0ff0);
	read_dr(5, 0x400);
	write_dr(5, 0x401);
	assert_int_equal(mock_hv.field[BF_DR7], 0x401);
	mock_hv.field[BF_CR4] = CR4_DE;
	for (uint8_t dr = 4; dr < 6; dr++) {
		mock_hv.advanced = 0;
		set_dr(dr, 0);
		expect_exception(BF_EXIT_DR_ACCESS, BF_VECTOR_UD);
	}
	assert_int_equal(mock_hv.field[BF_DR7], 0x401);
}

static void dr_privilege(void **state)
{
	(void)state;
	for (uint8_t cpl = 1; cpl <= 3; cpl++) {
		mock_hv.field[BF_CPL] = cpl;
		set_dr(0, 7);
		expect_exception(BF_EXIT_DR_ACCESS, BF_VECTOR_GP);
		assert_int_equal(mock_this()->dr[0], 0);
	}
}

/* DR7.GD: the access is reported instead of made, once. */
static void general_detect(void **state)
{
	(void)state;
	mock_hv.field[BF_DR7] |= DR7_GD;
	set_dr(0, 7);
	expect_exception(BF_EXIT_DR_ACCESS, BF_VECTOR_DB);
	assert_int_equal(mock_this()->dr[0], 0);
	assert_int_equal(mock_hv.field[BF_DR7], 0x400);
	assert_int_equal(mock_hv.field[BF_DR6], 0xffff0ff0 | DR6_BD);
	write_dr(0, 7);
	assert_int_equal(mock_this()->dr[0], 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_gpr, setup),
		cmocka_unit_test_setup(cr_reads_and_writes, setup),
		cmocka_unit_test_setup(cr_write_refused, setup),
		cmocka_unit_test_setup(cr0_in_part, setup),
		cmocka_unit_test_setup(addresses, setup),
		cmocka_unit_test_setup(status_and_control, setup),
		cmocka_unit_test_setup(upper_half, setup),
		cmocka_unit_test_setup(aliases, setup),
		cmocka_unit_test_setup(dr_privilege, setup),
		cmocka_unit_test_setup(general_detect, setup),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}

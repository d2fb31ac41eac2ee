/* SPDX-License-Identifier: MIT */
/* Port instructions: what goes through the port, in which pieces, and where a fault leaves them. */
#include "../test.h"
#include "machine.h"

#define PORT 0x3f8

enum {
	RAX = 0,
	RCX = 1,
	RDX = 2,
	RSI = 6,
	RDI = 7
};

static uint8_t memory[0x2000];

static void prepare(struct machine *m, enum bf_insn_mode mode)
{
	machine_init(m, mode);
	for (uint32_t i = 0; i < sizeof(memory); i++)
		memory[i] = (uint8_t)(i + 1);
	m->memory = memory;
	m->base = 0x10000;
	m->bytes = sizeof(memory);
	m->gpr[RAX] = 0x8877665544332211;
	m->gpr[RSI] = 0x10000;
	m->gpr[RDI] = 0x11000;
	m->in_value = 0xa4a3a2a1;
}

/* Of 64-bit code. */
static struct bf_io_access string(bool write, uint8_t size, bool rep)
{
	return (struct bf_io_access){
		.port = PORT,
		.size = size,
		.write = write,
		.string = true,
		.rep = rep,
		.address_size = 8,
		.segment = write ? BF_SEG_DS : BF_SEG_ES,
		.length = rep ? 2 : 1,
	};
}

static void in_and_out(void **state)
{
	static const struct {
		uint8_t size;
		uint64_t in;
		uint32_t out;
	} rows[] = {
		{1, 0x88776655443322a1, 0x11},
		{2, 0x887766554433a2a1, 0x2211},
		{4, 0xa4a3a2a1, 0x44332211},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bf_io_access io = {.port = PORT, .size = rows[i].size, .length = 3};
		struct machine m;
		struct bf_emu emu = machine_emu(&m);

		prepare(&m, BF_INSN_64);
		assert_int_equal(bf_emulate_io(&emu, &io), 0);
		assert_int_equal(m.gpr[RAX], rows[i].in);
		assert_true(emu.finished);
		assert_int_equal(emu.next_rip, 0x1003);
		assert_int_equal(emu.length, 3);
		prepare(&m, BF_INSN_64);
		io.write = true;
		assert_int_equal(bf_emulate_io(&emu, &io), 0);
		assert_int_equal(m.log[0].kind, MACHINE_OUT);
		assert_int_equal(m.log[0].port, PORT);
		assert_int_equal(m.log[0].size, rows[i].size);
		assert_int_equal(m.log[0].value, rows[i].out);
		assert_int_equal(m.events, 1);
	}
}

static void single_string(void **state)
{
	struct bf_io_access ins = string(false, 4, false), outs = string(true, 2, false);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 77;
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_int_equal(emu.iterations, 1);
	assert_int_equal(m.gpr[RDI], 0x11004);
	assert_int_equal(m.gpr[RSI], 0x10000);
	assert_int_equal(m.gpr[RCX], 77);
	assert_memory_equal(memory + 0x1000, "\xa1\xa2\xa3\xa4\x05", 5);
	assert_int_equal(bf_emulate_io(&emu, &outs), 0);
	assert_int_equal(m.gpr[RSI], 0x10002);
	assert_int_equal(m.gpr[RDI], 0x11004);
	assert_int_equal(m.log[m.events - 1].value, 0x0201);
}

static void repeated(void **state)
{
	struct bf_io_access ins = string(false, 1, true), outs = string(true, 4, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 3;
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_true(emu.finished);
	assert_int_equal(emu.next_rip, 0x1002);
	assert_int_equal(m.gpr[RCX], 0);
	assert_memory_equal(memory + 0x1000, "\xa1\xa2\xa3\x04", 4);
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 2;
	m.gpr[RSI] = 0x10008;
	m.field[BF_RFLAGS] |= RFLAGS_DF;
	assert_int_equal(bf_emulate_io(&emu, &outs), 0);
	assert_int_equal(m.log[2].value, 0x0c0b0a09);
	assert_int_equal(m.log[4].value, 0x08070605);
	assert_int_equal(m.gpr[RSI], 0x10000);
	m.gpr[RCX] = 0;
	m.events = 0;
	assert_int_equal(bf_emulate_io(&emu, &outs), 0);
	assert_true(emu.finished);
	assert_int_equal(m.events, 0);
}

/* The default is a page at a time; what is left over comes with the next exit. */
static void in_parts(void **state)
{
	struct bf_io_access ins = string(false, 2, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 2049;
	m.gpr[RDI] = 0x10000;
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_int_equal(emu.iterations, 2048);
	assert_false(emu.finished);
	assert_int_equal(emu.next_rip, 0x1000);
	assert_int_equal(m.gpr[RCX], 1);
	assert_int_equal(m.gpr[RDI], 0x11000);
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_int_equal(emu.iterations, 1);
	assert_true(emu.finished);
	m.gpr[RCX] = 3;
	m.field[BF_RFLAGS] |= RFLAGS_TF;
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_int_equal(emu.iterations, 1);
	assert_false(emu.finished);
}

/* A page fault comes before the port is read: nothing that a device gave is lost. */
static void ins_faults(void **state)
{
	struct bf_io_access ins = string(false, 4, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 4;
	m.gpr[RDI] = 0x11000 - 10; /* the third element begins before the page and ends in it */
	m.no_write = 0x11000;
	assert_int_equal(bf_emulate_io(&emu, &ins), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_PF);
	assert_int_equal(emu.iterations, 2);
	assert_int_equal(machine_count(&m, MACHINE_IN), 2);
	assert_int_equal(m.gpr[RCX], 2);
	assert_int_equal(m.gpr[RDI], 0x11000 - 2);
	m.no_write = 0;
	assert_int_equal(bf_emulate_io(&emu, &ins), 0);
	assert_true(emu.finished);
	assert_int_equal(machine_count(&m, MACHINE_IN), 4);
	assert_memory_equal(memory + 0x1000 - 10, "\xa1\xa2\xa3\xa4\xa2\xa2\xa3\xa4\xa3\xa2", 10);
}

static void outs_faults(void **state)
{
	struct bf_io_access outs = string(true, 1, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 4;
	m.gpr[RSI] = 0x11000 - 3;
	m.no_read = 0x11000;
	assert_int_equal(bf_emulate_io(&emu, &outs), BF_EFAULT);
	assert_int_equal(machine_count(&m, MACHINE_OUT), 3);
	assert_int_equal(m.gpr[RCX], 1);
	assert_int_equal(m.gpr[RSI], 0x11000);
}

/* A port may refuse too, and its code comes back. */
static void port_refuses(void **state)
{
	struct bf_io_access in = {.port = PORT, .size = 1, .length = 1};
	struct bf_io_access outs = string(true, 1, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_64);
	m.fail = BF_EPERM;
	m.fail_at = 1;
	assert_int_equal(bf_emulate_io(&emu, &in), BF_EPERM);
	assert_int_equal(m.gpr[RAX], 0x8877665544332211);
	prepare(&m, BF_INSN_64);
	m.gpr[RCX] = 5;
	m.fail_at = 7; /* check, read, out, read, out, read, this */
	assert_int_equal(bf_emulate_io(&emu, &outs), BF_EFAULT);
	assert_int_equal(m.gpr[RCX], 3);
}

/* Address size, segment, and their limits are those of the access, not those of the mode. */
static void addresses(void **state)
{
	struct bf_io_access outs = string(true, 1, true), ins = string(false, 1, true);
	struct machine m;
	struct bf_emu emu = machine_emu(&m);

	(void)state;
	prepare(&m, BF_INSN_16);
	outs.address_size = ins.address_size = 2;
	outs.segment = BF_SEG_FS;
	m.field[BF_FS_BASE] = 0x10000;
	m.field[BF_ES_BASE] = 0x11000;
	m.field[BF_ES_LIMIT] = 1;
	m.gpr[RCX] = 0x70002;
	m.gpr[RSI] = 0x50003;
	assert_int_equal(bf_emulate_io(&emu, &outs), 0);
	assert_int_equal(m.log[1].access.va, 0x10003);
	assert_int_equal(m.gpr[RCX], 0x70000);
	assert_int_equal(m.gpr[RSI], 0x50005);
	m.gpr[RCX] = 3;
	m.gpr[RDI] = 0;
	assert_int_equal(bf_emulate_io(&emu, &ins), BF_EFAULT);
	assert_int_equal(emu.fault.vector, BF_VECTOR_GP);
	assert_int_equal(m.gpr[RCX], 1);
	assert_int_equal(m.gpr[RDI], 2);
}

/* A device in memory that INS or OUTS gets to: the same engine, from the bytes. */
static void from_bytes(void **state)
{
	static const uint8_t rep_outsb[] = {0x65, 0xf3, 0x6e}, insd[] = {0x48, 0x6d};
	struct machine m;
	struct bf_emu emu = machine_emu(&m);
	struct bf_emu_bus no_ports = machine_bus;

	(void)state;
	prepare(&m, BF_INSN_64);
	m.gpr[RDX] = 0xffff0060;
	m.gpr[RCX] = 2;
	m.field[BF_GS_BASE] = 0x20;
	assert_int_equal(bf_emulate(&emu, rep_outsb, sizeof(rep_outsb)), 0);
	assert_int_equal(emu.next_rip, 0x1003);
	assert_int_equal(m.log[2].kind, MACHINE_OUT);
	assert_int_equal(m.log[2].port, 0x60);
	assert_int_equal(m.log[2].value, 0x21);
	assert_int_equal(bf_emulate(&emu, insd, sizeof(insd)), 0);
	assert_int_equal(m.log[m.events - 2].kind, MACHINE_IN);
	assert_int_equal(m.log[m.events - 2].size, 4);
	assert_int_equal(m.gpr[RDI], 0x11004);
	no_ports.in = NULL;
	emu.bus = &no_ports;
	assert_int_equal(bf_emulate(&emu, insd, sizeof(insd)), BF_ENOTSUP);
	assert_int_equal(emu.length, 2);
	assert_int_equal(bf_emulate_io(&emu, &(struct bf_io_access){.size = 1}), BF_ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_and_out),   cmocka_unit_test(single_string),
		cmocka_unit_test(repeated),     cmocka_unit_test(in_parts),
		cmocka_unit_test(ins_faults),   cmocka_unit_test(outs_faults),
		cmocka_unit_test(port_refuses), cmocka_unit_test(addresses),
		cmocka_unit_test(from_bytes),
	};

	return cmocka_run_group_tests_name("emulate_io", tests, NULL, NULL);
}

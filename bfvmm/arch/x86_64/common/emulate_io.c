/* SPDX-License-Identifier: MIT */
/* IN, OUT, INS and OUTS. */
#include <common/emulation.h>

enum {
	RAX = 0,
	RDX = 2
};

/* An instruction on a string, and its port. */
struct port_string {
	struct bf_emu_string string;
	uint16_t port;
};

static struct port_string *of(struct bf_emu_string *s)
{
	return (struct port_string *)s;
}

/* The right to write is asked for first: what a port gave cannot be put back. */
static int input(struct bf_emulation *e, struct bf_emu_string *s)
{
	const struct bf_emu *emu = e->emu;
	struct bf_emu_access to;
	uint32_t value = 0;
	int status = bf_emu_to(e, s, true, &to);

	if (!status)
		status = emu->bus->in(emu->bus_ctx, of(s)->port, e->size, &value);
	if (status)
		return status;
	to.value[0] = value & bf_emu_mask(e->size);
	return bf_emu_write(e, &to);
}

static int output(struct bf_emulation *e, struct bf_emu_string *s)
{
	const struct bf_emu *emu = e->emu;
	struct bf_emu_access from;
	int status = bf_emu_from(e, s, &from);

	if (!status)
		status = bf_emu_read(e, &from);
	if (status)
		return status;
	return emu->bus->out(emu->bus_ctx, of(s)->port, e->size, (uint32_t)from.value[0]);
}

static int port_string(struct bf_emulation *e, const struct bf_io_access *io)
{
	struct port_string s = {
		.string = {.repeated = io->rep,
			   .has_from = io->write,
			   .has_to = !io->write,
			   .segment = io->segment},
		.port = io->port,
	};

	e->op = io->write ? BF_EMU_OUTS : BF_EMU_INS;
	e->size = io->size;
	e->address_size = io->address_size;
	return bf_emu_repeat(e, &s.string, io->write ? output : input);
}

static bool has_ports(const struct bf_emu *emu)
{
	return emu->bus->in && emu->bus->out;
}

int bf_emu_run_port_string(struct bf_emulation *e)
{
	struct bf_io_access io = {
		.port = (uint16_t)bf_emu_reg(e, RDX, 2),
		.size = (uint8_t)(e->size == 8 ? 4 : e->size),
		.write = e->op == BF_EMU_OUTS,
		.string = true,
		.rep = e->insn.repeat,
		.address_size = (uint8_t)e->address_size,
		.segment = (uint8_t)bf_insn_segment(&e->insn, e->mode, BF_SEG_DS),
	};

	return has_ports(e->emu) ? port_string(e, &io) : BF_ENOTSUP;
}

static int single(struct bf_emulation *e, const struct bf_io_access *io)
{
	const struct bf_emu *emu = e->emu;
	uint32_t value = 0;
	int status;

	if (io->write)
		return emu->bus->out(emu->bus_ctx, io->port, io->size,
				     (uint32_t)bf_emu_reg(e, RAX, io->size));
	status = emu->bus->in(emu->bus_ctx, io->port, io->size, &value);
	if (!status)
		bf_emu_set_reg(e, RAX, io->size, value);
	return status;
}

int bf_emulate_io(struct bf_emu *emu, const struct bf_io_access *io)
{
	struct bf_emulation e;
	int status;

	if (!has_ports(emu))
		return BF_ENOTSUP;
	bf_emu_begin(&e, emu);
	emu->length = io->length;
	emu->finished = true;
	status = io->string ? port_string(&e, io) : single(&e, io);
	if (emu->finished)
		emu->next_rip = e.rip + io->length;
	return status;
}

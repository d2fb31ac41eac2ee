/* SPDX-License-Identifier: MIT */
/*
 * IN, OUT, INS and OUTS: the emulator makes the accesses, each goes through the hooks, and what
 * they leave goes to the machine's ports.
 */
#include <stddef.h>
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/emu_guest.h>
#include <bfvmm/vcpu.h>

/* An instruction under way. */
struct port_exit {
	struct bf_emu_guest guest; /* first: what the memory callbacks get */
	struct bf_exit *exit;
	bf_each_fn each;
	void *each_ctx;
	bool string;
	enum bf_verdict verdict; /* that ended it */
};

BF_PERFORM(port_perform)
{
	struct bf_port_io *p = &io->io;

	(void)vcpu;
	(void)exit;
	switch (p->size + (p->write ? 8 : 0)) {
	case 1:
		p->value = bf_hw_inb(p->port);
		break;
	case 2:
		p->value = bf_hw_inw(p->port);
		break;
	case 4:
		p->value = bf_hw_inl(p->port);
		break;
	case 8 + 1:
		bf_hw_outb(p->port, (uint8_t)p->value);
		break;
	case 8 + 2:
		bf_hw_outw(p->port, (uint16_t)p->value);
		break;
	default:
		bf_hw_outl(p->port, p->value);
		break;
	}
	return BF_SKIP;
}

static uint32_t mask_of(uint32_t size)
{
	return size == 4 ? UINT32_MAX : (1u << 8 * size) - 1;
}

static int access(struct port_exit *p, union bf_hook_io *io)
{
	p->verdict = p->each(p->each_ctx, io->io.port, io);
	/* Any error ends the emulation: the verdict says how. */
	return p->verdict == BF_SKIP ? 0 : BF_ENOENT;
}

static int in(void *ctx, uint16_t port, uint32_t size, uint32_t *value)
{
	struct port_exit *p = ctx;
	union bf_hook_io io;
	int status;

	io.io = (struct bf_port_io){.port = port, .size = (uint8_t)size, .string = p->string};
	status = access(p, &io);
	*value = io.io.value & mask_of(size);
	return status;
}

static int out(void *ctx, uint16_t port, uint32_t size, uint32_t value)
{
	struct port_exit *p = ctx;
	union bf_hook_io io;

	io.io = (struct bf_port_io){.port = port,
				    .size = (uint8_t)size,
				    .write = true,
				    .string = p->string,
				    .value = value & mask_of(size)};
	return access(p, &io);
}

static const struct bf_emu_bus bus = {
	.check = bf_emu_guest_check,
	.read = bf_emu_guest_read,
	.write = bf_emu_guest_write,
	.in = in,
	.out = out,
};

enum bf_verdict bf_port_drive(struct bf_vcpu *vcpu, struct bf_exit *exit, bf_each_fn each,
			      void *ctx)
{
	struct port_exit p = {.guest = {.vcpu = vcpu},
			      .exit = exit,
			      .each = each,
			      .each_ctx = ctx,
			      .verdict = BF_SKIP};
	struct bf_emu emu = {.cpu = &bf_emu_vcpu, .cpu_ctx = vcpu, .bus = &bus, .bus_ctx = &p};
	struct bf_io_access io;
	int status = bf_hv->decode_io(vcpu, &io);

	p.string = io.string;
	if (!status)
		status = bf_emulate_io(&emu, &io);
	if (p.verdict != BF_SKIP)
		return p.verdict;
	return bf_emu_guest_end(&p.guest, &emu, status);
}

struct bare {
	struct bf_vcpu *vcpu;
	struct bf_exit *exit;
};

static enum bf_verdict perform(void *ctx, uint64_t key, union bf_hook_io *io)
{
	const struct bare *b = ctx;

	(void)key;
	return bf_port_perform(b->vcpu, b->exit, io);
}

enum bf_verdict bf_default_port(struct bf_vcpu *vcpu, struct bf_exit *exit, const void *ctx)
{
	struct bare bare = {vcpu, exit};

	(void)ctx;
	return bf_port_drive(vcpu, exit, perform, &bare);
}

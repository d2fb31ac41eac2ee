/* SPDX-License-Identifier: MIT */
/*
 * Watches a range of I/O ports: how often each is read and written, and with which value last.
 * Options: ports=FIRST, count=N; unless told the two of the CMOS clock, 0x70 and 0x71.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

#define PORTS_MAX 256u

struct port {
	uint64_t reads, writes, elements; /* of which are of string instructions */
	uint32_t value;
};

static struct port port[PORTS_MAX];
static uint64_t first, count;

/* Behind the access: what was read is there by now. CPUs count side by side. */
static enum bf_verdict on_access(struct bf_vcpu *vcpu, struct bf_port_io *io, void *ctx)
{
	struct port *p = &port[io->port - first];

	(void)vcpu;
	(void)ctx;
	__atomic_fetch_add(io->write ? &p->writes : &p->reads, 1, __ATOMIC_RELAXED);
	if (io->string)
		__atomic_fetch_add(&p->elements, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&p->value, io->value, __ATOMIC_RELAXED);
	return BF_PASS;
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (uint32_t i = 0; i < count; i++)
		if (port[i].reads || port[i].writes)
			bf_info("io_watch: port 0x%03lx read %lu written %lu string %lu last 0x%x",
				first + i, port[i].reads, port[i].writes, port[i].elements,
				port[i].value);
}

static int init(struct bf_ext *ext)
{
	int status;

	first = bf_option_number("ports", 0x70);
	count = bf_option_number("count", 2);
	if (!count || count > PORTS_MAX || first > 0x10000 - count) {
		bf_error("io_watch: ports=0x%lx count=%lu: 1 to %u ports below 0x10000 can be "
			 "watched",
			 first, count, PORTS_MAX);
		return BF_EINVAL;
	}
	for (uint32_t i = 0; i < count; i++)
		port[i] = (struct port){0};
	status = bf_hook_io_post(ext, BF_CONTROL_VM, BF_PORT(first, first + count - 1), on_access,
				 NULL, BF_PRIO_NORMAL, NULL);
	return status ? status : bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);
}

BF_EXTENSION(io_watch, .version = "1.0", .license = "MIT", .init = init);

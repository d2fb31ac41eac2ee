/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "fake_os.h"

struct fake_os fake;

static uint8_t *memory;
static uint8_t code_page[BF_PAGE_SIZE] __attribute__((aligned(BF_PAGE_SIZE)));
static uint64_t gdt[16];

#define CODE_PA 0x5000UL

void fake_reset(uint32_t cpus)
{
	if (!memory)
		memory = mmap(NULL, FAKE_MEMORY, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	madvise(memory, FAKE_MEMORY, MADV_DONTNEED);
	memset(&fake, 0, sizeof(fake));
	fake.max_pages = UINT64_MAX;
	fake.machine = (struct bf_machine){
		.loader = BF_LOADER_TEST,
		.cpu_count = cpus,
		.region_count = 2,
		.rsdp_pa = 0xf0000,
		.apic_pa = 0xfee00000,
		.regions = {{0, 0x9f000, BF_REGION_RAM, 0},
			    {FAKE_BASE, FAKE_MEMORY, BF_REGION_RAM, 0}},
	};
	for (uint32_t i = 0; i < cpus; i++) {
		fake.online[i] = true;
		fake.machine.apic_id[i] = 2 * i;
	}
	gdt[2] = 0x00af9b000000ffff;
	gdt[8] = 0x00008b0000000067;
}

static bool due(uint64_t *countdown)
{
	return *countdown && --*countdown == 0;
}

void *fake_va(uint64_t pa)
{
	if (pa < FAKE_BASE || pa >= FAKE_BASE + FAKE_MEMORY)
		abort();
	return memory + (pa - FAKE_BASE);
}

static int fake_alloc(void *os, uint64_t pages, struct bf_extent *extent)
{
	(void)os;
	fake.allocs++;
	if (pages > fake.max_pages)
		pages = fake.max_pages;
	if (due(&fake.fail_alloc) || fake.next + pages * BF_PAGE_SIZE > FAKE_MEMORY)
		return BF_ENOMEM;
	*extent = (struct bf_extent){FAKE_BASE + fake.next, pages * BF_PAGE_SIZE};
	memset(fake_va(extent->pa), 0xa5, extent->bytes);
	fake.next += extent->bytes + fake.gap;
	fake.held += pages;
	return 0;
}

static void fake_free(void *os, const struct bf_extent *extent)
{
	(void)os;
	fake.held -= extent->bytes / BF_PAGE_SIZE;
}

static void *to_va(void *os, uint64_t pa)
{
	(void)os;
	return fake_va(pa);
}

static int to_pa(void *os, const void *va, uint64_t *pa)
{
	const uint8_t *at = va;

	(void)os;
	if (at >= memory && at < memory + FAKE_MEMORY)
		*pa = FAKE_BASE + (uint64_t)(at - memory);
	else if (at >= code_page && at < code_page + BF_PAGE_SIZE)
		*pa = CODE_PA + (uint64_t)(at - code_page);
	else
		return BF_EFAULT;
	return 0;
}

static int machine(void *os, struct bf_machine *out, struct bf_report *report)
{
	(void)os;
	(void)report;
	if (due(&fake.fail_machine))
		return BF_ENOTSUP;
	*out = fake.machine;
	return 0;
}

static int cpu_online(void *os, uint32_t cpu)
{
	(void)os;
	return cpu < FAKE_CPUS && fake.online[cpu];
}

static int on_cpu(void *os, uint32_t cpu, void (*fn)(void *), void *arg)
{
	(void)os;
	if (fake.dead >> cpu & 1)
		abort();
	if (due(&fake.fail_on_cpu))
		return BF_ECPU;
	fake.cpu = cpu;
	fn(arg);
	return 0;
}

static void say(void *os, int level, const char *text)
{
	(void)os;
	(void)level;
	snprintf(fake.said, sizeof(fake.said), "%s", text);
}

static void host_cpu(void *os, struct bf_host_cpu *cpu)
{
	(void)os;
	*cpu = (struct bf_host_cpu){.gdt = gdt,
				    .gdt_limit = sizeof(gdt) - 1,
				    .cs = 0x10,
				    .tr = 0x40,
				    .cr4 = 0x6e0,
				    .efer = 0xd01};
	if (fake.vmxe[fake.cpu])
		cpu->cr4 |= 1 << 13;
}

/* The VMM's answer to BF_OP_*; the order of operations is checked on the way. */
static int64_t switch_call(void *os, struct bf_switch *sw, uint64_t op)
{
	struct bf_boot *boot = ((struct bf_loader *)os)->layout.boot;

	if (sw->cpu != fake.cpu || boot->magic != BF_BOOT_MAGIC)
		abort();
	fake.inits += op == BF_OP_INIT;
	fake.starts += op == BF_OP_START;
	fake.finis += op == BF_OP_FINI;
	if ((op == BF_OP_INIT) == fake.vmm_up)
		abort();
	if (op == fake.fail_op && sw->cpu == fake.fail_cpu) {
		snprintf(boot->report.what, sizeof(boot->report.what), "fake");
		boot->report.code = fake.fail_code;
		return fake.fail_code;
	}
	if (op == BF_OP_INIT)
		fake.vmm_up = true;
	if (op == BF_OP_START && !fake.lie)
		sw->running = 1;
	if (op == BF_OP_FINI)
		fake.vmm_up = false;
	return 0;
}

static int64_t switch_stop(void *os, struct bf_switch *sw)
{
	(void)os;
	if (!sw->running || sw->cpu != fake.cpu)
		abort();
	if (fake.refuse_stop >> sw->cpu & 1)
		return BF_EPERM;
	fake.stops++;
	sw->running = 0;
	return 0;
}

static int64_t switch_hypercall(void *os, struct bf_switch *sw, uint64_t number, uint64_t pa)
{
	struct bf_log_page *page = fake_va(pa);

	(void)os;
	if (!sw->running)
		abort();
	fake.hypercalls++;
	if (number == BF_HC_LOG_READ) {
		page->count = 1;
		page->record[0].seq = page->from + 5;
		return 1;
	}
	if (number == BF_HC_VERSION)
		return fake.hc_abi;
	if (number == BF_HC_EXTENSIONS) {
		((struct bf_ext_page *)page)->count = 1000;
		((struct bf_ext_page *)page)->total = ((struct bf_ext_page *)page)->first + 1;
		return 1000;
	}
	((struct bf_stats_page *)page)->reasons = 1000;
	return 0;
}

const struct bf_loader_ops fake_ops = {
	.alloc = fake_alloc,
	.free = fake_free,
	.to_va = to_va,
	.to_pa = to_pa,
	.machine = machine,
	.cpu_online = cpu_online,
	.on_cpu = on_cpu,
	.log = say,
	.busy_remedy = "unload the other one",
	.host_cpu = host_cpu,
	.switch_call = switch_call,
	.switch_stop = switch_stop,
	.switch_hypercall = switch_hypercall,
	.switch_page = code_page,
};

/* SPDX-License-Identifier: MIT */
/* What a loader does: the boot record, the switch records, the operations. */
#include <stdio.h>
#include <string.h>
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfvmm/entry.h>
#include <bfvmm/msr.h>
#include "backend.h"

#define POOL_BYTES (8UL << 20)
#define PTE_TABLE  0x67ULL
#define PTE_LARGE  0xe7ULL
#define LARGE_PAGE 0x200000UL

struct bf_boot mock_boot;
struct bf_switch mock_switch[MOCK_CPUS];

struct call {
	uint32_t cpu;
	enum bf_op op;
	int64_t status;
};

static void back(struct bf_switch *sw, int64_t status)
{
	(void)sw;
	(void)status;
	mock_end(MOCK_LEFT);
}

static uint64_t *table(uint32_t number)
{
	return bf_phys_to_virt(MOCK_GUEST_CR3 + number * BF_PAGE_SIZE);
}

/* The guest's page tables: the first GiB identity-mapped, with 4 or 5 levels. */
static void build_tables(void)
{
	uint32_t at = 0;

	for (uint32_t level = mock_has(MOCK_LA57) ? 5 : 4; level > 2; level--, at++)
		*table(at) = (MOCK_GUEST_CR3 + (at + 1) * BF_PAGE_SIZE) | PTE_TABLE;
	for (uint64_t i = 0; i < 512; i++)
		table(at)[i] = i * LARGE_PAGE | PTE_LARGE;
}

static void build_switch(uint32_t cpu)
{
	struct bf_switch *sw = &mock_switch[cpu];
	const struct mock_cpu *c = &mock.cpus[cpu];
	uint64_t *gdt = (uint64_t *)sw->tmp_gdt;

	memset(sw, 0, sizeof(*sw));
	gdt[2] = 0x00af9b000000ffff;
	gdt[3] = 0x00cf93000000ffff;
	gdt[8] = 0x0000890000000067;
	sw->cpu = cpu;
	sw->back = (uint64_t)back;
	sw->amd = mock.profile->vendor == MOCK_AMD;
	sw->world = (struct bf_world){
		.rip = MOCK_GUEST_RIP,
		.rsp = MOCK_GUEST_STACK,
		.rflags = RFLAGS_FIXED,
		.cr0 = c->cr0,
		.cr3 = MOCK_GUEST_CR3,
		.cr4 = c->cr4,
		.efer = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
		.gs_base = 0xffff888000002000,
		.cs = 0x10,
		.ss = 0x18,
		.tr = 0x40,
		.gdtr = {.limit = 0x7f, .base = 0xfffffe0000001000},
		.idtr = {.limit = 0xfff, .base = 0xfffffe0000000000},
	};
}

static void enter(void *ctx)
{
	struct call *call = ctx;

	call->status = bf_vmm_entry((uint64_t)&mock_boot, &mock_switch[call->cpu], call->op);
}

/* @return 0 if the CPU runs as a guest, or for what returns, the status */
static int operation(uint32_t cpu, enum bf_op op)
{
	struct call call = {.cpu = cpu, .op = op, .status = BF_EPANIC};
	enum mock_end end;

	mock_cpu_switch(cpu);
	mock_this()->in_vmm++;
	end = mock_catch(enter, &call);
	mock_this()->in_vmm--;
	if (end == MOCK_ENTERED)
		return op == BF_OP_START ? 0 : BF_EPANIC;
	if (end != MOCK_RETURNED) {
		fprintf(stderr, "CPU %u: %s\n", cpu,
			end == MOCK_FAULTED ? mock_fault_text : "the VMM halted the CPU");
		return BF_EPANIC;
	}
	return op == BF_OP_START && !call.status ? BF_ECPU : (int)call.status;
}

int mock_vmm_init(const char *cmdline)
{
	bf_control_vm = NULL;
	mock_nmi_exit = mock_nmi_to_guest;
	mock_boot_fill(&mock_boot, POOL_BYTES);
	snprintf(mock_boot.cmdline, sizeof(mock_boot.cmdline), "%s", cmdline);
	build_tables();
	for (uint32_t i = 0; i < mock.cpu_count; i++)
		build_switch(i);
	return operation(0, BF_OP_INIT);
}

int mock_vmm_start_cpu(uint32_t cpu)
{
	return operation(cpu, BF_OP_START);
}

int mock_vmm_start(const char *cmdline)
{
	int status = mock_vmm_init(cmdline);

	for (uint32_t i = 0; i < mock.cpu_count && !status; i++)
		status = mock_vmm_start_cpu(i);
	mock_cpu_switch(0);
	return status;
}

int mock_vmm_stop(void)
{
	for (uint32_t i = 0; i < mock.cpu_count; i++) {
		mock_cpu_switch(i);
		if (!mock_switch[i].running)
			continue;
		if (mock_execute_hypercall(mock_vcpu(), BF_HC_STOP, 0).end != MOCK_LEFT)
			return BF_ECPU;
	}
	return operation(0, BF_OP_FINI);
}

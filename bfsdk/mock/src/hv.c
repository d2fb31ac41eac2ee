/* SPDX-License-Identifier: MIT */
/* The neutral backend. */
#include <string.h>
#include <bfmock/hv.h>
#include <bfmock/machine.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/chain.h>
#include <bfvmm/log.h>
#include <bfvmm/mem.h>
#include <bfvmm/s2.h>
#include "model.h"

struct mock_hv mock_hv;
struct bf_vm mock_vm;
struct bf_vcpu mock_vcpus[MOCK_CPUS];

static struct bf_pcpu pcpus[MOCK_CPUS];
static struct bf_switch switches[MOCK_CPUS];

static bool yes(void)
{
	return true;
}

static int setup(struct bf_report *report)
{
	(void)report;
	return 0;
}

static int cpu_on(struct bf_pcpu *pcpu, struct bf_report *report)
{
	(void)report;
	pcpu->on = true;
	return 0;
}

static void cpu_off(struct bf_pcpu *pcpu)
{
	pcpu->on = false;
}

static int vm_create(struct bf_vm *vm, struct bf_report *report)
{
	(void)vm;
	(void)report;
	return 0;
}

static void vm_destroy(struct bf_vm *vm)
{
	(void)vm;
}

static int vcpu_create(struct bf_vcpu *vcpu, struct bf_report *report)
{
	(void)vcpu;
	(void)report;
	return 0;
}

static void vcpu_destroy(struct bf_vcpu *vcpu)
{
	(void)vcpu;
}

static int vcpu_load(struct bf_vcpu *vcpu, const struct bf_state *state, struct bf_report *report)
{
	(void)vcpu;
	(void)report;
	mock_hv.field[BF_RIP] = state->rip;
	mock_hv.field[BF_RSP] = state->rsp;
	return 0;
}

static void vcpu_save(struct bf_vcpu *vcpu, struct bf_state *state)
{
	(void)vcpu;
	memset(state, 0, sizeof(*state));
	state->rip = mock_hv.field[BF_RIP];
	state->rsp = mock_hv.field[BF_RSP];
	state->dr6 = mock_this()->dr6;
	state->dr7 = mock_this()->dr7;
}

static int entry_check(struct bf_vcpu *vcpu, struct bf_report *report)
{
	(void)vcpu;
	(void)report;
	return 0;
}

static int launch(struct bf_vcpu *vcpu, struct bf_report *report)
{
	(void)vcpu;
	(void)report;
	if (mock_hv.fail_launch)
		return mock_hv.fail_launch;
	mock_hv.launched++;
	mock_end(MOCK_ENTERED);
}

static void inject(struct bf_vcpu *vcpu)
{
	mock_hv.injected++;
	mock_hv.last_event = vcpu->event;
}

static void inject_nmi(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	mock_hv.injected_nmi++;
}

static void advance(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	mock_hv.advanced++;
	mock_hv.field[BF_RIP] += mock_hv.field[BF_EXIT_LENGTH];
}

static void advance_to(struct bf_vcpu *vcpu, uint64_t rip)
{
	(void)vcpu;
	mock_hv.advanced++;
	mock_hv.field[BF_RIP] = rip;
}

static void step(struct bf_vcpu *vcpu, bool on)
{
	(void)vcpu;
	mock_hv.stepping = on;
}

static uint64_t get(struct bf_vcpu *vcpu, enum bf_field field)
{
	(void)vcpu;
	return mock_hv.field[field];
}

static int set(struct bf_vcpu *vcpu, enum bf_field field, uint64_t value)
{
	(void)vcpu;
	if (field >= BF_EXIT_REASON)
		return BF_EINVAL;
	if (!mock_hv.set_status)
		mock_hv.field[field] = value;
	return mock_hv.set_status;
}

static uint64_t can_intercept(enum bf_exit_reason reason)
{
	return mock_hv.no_intercept[reason] ? 0 : UINT64_MAX;
}

static void intercept_ranges(struct bf_vm *vm, enum bf_exit_reason reason, bf_range_next_fn next,
			     void *ctx)
{
	struct bf_range range;

	(void)vm;
	mock_hv.ranges[reason] = 0;
	while (next(ctx, &range))
		mock_hv.ranges[reason]++;
}

static int intercept(struct bf_vcpu *vcpu, enum bf_exit_reason reason, uint64_t keys)
{
	(void)vcpu;
	if (mock_hv.no_intercept[reason])
		return BF_ENOTSUP;
	mock_hv.intercept[reason] = keys;
	return 0;
}

static void take_nmis(void)
{
	bf_hw_unblock_nmis();
}

/* The exit of a guest that an NMI hits. */
static bool nmi_exit(void)
{
	struct bf_pcpu *pcpu = mock_this()->pcpu;

	mock_this()->nmi = false;
	mock_this()->in_vmm++;
	if (!bf_kick_take(pcpu))
		bf_vcpu_pend(pcpu->vcpu, BF_PENDING_NMI);
	if (atomic_load(&pcpu->vcpu->pending))
		bf_vcpu_pending(pcpu->vcpu);
	mock_this()->in_vmm--;
	return true;
}

static void decode_cr(struct bf_vcpu *vcpu, struct bf_cr_access *access)
{
	(void)vcpu;
	*access = mock_hv.cr;
}

static int decode_io(struct bf_vcpu *vcpu, struct bf_io_access *access)
{
	(void)vcpu;
	*access = mock_hv.io;
	return 0;
}

static void decode_dr(struct bf_vcpu *vcpu, struct bf_dr *access)
{
	(void)vcpu;
	*access = mock_hv.dr;
}

static void invlpg(struct bf_vcpu *vcpu, uint64_t gva)
{
	(void)vcpu;
	mock_hv.invalidated = gva;
}

static int read_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	(void)vcpu;
	(void)msr;
	*value = mock_hv.msr_value;
	return mock_hv.msr_verdict;
}

static int write_msr(struct bf_vcpu *vcpu, uint32_t msr, uint64_t value)
{
	(void)vcpu;
	(void)msr;
	mock_hv.msr_value = value;
	return mock_hv.msr_verdict;
}

static const struct bf_s2_format *no_s2(void)
{
	return NULL;
}

static void s2_flush(struct bf_vcpu *vcpu)
{
	(void)vcpu;
	mock_hv.flushed++;
}

static void s2_root(struct bf_vcpu *vcpu, uint64_t root)
{
	(void)vcpu;
	mock_hv.s2_root = root;
}

static void decode_s2(struct bf_vcpu *vcpu, struct bf_s2_access *access)
{
	(void)vcpu;
	*access = mock_hv.s2;
	access->gpa = mock_hv.field[BF_EXIT_GPA];
	if (!access->kind)
		access->kind = BF_S2_READ;
}

static void dump(struct bf_vcpu *vcpu, bf_dump_fn emit)
{
	(void)vcpu;
	emit("RIP", mock_hv.field[BF_RIP]);
}

static const struct bf_cpuid_mask no_masks[] = {{.leaf = UINT32_MAX}};

const struct bf_hv_ops mock_hv_ops = {
	.name = "mock",
	.present = yes,
	.setup = setup,
	.cpu_on = cpu_on,
	.cpu_off = cpu_off,
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_load = vcpu_load,
	.vcpu_save = vcpu_save,
	.entry_check = entry_check,
	.launch = launch,
	.inject = inject,
	.inject_nmi = inject_nmi,
	.advance = advance,
	.advance_to = advance_to,
	.step = step,
	.get = get,
	.set = set,
	.intercept = intercept,
	.can_intercept = can_intercept,
	.intercept_ranges = intercept_ranges,
	.can_kick = yes,
	.take_nmis = take_nmis,
	.decode_cr = decode_cr,
	.decode_dr = decode_dr,
	.decode_io = decode_io,
	.read_msr = read_msr,
	.write_msr = write_msr,
	.cpuid_masks = no_masks,
	.s2_format = no_s2,
	.invlpg = invlpg,
	.s2_flush = s2_flush,
	.s2_root = s2_root,
	.decode_s2 = decode_s2,
	.dump = dump,
};

static void init_cpu(uint32_t i)
{
	mock_vcpus[i] = (struct bf_vcpu){.index = i, .vm = &mock_vm, .pcpu = &pcpus[i]};
	switches[i].running = BF_CPU_GUEST;
	pcpus[i] = (struct bf_pcpu){.index = i, .vcpu = &mock_vcpus[i], .sw = &switches[i]};
	mock_vm.vcpu[i] = &mock_vcpus[i];
	mock.cpus[i].pcpu = &pcpus[i];
}

void mock_hv_init(uint32_t cpu_count)
{
	mock_reset(&mock_intel, cpu_count);
	memset(&mock_hv, 0, sizeof(mock_hv));
	memset(&mock_vm, 0, sizeof(mock_vm));
	mock_hv.field[BF_EXIT_LENGTH] = 2;
	mock_hv.msr_verdict = BF_PASS;
	mock_pool_init(256 * BF_PAGE_SIZE);
	bf_heap_init();
	bf_log_init(NULL, cpu_count, BF_LOG_DEBUG);
	bf_hv = &mock_hv_ops;
	mock_nmi_exit = nmi_exit;
	bf_control_vm = NULL;
	bf_hooks_reset();
	bf_s2_rules_reset();
	bf_calls_reset(cpu_count);
	bf_apic_init(MOCK_APIC_PA);
	mock_vm.vcpu_count = cpu_count;
	for (uint32_t i = 0; i < cpu_count; i++)
		init_cpu(i);
	if (bf_slots_init(&mock_vm))
		mock_fault("no memory for the default slots");
	bf_control_vm = &mock_vm;
}

enum bf_verdict mock_hv_exit(struct bf_vcpu *vcpu, enum bf_exit_reason reason)
{
	struct bf_exit exit = {.reason = reason, .raw = reason};
	enum bf_verdict verdict = bf_exit_dispatch(vcpu, &exit);

	bf_exit_verdict(vcpu, &exit, verdict);
	if (atomic_load(&vcpu->pending))
		bf_vcpu_pending(vcpu);
	return verdict;
}

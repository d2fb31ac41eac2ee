/* SPDX-License-Identifier: MIT */
/*
 * Instructions that access hooked pages or devices that hooks make. Each access goes where its
 * page says: to hooks and then to the guest's memory, or to a device.
 */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/phys.h>
#include <bfvmm/defaults.h>
#include <bfvmm/guest.h>
#include <bfvmm/mem.h>
#include <bfvmm/s2_through.h>
#include <bfvmm/vcpu.h>

#define INSTRUCTION_MAX 15u
#define ELEMENT_MAX     8u

static void sum_at(const struct bf_vcpu *vcpu, uint64_t gpa, struct bf_s2_sum *sum)
{
	bf_lock(&bf_s2_lock);
	(void)bf_s2_sum(bf_vcpu_view(vcpu), gpa & BF_PAGE_MASK, BF_PAGE_SIZE, sum);
	bf_unlock(&bf_s2_lock);
}

static uint64_t linear_rip(struct bf_vcpu *vcpu)
{
	return bf_hv->get(vcpu, BF_CS_BASE) + bf_hv->get(vcpu, BF_RIP);
}

/* The guest's own memory has been fetched; a view may show other bytes. */
static void overlay(struct bf_vcpu *vcpu, uint64_t gva, uint8_t *to, uint32_t bytes)
{
	struct bf_translation at;
	struct bf_s2_sum sum;

	if (!bytes || bf_guest_translate(vcpu, gva, BF_GUEST_FETCH, &at, NULL))
		return;
	sum_at(vcpu, at.gpa, &sum);
	if (sum.page)
		memcpy(to, (uint8_t *)bf_phys_to_virt(sum.page) + (at.gpa & ~BF_PAGE_MASK), bytes);
}

uint32_t bf_s2_fetch(struct bf_vcpu *vcpu, uint8_t *to, uint32_t bytes)
{
	uint64_t gva = linear_rip(vcpu);
	uint32_t count = bf_guest_fetch(vcpu, gva, to, bytes, 0, NULL);
	uint32_t first = (uint32_t)(BF_PAGE_SIZE - (gva & ~BF_PAGE_MASK));

	if (first > count)
		first = count;
	overlay(vcpu, gva, to, first);
	overlay(vcpu, gva + first, to + first, count - first);
	return count;
}

static int failed(struct bf_emu_access *a, int status, const struct bf_guest_fault *fault)
{
	if (status == BF_EFAULT)
		a->fault = (struct bf_emu_fault){.vector = fault->vector,
						 .has_error = true,
						 .error_code = fault->error_code,
						 .address = fault->address};
	return status;
}

/* Whether the rules let one page of an access be reached. */
static int enter(struct bf_s2_exit *x, struct bf_emu_access *a, uint64_t gpa, uint64_t gva,
		 const struct bf_s2_sum *sum)
{
	struct bf_s2_access access = {.gpa = gpa,
				      .gva = gva,
				      .gva_valid = true,
				      .kind = a->write ? BF_S2_WRITE : BF_S2_READ};

	if ((sum->hooked & access.kind) && !bf_s2_ask(x, &access))
		return BF_ENOENT;
	if (!(sum->denied & access.kind))
		return 0;
	a->fault = (struct bf_emu_fault){.vector = BF_VECTOR_GP, .has_error = true};
	return BF_EFAULT;
}

/*
 * Both pages of an access.
 * @gpa	of its first byte, if a device is there, else 0
 */
static int reach(struct bf_s2_exit *x, struct bf_emu_access *a, uint64_t *gpa)
{
	const uint64_t ends[] = {a->va, a->va + a->size - 1};
	uint32_t rights = a->write ? BF_GUEST_READ | BF_GUEST_WRITE : BF_GUEST_READ;
	struct bf_guest_fault fault;
	struct bf_translation to;
	struct bf_s2_sum sum;
	int status = 0;

	*gpa = 0;
	for (uint32_t i = 0; i < 2 && !status; i++) {
		/* Of the second page it is the first byte that is accessed. */
		uint64_t mask = i ? BF_PAGE_MASK : UINT64_MAX;

		if (i && !((ends[0] ^ ends[1]) & BF_PAGE_MASK))
			break;
		status = bf_guest_translate(x->guest.vcpu, ends[i], rights | BF_GUEST_MARK, &to,
					    &fault);
		if (status)
			return failed(a, status, &fault);
		sum_at(x->guest.vcpu, to.gpa, &sum);
		if (sum.mmio && !i)
			*gpa = to.gpa;
		else if (!*gpa)
			status = enter(x, a, to.gpa & mask, ends[i] & mask, &sum);
	}
	return status;
}

/* One element of a device. @return 0; BF_EDEVICE if no hook has made it; BF_ENOENT */
static int element(struct bf_s2_exit *x, struct bf_mmio mmio, uint64_t *value)
{
	union bf_hook_io io = {.s2 = {.mmio = mmio}};
	enum bf_verdict verdict = x->each(x->each_ctx, BF_S2_KEY_MMIO | mmio.gpa, &io);

	if (verdict != BF_SKIP) {
		x->verdict = verdict;
		return BF_ENOENT;
	}
	*value = io.s2.mmio.value;
	if (mmio.size < ELEMENT_MAX)
		*value &= (1ul << 8 * mmio.size) - 1;
	return io.s2.passed ? BF_EDEVICE : 0;
}

static int device(struct bf_s2_exit *x, struct bf_emu_access *a, uint64_t gpa, bool write)
{
	uint32_t size = a->size < ELEMENT_MAX ? a->size : ELEMENT_MAX;
	int status = 0;

	if (!write)
		a->value[0] = a->value[1] = 0;
	for (uint32_t i = 0; i < a->size / size && !status; i++) {
		struct bf_mmio mmio = {.gpa = gpa + i * size,
				       .size = (uint8_t)size,
				       .write = write,
				       .value = write ? a->value[i] : 0};
		uint64_t value;

		status = element(x, mmio, &value);
		if (!status && !write)
			a->value[i] = value;
	}
	return status;
}

static int read(void *ctx, struct bf_emu_access *a)
{
	struct bf_s2_exit *x = ctx;
	uint64_t gpa;
	int status = reach(x, a, &gpa);

	if (!status && gpa)
		status = device(x, a, gpa, false);
	if (status && status != BF_EDEVICE)
		return status;
	if (!status && gpa)
		return 0;
	status = bf_emu_guest_read(ctx, a);
	if (status != BF_EDEVICE || !gpa)
		return status;
	/* Nothing answers there. */
	a->value[0] = a->size < ELEMENT_MAX ? (1ul << 8 * a->size) - 1 : UINT64_MAX;
	a->value[1] = a->size > ELEMENT_MAX ? UINT64_MAX : 0;
	return 0;
}

static int write(void *ctx, struct bf_emu_access *a)
{
	struct bf_s2_exit *x = ctx;
	uint64_t gpa;
	int status = reach(x, a, &gpa);

	if (!status && gpa)
		status = device(x, a, gpa, true);
	if (status && status != BF_EDEVICE)
		return status;
	if (!status && gpa)
		return 0;
	status = bf_emu_guest_write(ctx, a);
	return status == BF_EDEVICE && gpa ? 0 : status;
}

static const struct bf_emu_bus bus = {
	.check = bf_emu_guest_check,
	.read = read,
	.write = write,
};

enum bf_verdict bf_s2_emulate(struct bf_s2_exit *x)
{
	struct bf_vcpu *vcpu = x->guest.vcpu;
	struct bf_emu emu = {.cpu = &bf_emu_vcpu, .cpu_ctx = vcpu, .bus = &bus, .bus_ctx = x};
	uint8_t bytes[INSTRUCTION_MAX];
	int status = bf_emulate(&emu, bytes, bf_s2_fetch(vcpu, bytes, sizeof(bytes)));

	if (x->verdict != BF_VERDICT_COUNT)
		return x->verdict;
	/* What names no memory may access it all the same: it may be a push. */
	return status == BF_EINVAL ? BF_PASS : bf_emu_verdict(vcpu, &emu, status);
}

static int nothing(void *ctx, struct bf_emu_access *a)
{
	(void)ctx;
	(void)a;
	return 0;
}

static uint64_t gpr(void *vcpu, uint32_t number)
{
	return bf_gpr_get(vcpu, number);
}

static void keep_gpr(void *vcpu, uint32_t number, uint64_t value)
{
	(void)vcpu;
	(void)number;
	(void)value;
}

static uint64_t get(void *vcpu, enum bf_field field)
{
	return bf_hv->get(vcpu, field);
}

static void keep_rflags(void *vcpu, uint64_t value)
{
	(void)vcpu;
	(void)value;
}

enum bf_verdict bf_s2_skip(struct bf_vcpu *vcpu)
{
	static const struct bf_emu_bus no_bus = {.read = nothing, .write = nothing};
	static const struct bf_emu_cpu no_cpu = {gpr, keep_gpr, get, keep_rflags};
	struct bf_emu emu = {.cpu = &no_cpu, .cpu_ctx = vcpu, .bus = &no_bus};
	uint8_t bytes[INSTRUCTION_MAX];

	(void)bf_emulate(&emu, bytes, bf_s2_fetch(vcpu, bytes, sizeof(bytes)));
	if (emu.length) {
		bf_hv->advance_to(vcpu, bf_hv->get(vcpu, BF_RIP) + emu.length);
		return BF_DONE;
	}
	bf_error("vCPU %u: the instruction at RIP 0x%lx cannot be skipped: its length is not known",
		 vcpu->index, bf_hv->get(vcpu, BF_RIP));
	return bf_raise_gp(vcpu);
}

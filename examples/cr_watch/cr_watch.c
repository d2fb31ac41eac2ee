/* SPDX-License-Identifier: MIT */
/*
 * Watches CR0 and CR4: how often they are written, and which bits change, by name. The first
 * changes are logged with the address of the instruction. Option: lines=N, 32 unless told.
 */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bareframe/log.h>

struct bit {
	uint8_t number;
	const char *name;
};

/* SDM volume 3, 2.5; APM volume 2, 3.1. */
static const struct bit cr0_bits[] = {{0, "PE"},  {1, "MP"},  {2, "EM"},  {3, "TS"},
				      {4, "ET"},  {5, "NE"},  {16, "WP"}, {18, "AM"},
				      {29, "NW"}, {30, "CD"}, {31, "PG"}, {0, NULL}};
static const struct bit cr4_bits[] = {
	{0, "VME"},   {1, "PVI"},   {2, "TSD"},       {3, "DE"},     {4, "PSE"},
	{5, "PAE"},   {6, "MCE"},   {7, "PGE"},       {8, "PCE"},    {9, "OSFXSR"},
	{11, "UMIP"}, {12, "LA57"}, {16, "FSGSBASE"}, {17, "PCIDE"}, {18, "OSXSAVE"},
	{20, "SMEP"}, {21, "SMAP"}, {22, "PKE"},      {23, "CET"},   {10, "OSXMMEXCPT"},
	{13, "VMXE"}, {14, "SMXE"}, {24, "PKS"},      {0, NULL}};

static const struct watched {
	uint8_t cr;
	enum bf_field field;
	const struct bit *bits;
} watched[] = {{0, BF_CR0, cr0_bits}, {4, BF_CR4, cr4_bits}};

#define WATCHED (sizeof(watched) / sizeof(watched[0]))

static uint64_t writes[WATCHED], changes[WATCHED], lines_left;

/* Takes one of the lines that may still be logged. */
static bool take_line(void)
{
	uint64_t left = __atomic_load_n(&lines_left, __ATOMIC_RELAXED);

	while (left && !__atomic_compare_exchange_n(&lines_left, &left, left - 1, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return left;
}

static void show(struct bf_vcpu *vcpu, const struct watched *w, uint64_t old, uint64_t value)
{
	for (const struct bit *b = w->bits; b->name; b++)
		if ((old ^ value) >> b->number & 1)
			bf_info("cr_watch: vCPU %u CR%u.%s %u -> %u at 0x%lx", bf_vcpu_index(vcpu),
				w->cr, b->name, (uint32_t)(old >> b->number & 1),
				(uint32_t)(value >> b->number & 1), bf_vcpu_get(vcpu, BF_RIP));
}

/* Before the write: the vCPU still has the old value. */
static enum bf_verdict on_write(struct bf_vcpu *vcpu, struct bf_cr *io, void *ctx)
{
	const struct watched *w = ctx;
	uint64_t old = bf_vcpu_get(vcpu, w->field);
	size_t i = (size_t)(w - watched);

	__atomic_fetch_add(&writes[i], 1, __ATOMIC_RELAXED);
	if (old == io->value)
		return BF_PASS;
	__atomic_fetch_add(&changes[i], 1, __ATOMIC_RELAXED);
	if (take_line())
		show(vcpu, w, old, io->value);
	return BF_PASS;
}

static void on_stop(enum bf_life_event event, uint32_t cpu, void *ctx)
{
	(void)event;
	(void)cpu;
	(void)ctx;
	for (size_t i = 0; i < WATCHED; i++)
		bf_info("cr_watch: CR%u written %lu changed %lu", watched[i].cr, writes[i],
			changes[i]);
}

static int init(struct bf_ext *ext)
{
	int status = bf_hook_event(ext, BF_LIFE_VMM_STOP, on_stop, NULL, NULL);

	lines_left = bf_option_number("lines", 32);
	for (size_t i = 0; i < WATCHED && !status; i++) {
		writes[i] = changes[i] = 0;
		status = bf_hook_cr_write(ext, BF_CONTROL_VM, BF_CR(watched[i].cr, watched[i].cr),
					  on_write, (void *)&watched[i], BF_PRIO_NORMAL, NULL);
	}
	return status;
}

BF_EXTENSION(cr_watch, .version = "1.0", .license = "MIT", .init = init);

/* SPDX-License-Identifier: MIT */
/*
 * Calls between CPUs that really run at the same time: each CPU is a thread. Of the VMM there is
 * only what carries calls; all else is here. An NMI is a flag that the "guest" looks at.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <bareframe/cpu.h>
#include <bareframe/ext.h>
#include <bareframe/log.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/guard.h>
#include "test.h"

#define CPUS  4u
#define CALLS 2000u

/* Nobody faults here. */
void bf_lock_begins(void)
{
}

void bf_lock_ends(void)
{
}

struct bf_ext *bf_running_ext(void)
{
	return NULL;
}

uint64_t bf_call_ext(struct bf_ext *ext, uint64_t (*fn)(void *ctx), void *ctx)
{
	(void)ext;
	return fn(ctx);
}

void bf_hw_probe_stack(void)
{
}

static struct bf_pcpu pcpus[CPUS];
static struct bf_vcpu vcpus[CPUS];
static _Atomic bool nmi[CPUS];
static _Atomic bool in_guest[CPUS];
static _Atomic uint32_t ready, finished, strays;
static bool nmis_in_vmm; /* taken at once, as on VMX; else at the next entry */
static bool last_comes_and_goes;
static _Thread_local struct bf_pcpu *this_cpu;

struct bf_pcpu *bf_this_pcpu(void)
{
	return this_cpu;
}

static void take_nmi(void)
{
	if (atomic_exchange(&nmi[this_cpu->index], false) && !bf_kick_take(this_cpu))
		atomic_fetch_add(&strays, 1);
}

void bf_hw_pause(void)
{
	if (nmis_in_vmm)
		take_nmi();
	sched_yield();
}

void bf_apic_send_nmi(uint32_t id)
{
	atomic_store(&nmi[id], true);
}

uint32_t bf_apic_id(void)
{
	return this_cpu->index;
}

int bf_apic_ready(void)
{
	return 0;
}

/* The VMM keeps what it has for as long as it runs; here it runs several times. */
static void *allocated;

void *bf_alloc(uint64_t bytes)
{
	assert_null(allocated);
	allocated = calloc(1, bytes);
	return allocated;
}

void bf_log(enum bf_log_level level, const char *format, ...)
{
	(void)level;
	fprintf(stderr, "%s\n", format);
}

static bool can_kick(void)
{
	return true;
}

static const struct bf_hv_ops ops = {.can_kick = can_kick, .take_nmis = take_nmi};
const struct bf_hv_ops *bf_hv = &ops;

/* From the guest to the VMM and back, if an NMI wants it. */
static void guest(void)
{
	struct bf_vcpu *vcpu = this_cpu->vcpu;

	for (bool again = true; again;) {
		if (bf_vcpu_take(vcpu, BF_PENDING_FLUSH | BF_PENDING_CALL) & BF_PENDING_CALL)
			bf_calls_serve();
		atomic_store(&in_guest[this_cpu->index], true);
		again = atomic_load(&nmi[this_cpu->index]);
		atomic_store(&in_guest[this_cpu->index], false);
		if (again)
			take_nmi();
	}
}

static void count(uint32_t cpu, void *ctx)
{
	assert_int_equal(cpu, this_cpu->index);
	atomic_fetch_add((_Atomic uint32_t *)ctx, 1);
}

static void count_all(uint32_t cpu, void *ctx)
{
	(void)cpu;
	assert_int_equal(bf_on_each_cpu(count, ctx, true), 0);
}

static void no_guest(uint32_t cpu, void *ctx)
{
	count(cpu, ctx);
	for (uint32_t i = 0; i < CPUS; i++)
		assert_false(atomic_load(&in_guest[i]));
}

static _Atomic uint32_t later;

static void assert_reached(uint32_t ran)
{
	assert_in_range(ran, CPUS - last_comes_and_goes, CPUS);
}

static void call(uint32_t way, uint32_t next)
{
	_Atomic uint32_t ran = 0;

	switch (way % 6) {
	case 0:
		assert_int_equal(bf_on_each_cpu(count, &ran, true), 0);
		assert_reached(ran);
		break;
	case 1:
		assert_int_equal(bf_on_each_cpu(count, &later, false), 0);
		break;
	case 2:
		assert_int_equal(bf_rendezvous(no_guest, &ran, BF_RENDEZVOUS_ALL), 0);
		assert_reached(ran);
		break;
	case 3:
		assert_int_equal(bf_rendezvous(no_guest, &ran, BF_RENDEZVOUS_CALLER), 0);
		assert_int_equal(ran, 1);
		break;
	case 4:
		assert_int_equal(bf_on_cpu(next, count, &ran), 0);
		assert_int_equal(ran, 1);
		break;
	default:
		assert_int_equal(bf_on_cpu(next, count_all, &ran), 0);
		assert_reached(ran);
	}
}

/* Out of the VMM for a while, where no NMI of the VMM's may come. */
static void leave_and_come(void)
{
	bf_cpu_leave(this_cpu);
	for (uint32_t i = 0; i < 20; i++) {
		if (atomic_load(&nmi[this_cpu->index]))
			atomic_fetch_add(&strays, 1);
		sched_yield();
	}
	bf_cpu_join(this_cpu);
}

static void work(uint32_t cpu)
{
	uint32_t others = last_comes_and_goes ? CPUS - 1 : CPUS;

	for (uint32_t i = 0; i < CALLS; i++) {
		guest();
		if (cpu == others)
			leave_and_come();
		else
			call(i * (cpu + 1) + cpu, (cpu + 1 + i % (others - 1)) % others);
	}
}

static void *run_cpu(void *arg)
{
	uint32_t cpu = (uint32_t)(uintptr_t)arg;

	this_cpu = &pcpus[cpu];
	bf_cpu_join(this_cpu);
	atomic_fetch_add(&ready, 1);
	while (atomic_load(&ready) < CPUS)
		guest();
	work(cpu);
	atomic_fetch_add(&finished, 1);
	while (atomic_load(&finished) < CPUS || atomic_load(&this_cpu->vcpu->pending)) {
		guest();
		sched_yield();
	}
	return NULL;
}

static void all_at_once(bool immediate, bool coming_and_going)
{
	pthread_t thread[CPUS];

	memset(pcpus, 0, sizeof(pcpus));
	memset(vcpus, 0, sizeof(vcpus));
	nmis_in_vmm = immediate;
	last_comes_and_goes = coming_and_going;
	ready = finished = strays = later = 0;
	this_cpu = &pcpus[0];
	bf_calls_reset(CPUS);
	assert_int_equal(bf_calls_enable(), 0);
	for (uint32_t i = 0; i < CPUS; i++) {
		pcpus[i].index = i;
		pcpus[i].vcpu = &vcpus[i];
	}
	for (uint32_t i = 0; i < CPUS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, run_cpu, (void *)(uintptr_t)i),
				 0);
	for (uint32_t i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	free(allocated);
	allocated = NULL;
	assert_int_equal(strays, 0);
	assert_true(later > 0);
	if (!last_comes_and_goes)
		assert_int_equal(later % CPUS, 0);
}

static void nmis_at_once(void **state)
{
	(void)state;
	all_at_once(true, false);
	all_at_once(true, true);
}

static void nmis_at_entry(void **state)
{
	(void)state;
	all_at_once(false, false);
	all_at_once(false, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nmis_at_once),
		cmocka_unit_test(nmis_at_entry),
	};

	return cmocka_run_group_tests_name("calls_threads", tests, NULL, NULL);
}

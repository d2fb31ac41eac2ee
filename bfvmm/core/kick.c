/* SPDX-License-Identifier: MIT */
/* Which CPUs run guests, and how one of them is made to exit. */
#include <stddef.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/apic.h>
#include <bfvmm/call.h>
#include <bfvmm/lock.h>

/* A kick takes microseconds to arrive. One that never does should not keep a CPU in the VMM. */
#define KICK_WAIT 10000000u

bool bf_kicks_on;
struct bf_cpuset bf_cpus_in;

static struct bf_pcpu *cpus[BF_MAX_CPUS];

void bf_kicks_reset(void)
{
	bf_kicks_on = false;
	for (uint32_t i = 0; i < BF_MAX_CPUS; i++) {
		(void)bf_cpuset_take(&bf_cpus_in, i);
		cpus[i] = NULL;
	}
}

bool bf_cpu_is_up(uint32_t cpu)
{
	return cpu < BF_MAX_CPUS && bf_cpuset_has(&bf_cpus_in, cpu) && !bf_cpu_halted(cpu);
}

bool bf_cpu_halted(uint32_t cpu)
{
	const struct bf_pcpu *pcpu = __atomic_load_n(&cpus[cpu], __ATOMIC_ACQUIRE);

	return pcpu && atomic_load(&pcpu->halted);
}

void bf_cpu_announce(uint32_t cpu, uint32_t pending)
{
	const struct bf_pcpu *pcpu = __atomic_load_n(&cpus[cpu], __ATOMIC_ACQUIRE);
	struct bf_vcpu *vcpu = pcpu ? __atomic_load_n(&pcpu->vcpu, __ATOMIC_ACQUIRE) : NULL;

	if (vcpu)
		bf_vcpu_pend(vcpu, pending);
	bf_cpu_kick(cpu);
}

/*
 * The lock keeps the CPU from leaving between the test and the NMI. One kick at a time is on its
 * way: then each NMI that arrives answers for at most one, whichever arrives first.
 */
void bf_cpu_kick(uint32_t cpu)
{
	struct bf_pcpu *pcpu = __atomic_load_n(&cpus[cpu], __ATOMIC_ACQUIRE);

	if (!pcpu || !bf_kicks_on)
		return;
	bf_lock(&pcpu->kick_lock);
	if (bf_cpu_is_up(cpu) && !atomic_exchange(&pcpu->kicked, true))
		bf_apic_send_nmi(pcpu->apic_id);
	bf_unlock(&pcpu->kick_lock);
}

/*
 * From the change of bf_cpus_in on, others count on this CPU: what they changed before they looked
 * there is known to it by the flush that comes after.
 */
void bf_cpu_join(struct bf_pcpu *pcpu)
{
	if (bf_kicks_on)
		pcpu->apic_id = bf_apic_id();
	__atomic_store_n(&cpus[pcpu->index], pcpu, __ATOMIC_RELEASE);
	bf_cpuset_add(&bf_cpus_in, pcpu->index);
	bf_vcpu_pend(pcpu->vcpu, BF_PENDING_FLUSH | BF_PENDING_CALL);
	bf_rendezvous_wait();
}

void bf_cpu_park(struct bf_pcpu *pcpu)
{
	bf_lock(&pcpu->kick_lock);
	(void)bf_cpuset_take(&bf_cpus_in, pcpu->index);
	bf_unlock(&pcpu->kick_lock);
	bf_calls_drop(pcpu->index);
}

void bf_cpu_leave(struct bf_pcpu *pcpu)
{
	bf_cpu_park(pcpu);
	for (uint32_t i = 0; i < KICK_WAIT && atomic_load(&pcpu->kicked); i++) {
		bf_hv->take_nmis();
		bf_hw_pause();
	}
	if (atomic_load(&pcpu->kicked))
		bf_error("CPU %u: an NMI of the VMM's is lost, or still on its way", pcpu->index);
}

uint32_t bf_cpu_this(void)
{
	return bf_this_pcpu()->index;
}

struct bf_vcpu *bf_cpu_vcpu(void)
{
	return bf_this_pcpu()->vcpu;
}

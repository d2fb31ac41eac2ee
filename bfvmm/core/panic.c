/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <bareframe/log.h>
#include <bfhw/hw.h>
#include <bfhw/this_cpu.h>
#include <bfvmm/format.h>
#include <bfvmm/panic.h>
#include <bfvmm/vcpu.h>

static void emit(const char *name, uint64_t value)
{
	bf_error("  %-40s 0x%016lx", name, value);
}

#define REG(name) emit(#name, regs->name)

static void dump_regs(const struct bf_regs *regs)
{
	REG(rax);
	REG(rcx);
	REG(rdx);
	REG(rbx);
	REG(rbp);
	REG(rsi);
	REG(rdi);
	REG(r8);
	REG(r9);
	REG(r10);
	REG(r11);
	REG(r12);
	REG(r13);
	REG(r14);
	REG(r15);
}

static void dump(struct bf_vcpu *vcpu)
{
	bf_error("vCPU %u after %lu exits:", vcpu->index, vcpu->exit_seq);
	dump_regs(&vcpu->regs);
	bf_hv->dump(vcpu, emit);
}

_Noreturn void bf_panic(const char *format, ...)
{
	struct bf_pcpu *pcpu = bf_this_pcpu();
	char text[300];
	va_list args;

	va_start(args, format);
	bf_vformat(text, sizeof(text), format, args);
	va_end(args);
	atomic_store(&pcpu->halted, true);
	bf_error("BAREFRAME PANIC on CPU %u: %s", pcpu->index, text);
	/* A panic inside the dump must not start over. */
	if (!pcpu->panicked && pcpu->vcpu) {
		pcpu->panicked = true;
		dump(pcpu->vcpu);
	}
	bf_error("CPU %u halted; the log stays readable from the others", pcpu->index);
	pcpu->sw->running = BF_CPU_HALTED;
	for (;;)
		bf_hw_halt();
}

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Executes instructions that access memory or ports in the guest's stead.
 *
 * Whoever hides a device behind a page without rights, or behind a port, gets an exit instead of
 * the access. This engine takes the instruction apart, computes its addresses, makes each of
 * its accesses through callbacks, and leaves registers and flags as the CPU would have:
 * @code
 *	struct bf_emu emu = {
 *		.cpu = &bf_emu_vcpu, .cpu_ctx = vcpu,
 *		.bus = &my_bus, .bus_ctx = my_device,
 *	};
 *	count = …fetch up to 15 bytes at CS:RIP…
 *	verdict = bf_emu_verdict(vcpu, &emu, bf_emulate(&emu, bytes, count));
 * @endcode
 * and for an exit of reason IO:
 * @code
 *	bf_hv->decode_io(vcpu, &io);
 *	verdict = bf_emu_verdict(vcpu, &emu, bf_emulate_io(&emu, &io));
 * @endcode
 *
 * An instruction happens as a whole or not at all: when a callback fails, no register, no flag
 * and no memory has changed; of a repeated string instruction, the iterations before the one
 * that failed have happened, and it begins anew with the one that failed. Rights to memory are
 * asked for before a device is read, so that a page fault loses nothing that a device gave.
 *
 * The functions are pure but for the callbacks: they can be called from any context that these
 * can, do not block, allocate nothing and touch no vector register.
 *
 * Emulated, in 16-bit, 32-bit and 64-bit code with all prefixes: MOV (also MOVZX, MOVSX, MOVSXD,
 * MOVBE, MOVNTI, of segment registers to memory), CMOVcc, SETcc, XCHG, XADD, CMPXCHG, CMPXCHG8B,
 * CMPXCHG16B, ADD … CMP, TEST, NOT, NEG, INC, DEC, shifts and rotations, MUL and IMUL, BT … BTC,
 * PUSH, POP, CALL and JMP through memory, MOVS, STOS, LODS, CMPS, SCAS, INS and OUTS. Not: DIV,
 * x87 and all vector instructions, far transfers, system instructions.
 *
 * Not modelled: linear-address masking; shadow stacks and branch tracking (CALL and JMP are
 * refused where CR4.CET is set).
 */
#ifndef BFVMM_EMULATE_H
#define BFVMM_EMULATE_H

#include <stdbool.h>
#include <bareframe/hook.h>
#include <bareframe/vcpu.h>
#include <bfvmm/hv.h>

/**
 * A result beside 0 and BF_E*: nothing has happened and the guest shall execute the instruction
 * again. Of bf_emu_bus.write: memory did not hold what was expected.
 */
#define BF_EMU_AGAIN 1

/** An exception that an instruction raises. */
struct bf_emu_fault {
	uint8_t vector;
	bool has_error; /**< it pushes error_code: not in real mode */
	uint32_t error_code;
	uint64_t address; /**< for \#PF: becomes CR2 */
};

/** One access to memory. */
struct bf_emu_access {
	uint64_t va;          /**< linear; outside 64-bit mode it wraps at 4 GiB, byte by byte */
	uint8_t size;         /**< 1, 2, 4, 8 or 16 bytes; they may lie in two pages */
	bool write;           /**< needs the right to write: an access, or the one to come */
	bool locked;          /**< to write: only if memory still holds @c expected */
	uint64_t value[2];    /**< little-endian; the bytes above @c size are 0 */
	uint64_t expected[2]; /**< */
	struct bf_emu_fault fault; /**< set by a callback that returns BF_EFAULT */
};

/**
 * Memory and ports. Callbacks return 0; BF_EFAULT with @c access->fault set; BF_EMU_AGAIN; or
 * any other BF_E* code, which ends the emulation and is what it returns.
 */
struct bf_emu_bus {
	/**
	 * Whether the access could be made, without making it: no side effects on a device. NULL:
	 * each can, as far as can be told beforehand.
	 */
	int (*check)(void *ctx, struct bf_emu_access *access);
	/**
	 * Fills @c value. With @c write set, what is read will be written back: memory that cannot
	 * be written faults now.
	 */
	int (*read)(void *ctx, struct bf_emu_access *access);
	/**
	 * Writes all of @c value or nothing. With @c locked, does so atomically if memory holds
	 * @c expected, else returns BF_EMU_AGAIN; a device need not look at it.
	 */
	int (*write)(void *ctx, struct bf_emu_access *access);
	/** Reads @p size (1, 2, 4) bytes of @p port. NULL: port instructions give BF_ENOTSUP. */
	int (*in)(void *ctx, uint16_t port, uint32_t size, uint32_t *value);
	int (*out)(void *ctx, uint16_t port, uint32_t size, uint32_t value);
};

/** The registers of the CPU that executes. */
struct bf_emu_cpu {
	/** General registers by encoding: 0 … 15, RSP is 4. */
	uint64_t (*gpr)(void *ctx, uint32_t number);
	void (*set_gpr)(void *ctx, uint32_t number, uint64_t value);
	/** RIP, RFLAGS, EFER, CR0, CR4, CPL, selectors, bases, limits and access rights. */
	uint64_t (*get)(void *ctx, enum bf_field field);
	void (*set_rflags)(void *ctx, uint64_t value);
};

/** @c cpu_ctx is a struct bf_vcpu that is current on this CPU. */
extern const struct bf_emu_cpu bf_emu_vcpu;

/** One emulation. */
struct bf_emu {
	/* Given by the caller. */
	const struct bf_emu_cpu *cpu;
	void *cpu_ctx;
	const struct bf_emu_bus *bus;
	void *bus_ctx;
	/**
	 * Iterations of a repeated instruction that may be done in this call, so that the guest
	 * gets to its interrupts; 0 for as many as make 4096 bytes. With RFLAGS.TF it is 1.
	 */
	uint32_t limit;

	/* What came of it. */
	uint64_t next_rip;         /**< after 0: where the guest goes on; not cut to its mode */
	bool finished;             /**< after 0: false if iterations are left and RIP stays */
	uint32_t iterations;       /**< of a string instruction, done in this call */
	uint8_t length;            /**< of the instruction, 0 if it is not known */
	struct bf_emu_fault fault; /**< after BF_EFAULT */
};

/**
 * Executes the instruction at the start of @p bytes, of which @p count may be read; the guest's
 * RIP is where they were fetched. RIP is not changed: see bf_emu_verdict().
 *
 * @return 0; BF_EFAULT: it raises emu->fault; BF_ENOTSUP: it is none that is emulated;
 * BF_EINVAL: it accesses no memory, so that it cannot be what has exited: the code has changed,
 * and the guest should execute what is there now; BF_ERANGE: it does not end within @p count
 * bytes; BF_EMU_AGAIN; what a callback returned
 */
int bf_emulate(struct bf_emu *emu, const uint8_t *bytes, uint32_t count);

/**
 * Executes the port instruction @p io. The CPU has checked the guest's right to the port
 * already. @return as bf_emulate()
 */
int bf_emulate_io(struct bf_emu *emu, const struct bf_io_access *io);

/**
 * Completes an emulation with the given @p status on @p vcpu, which must be current: moves RIP,
 * ends interrupt shadows, honours TF and RF; or makes the exception pending.
 *
 * @return what the exit's handler returns: BF_DONE, or BF_INJECT. For BF_ENOTSUP and whatever else
 * only the caller can judge, BF_PASS, and nothing is done.
 */
enum bf_verdict bf_emu_verdict(struct bf_vcpu *vcpu, const struct bf_emu *emu, int status);

#endif

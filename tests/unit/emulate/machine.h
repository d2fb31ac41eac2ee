/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A CPU and its memory for the emulator: registers in arrays, one run of memory, ports that are
 * a list of what was done to them, and faults wherever a test wants them.
 */
#ifndef BF_EMULATE_MACHINE_H
#define BF_EMULATE_MACHINE_H

#include <bfvmm/emulate.h>
#include <bfvmm/msr.h>
#include <bfvmm/state.h>
#include <common/insn.h>

#define MACHINE_LOG 64

/* Access rights of segments. */
#define MACHINE_CODE_64 (BF_AR_P | BF_AR_S | BF_AR_L | 0xb)
#define MACHINE_CODE_32 (BF_AR_P | BF_AR_S | BF_AR_DB | 0xb)
#define MACHINE_CODE_16 (BF_AR_P | BF_AR_S | 0xb)
#define MACHINE_DATA    (BF_AR_P | BF_AR_S | BF_AR_DB | 0x3)

enum machine_event_kind {
	MACHINE_CHECK,
	MACHINE_READ,
	MACHINE_WRITE,
	MACHINE_IN,
	MACHINE_OUT
};

/** A callback that was called. */
struct machine_event {
	enum machine_event_kind kind;
	struct bf_emu_access access; /**< of memory, as the callback left it */
	uint16_t port;
	uint32_t size, value; /**< of a port */
};

struct machine {
	uint64_t gpr[16];
	uint64_t field[BF_FIELD_COUNT];
	uint64_t rflags_written; /**< how often */

	uint8_t *memory; /**< what lies at linear address @c base; not the test's to free */
	uint64_t base;
	uint32_t bytes;

	/* From this linear address on reads, or writes, raise a page fault. 0: nowhere. */
	uint64_t no_read, no_write;
	int fail;          /**< what a callback returns: BF_EFAULT, or what the test chose */
	uint32_t fail_at;  /**< the number of the callback, from 1, that fails; 0: none */
	uint32_t races;    /**< how often a locked write finds that memory has changed */
	uint64_t race_xor; /**< what changes then */
	uint32_t in_value; /**< what ports give; rises by 1 each time */

	uint32_t events;
	struct machine_event log[MACHINE_LOG];
};

extern const struct bf_emu_cpu machine_cpu;
extern const struct bf_emu_bus machine_bus;

/** A CPU in @p mode with flat segments, CPL 0, RFLAGS 2, RIP 0x1000 and no memory. */
void machine_init(struct machine *m, enum bf_insn_mode mode);

/** An emulation on @p m. */
struct bf_emu machine_emu(struct machine *m);

/** @return how many callbacks of @p kind were called. */
uint32_t machine_count(const struct machine *m, enum machine_event_kind kind);

#endif

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* All that a CPU holds beside its general registers, as a list of numbers with names. */
#ifndef CPU_STATE_H
#define CPU_STATE_H

#include <linux/types.h>

#define STATE_MAX 48
#define FPU_SIZE  512

extern const char *const state_names[];
extern const unsigned int state_items; /* at most STATE_MAX */

/* With IRQs off, all of them. */
void state_read(u64 *state);

/* Puts markers into CR2, CR8, the debug registers, and the selectors that nothing uses. */
void state_mark(void);

/* Puts back what state_mark changes. */
void state_restore(const u64 *state);

/* x87 and SSE registers; between kernel_fpu_begin() and kernel_fpu_end() only. */
void fpu_read(u8 *image);
void fpu_mark(void);
void fpu_write(const u8 *image);

#endif

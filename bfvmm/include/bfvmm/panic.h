/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The end of the VMM on a CPU: says why, dumps what is known, and halts that CPU.
 */
#ifndef BFVMM_PANIC_H
#define BFVMM_PANIC_H

#include <bareframe/vcpu.h>

/** Logs the message, the current vCPU's control block by field name, and halts this CPU. */
_Noreturn void bf_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

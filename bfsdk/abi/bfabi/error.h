/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Error codes and the report that explains a failed start.
 *
 * Functions return 0 or a negative @c BF_E* code. A code says what kind of thing went wrong; a
 * struct bf_report says which thing, with its value and the rule that it broke.
 */
#ifndef BFABI_ERROR_H
#define BFABI_ERROR_H

#include <bfabi/types.h>

/** X(name, number, text): the one list of error codes. Numbers never change. */
#define BF_ERRORS(X)                                                                               \
	X(BF_EINVAL, 1, "invalid argument")                                                        \
	X(BF_ENOMEM, 2, "out of memory")                                                           \
	X(BF_ESTATE, 3, "not allowed in this state")                                               \
	X(BF_EVERSION, 4, "version mismatch")                                                      \
	X(BF_EIMAGE, 5, "bad VMM image")                                                           \
	X(BF_ENOVIRT, 6, "CPU offers neither VT-x nor AMD-V")                                      \
	X(BF_EFIRMWARE, 7, "virtualization is disabled by firmware")                               \
	X(BF_EBUSY, 8, "virtualization is in use by another hypervisor")                           \
	X(BF_EFEATURE, 9, "a required CPU feature is missing")                                     \
	X(BF_EENTRY, 10, "VM entry would fail or has failed")                                      \
	X(BF_EFAULT, 11, "bad address")                                                            \
	X(BF_ENOENT, 12, "no such object")                                                         \
	X(BF_EEXIST, 13, "already present")                                                        \
	X(BF_EPERM, 14, "not permitted")                                                           \
	X(BF_ENOTSUP, 15, "not supported on this CPU")                                             \
	X(BF_ERANGE, 16, "value out of range")                                                     \
	X(BF_ECPU, 17, "a CPU failed to start")                                                    \
	X(BF_EEXT, 18, "an extension failed to start")                                             \
	X(BF_EFAULTINJ, 19, "failure injected on request")                                         \
	X(BF_EPANIC, 20, "the VMM has panicked")                                                   \
	X(BF_EDEVICE, 21, "no RAM at that address")                                                \
	X(BF_EAGAIN, 22, "another CPU was faster; try again")

enum bf_error {
#define X(name, number, text) name = -(number),
	BF_ERRORS(X)
#undef X
};

#define BF_REPORT_TEXT 160

/**
 * Why something failed. Zeroed means "nothing to report".
 *
 * Filled by whoever notices the failure first; never overwritten by a later, less exact one.
 */
struct bf_report {
	int32_t code;              /**< a BF_E* code, or 0 */
	uint32_t cpu;              /**< index of the CPU that failed, 0 if not CPU-specific */
	uint64_t value;            /**< the offending value, where there is one */
	char what[48];             /**< the thing at fault: a field, MSR, requirement or option */
	char rule[BF_REPORT_TEXT]; /**< what was expected of it and how to set it right */
};

#endif

/* SPDX-License-Identifier: MIT */
/* MSRs through the kernel's msr device, which survives the faults. */
#ifndef BEHAVE_MSR_H
#define BEHAVE_MSR_H

#include <stdint.h>

enum msr_kind {
	MSR_VALUE,   /* the value is the same in every run */
	MSR_ADDRESS, /* a kernel address: all but the offset in a page changes from boot to boot */
	MSR_ALIVE,   /* counts or changes: only whether it can be read */
	MSR_VIRT,    /* VMX's and SVM's own: a hypervisor that hides them changes them */
};

struct msr {
	uint32_t number;
	enum msr_kind kind;
};

extern const struct msr msr_list[];
extern const unsigned int msr_list_length;

/* The device of the probes' CPU, opened once; negative errno if that failed. */
int msr_device(void);

/* 0 or negative errno. */
int msr_read(uint32_t number, uint64_t *value);
int msr_write(uint32_t number, uint64_t value);

#endif

/* SPDX-License-Identifier: MIT */
/* What is known of each row of the table of hooks. */
#ifndef HOOK_TABLE_ROWS_H
#define HOOK_TABLE_ROWS_H

#include <stdbool.h>

struct row {
	const char *name;     /* a typed hook's also stands for its hook behind the default */
	bool (*cause)(void);  /* has the guest do it; false: this CPU cannot */
	const char *ring0;    /* or the instruction that bf_do executes */
	const char *own;      /* exits that it may bring, by name, "," between */
	const char *vmx_none; /* why VMX refuses the hook; NULL: it does not */
	const char *svm_none;
	const char *post_none; /* the same for the hook behind the default */
	const char *qemu_deaf; /* why QEMU's SVM makes no such exit */
	const char *qemu_post_deaf;
	const char *mock_only; /* why nothing causes it in a control VM that is well */
};

/* @return the row of that name, or NULL. */
const struct row *row_find(const char *name);

/* Whether @name is of a hook behind the default. */
bool row_is_post(const char *name);

/* Has all CPUs do a bit of everything that Linux does. */
bool cause_linux(void);

#endif

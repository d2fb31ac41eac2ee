/* SPDX-License-Identifier: MIT */
/*
 * Which call is allowed in which state.
 */
#ifndef BF_STATE_H
#define BF_STATE_H

#include <bfload/loader.h>

enum bf_call {
	BF_CALL_LOAD,
	BF_CALL_START,
	BF_CALL_STOP,
	BF_CALL_UNLOAD,
	BF_CALL_LOG,
	BF_CALL_STATS,
	BF_CALL_COUNT
};

/* Zeroes loader->report. @return 0, or BF_ESTATE with state and remedy in the report */
int bf_state_check(struct bf_loader *loader, enum bf_call call);

#endif

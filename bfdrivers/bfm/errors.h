/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What an errno number means when the control device gives it, and what a request that does not
 * fit the loader's state needs first.
 */
#ifndef BFM_ERRORS_H
#define BFM_ERRORS_H

#include <bfabi/ioctl.h>

#include "os.h"

struct bfm_cause {
	int exit;          /**< enum bfm_exit */
	const char *cause; /**< what it means here */
	const char *remedy;
};

/** For a device that could not be opened. */
struct bfm_cause bfm_open_cause(int error);
/** For a request that failed. */
struct bfm_cause bfm_request_cause(int error);

/** What to do when @p request is refused in @p state; NULL if the state explains nothing. */
const char *bfm_state_remedy(enum os_request request, uint32_t state);

#endif

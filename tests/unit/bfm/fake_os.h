/* SPDX-License-Identifier: MIT */
/**
 * @file
 * An operating system with a control device for bfm: each test says how it behaves.
 */
#ifndef FAKE_OS_H
#define FAKE_OS_H

#include <bfabi/ioctl.h>

#include "facts.h"
#include "os.h"

#define FAKE_LOG_RECORDS 100

struct fake_os {
	int open_error;
	bool driver_missing; /**< no device until the driver is loaded */
	int driver_error;    /**< of loading the driver */
	const char *driver_said;
	int error[OS_REQUESTS];        /**< each request's errno number */
	struct bf_report report;       /**< put into a failed request's record */
	struct bf_ioctl_status status; /**< state changes with successful requests */
	uint32_t abi;
	struct bf_log_record log[FAKE_LOG_RECORDS];
	uint32_t log_count;
	uint64_t log_lost;
	uint64_t log_page_limit;
	struct bfm_facts facts;

	/* What happened. */
	unsigned int calls[OS_REQUESTS];
	unsigned int opened, closed, driver_loads, sleeps;
	struct bf_ioctl_load load;
	char first_bytes[8];
	void (*on_sleep)(void);
};

extern struct fake_os fake;

/** A loaded driver with two CPUs and no image. */
void fake_reset(void);

/** Adds a record to the log; its time is 1000 times its number. */
void fake_log(uint64_t seq, uint32_t cpu, uint8_t level, uint8_t flags, const char *text);

#endif

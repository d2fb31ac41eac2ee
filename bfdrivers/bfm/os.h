/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The operating system, as far as bfm needs more of it than the C library. One os_*.c each.
 * Errors are errno numbers.
 */
#ifndef BFM_OS_H
#define BFM_OS_H

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"
#include "text.h"

struct os_device {
	intptr_t handle;
};

/** What can be asked of the device; the record is that of bfabi/ioctl.h. */
enum os_request {
	OS_VERSION,
	OS_LOAD,
	OS_START,
	OS_STOP,
	OS_UNLOAD,
	OS_STATUS,
	OS_LOG,
	OS_STATS,
	OS_EXTENSIONS,
	OS_REQUESTS
};

extern const char os_default_device[];

/** @return 0 or an errno number */
int os_device_open(struct os_device *device, const char *path);
/** @return 0 or an errno number */
int os_device_request(struct os_device *device, enum os_request request, void *record);
void os_device_close(struct os_device *device);

/**
 * Loads the driver where it is installed and waits until @p device is there.
 *
 * @param said  out: what the system's tool had to say about a failure
 * @return 0 or an errno number
 */
int os_driver_load(const char *device, struct bfm_text *said);

void os_sleep_ms(unsigned int ms);

/** Collects what check looks at; changes nothing. @p device is the control device's path. */
void os_facts(struct bfm_facts *facts, const char *device);

/** Words of this system, to be read after "remedy: ". */
extern const struct os_words {
	const char *become_admin;
	const char *load_driver;
	const char *see_log;
} os_words;

#endif

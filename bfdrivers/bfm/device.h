/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Talking to the control device; whatever goes wrong is printed here.
 */
#ifndef BFM_DEVICE_H
#define BFM_DEVICE_H

#include <bfabi/ioctl.h>
#include <stdbool.h>

#include "bfm.h"
#include "os.h"

/**
 * Opens the device and makes sure that the driver speaks this bfm's language.
 *
 * @param load_driver  load the driver if the device is not there
 * @return enum bfm_exit
 */
int bfm_device_open(struct bfm *bfm, struct os_device *device, bool load_driver);

/**
 * @param report  the part of @p record that explains a failure, or NULL if it has none
 * @return enum bfm_exit
 */
int bfm_device_request(struct bfm *bfm, struct os_device *device, enum os_request request,
		       void *record, const struct bf_report *report);

/** @return enum bfm_exit */
int bfm_device_status(struct bfm *bfm, struct os_device *device, struct bf_ioctl_status *status);

/** Start, stop or unload. @return enum bfm_exit */
int bfm_device_change(struct bfm *bfm, struct os_device *device, enum os_request request);

#endif

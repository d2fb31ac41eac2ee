/* SPDX-License-Identifier: MIT */
/**
 * @file
 * From the command line to a struct bf_ioctl_load.
 */
#ifndef BFM_IMAGE_H
#define BFM_IMAGE_H

#include <bfabi/ioctl.h>

#include "bfm.h"
#include "device.h"

/**
 * The name of an image: the file's, without folder and ".elf", cut to fit. What is no printable
 * ASCII becomes '?'.
 */
void bfm_image_name(const char *path, char name[BF_NAME_BYTES]);

/** What is wrong with a VMM's command line; NULL if nothing is. */
const char *bfm_image_args_error(const char *args);

/**
 * Reads the image file and fills the record.
 *
 * @param bytes  out: holds the file as long as the record is in use; freed by the caller
 * @return enum bfm_exit
 */
int bfm_image_read(struct bfm *bfm, struct bf_ioctl_load *load, struct bfm_text *bytes);

/** Reads the image file, opens @p device and loads. @return enum bfm_exit */
int bfm_image_load(struct bfm *bfm, struct os_device *device);

#endif

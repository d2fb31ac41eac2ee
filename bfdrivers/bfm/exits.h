/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The exit codes of bfm. The numbers are those of the BSD header sysexits.h, which not every
 * system has.
 */
#ifndef BFM_EXITS_H
#define BFM_EXITS_H

enum bfm_exit {
	BFM_OK = 0,
	BFM_USAGE = 64,         /**< wrong command line */
	BFM_DATA = 65,          /**< the image is no VMM image */
	BFM_NO_INPUT = 66,      /**< the image file cannot be read */
	BFM_UNAVAILABLE = 69,   /**< the machine, the driver or its state does not allow it */
	BFM_SOFTWARE = 70,      /**< the VMM failed */
	BFM_OS = 71,            /**< the operating system refused memory or a process */
	BFM_IO = 74,            /**< output could not be written, or the device failed */
	BFM_PROTOCOL = 76,      /**< bfm and the driver are of different versions */
	BFM_NO_PERMISSION = 77, /**< root privileges are missing */
};

#endif

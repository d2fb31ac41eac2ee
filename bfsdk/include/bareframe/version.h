/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The version of the extension API: major in the upper half, minor in the lower.
 */
#ifndef BAREFRAME_VERSION_H
#define BAREFRAME_VERSION_H

#define BF_VERSION_TEXT "0.1.0"

#define BF_API_MAJOR   1
#define BF_API_MINOR   1
#define BF_API_VERSION ((BF_API_MAJOR << 16) | BF_API_MINOR)

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the common code needs of its environment, for user space: unit tests and fuzzers.
 */
#ifndef BF_OS_H
#define BF_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Included before core/ext.c: the ends of the section of descriptors as a host linker names
 * them. Weak, as a test may have no extension at all.
 */
#ifndef BFMOCK_EXTENSIONS_H
#define BFMOCK_EXTENSIONS_H

#define bf_extensions_start __start_bf_extensions
#define bf_extensions_end   __stop_bf_extensions
#pragma weak __start_bf_extensions
#pragma weak __stop_bf_extensions

#endif

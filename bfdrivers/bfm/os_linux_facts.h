/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Gathering facts from the files of a Linux system, below a root folder: "" for the running one.
 */
#ifndef BFM_OS_LINUX_FACTS_H
#define BFM_OS_LINUX_FACTS_H

#include "facts.h"
#include "text.h"

/** Reads a file, up to @p limit bytes. @return 0 or an errno number */
int bfm_linux_read(const char *root, const char *path, size_t limit, struct bfm_text *text);

/** All but the control device and what CPUID says; @c facts->cpu must be there already. */
void bfm_linux_facts(const char *root, struct bfm_facts *facts);

void bfm_linux_kernel(const char *root, struct bfm_kernel_facts *kernel);
void bfm_linux_modules(const char *root, struct bfm_facts *facts);
void bfm_linux_msrs(const char *root, struct bfm_facts *facts);

#endif

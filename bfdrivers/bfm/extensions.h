/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What extensions take, in a table and in JSON. Pure.
 */
#ifndef BFM_EXTENSIONS_H
#define BFM_EXTENSIONS_H

#include <bfabi/hypercall.h>
#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "text.h"

#define BFM_EXTENSIONS_MAX 256

/** All extensions of a VMM, from one page or several. */
struct bfm_extensions {
	size_t count;         /**< records below */
	uint32_t total;       /**< extensions that the VMM has */
	uint32_t timed_exits; /**< one exit in so many is timed */
	uint64_t cpu_cycles;  /**< that the CPUs have been under the VMM */
	struct bf_ext_record record[BFM_EXTENSIONS_MAX];
};

/** Adds a page, which begins where the last one ended. @return whether there is more to ask for */
bool bfm_extensions_add(struct bfm_extensions *all, const struct bf_ext_page *page);

/** An estimate: TSC cycles in all calls of an extension's hooks. */
uint64_t bfm_extension_cycles(const struct bfm_extensions *all, const struct bf_ext_record *record);

/** The same as millionths of the time that the CPUs have been under the VMM. */
uint64_t bfm_extension_ppm(const struct bfm_extensions *all, const struct bf_ext_record *record);

void bfm_extensions_text(struct bfm_text *text, const struct bfm_extensions *all);
/** Adds the members to the object that is open. */
void bfm_extensions_json(struct bfm_json *json, const struct bfm_extensions *all);

#endif

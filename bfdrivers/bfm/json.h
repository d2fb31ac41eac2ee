/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A JSON writer (RFC 8259). Inside an object every value has a key; inside an array and at the
 * top the key is NULL.
 */
#ifndef BFM_JSON_H
#define BFM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define BFM_JSON_DEPTH 8

struct bfm_json {
	struct bfm_text *out;
	unsigned int depth;
	bool filled[BFM_JSON_DEPTH + 1]; /**< the container at this depth has a member */
	char closing[BFM_JSON_DEPTH + 1];
};

void bfm_json_start(struct bfm_json *json, struct bfm_text *out);
void bfm_json_object(struct bfm_json *json, const char *key);
void bfm_json_array(struct bfm_json *json, const char *key);
/** Closes the innermost object or array. */
void bfm_json_end(struct bfm_json *json);

/** Up to @p count bytes, up to a NUL; a byte that is not UTF-8 becomes U+FFFD. */
void bfm_json_bytes(struct bfm_json *json, const char *key, const char *bytes, size_t count);
void bfm_json_string(struct bfm_json *json, const char *key, const char *string);
void bfm_json_number(struct bfm_json *json, const char *key, uint64_t value);
void bfm_json_signed(struct bfm_json *json, const char *key, int64_t value);
/** A string such as "0x1f": registers and addresses do not survive readers that use doubles. */
void bfm_json_hex(struct bfm_json *json, const char *key, uint64_t value);
void bfm_json_bool(struct bfm_json *json, const char *key, bool value);
void bfm_json_null(struct bfm_json *json, const char *key);

#endif

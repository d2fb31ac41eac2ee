/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "utf8.h"

static const char *short_escape(char byte)
{
	switch (byte) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void quote_char(struct bfm_text *out, const char *bytes, size_t size)
{
	const char *escape = short_escape(bytes[0]);

	if (!size)
		bfm_text_add(out, "\\ufffd");
	else if (escape)
		bfm_text_add(out, escape);
	else if (bfm_is_control(bytes, size))
		bfm_text_printf(out, "\\u%04x", (unsigned char)bytes[size - 1]);
	else
		bfm_text_bytes(out, bytes, size);
}

static void quote(struct bfm_text *out, const char *bytes, size_t count)
{
	size_t at = 0;

	bfm_text_add(out, "\"");
	while (at < count && bytes[at]) {
		size_t size = bfm_utf8_size(bytes + at, count - at);

		quote_char(out, bytes + at, size);
		at += size ? size : 1;
	}
	bfm_text_add(out, "\"");
}

static void member(struct bfm_json *json, const char *key)
{
	assert((json->closing[json->depth] == '}') == (key != NULL));
	if (json->filled[json->depth])
		bfm_text_add(json->out, ",");
	json->filled[json->depth] = true;
	if (!key)
		return;
	quote(json->out, key, strlen(key));
	bfm_text_add(json->out, ":");
}

static void container(struct bfm_json *json, const char *key, const char *opening, char closing)
{
	member(json, key);
	bfm_text_add(json->out, opening);
	assert(json->depth < BFM_JSON_DEPTH);
	json->depth++;
	json->filled[json->depth] = false;
	json->closing[json->depth] = closing;
}

void bfm_json_start(struct bfm_json *json, struct bfm_text *out)
{
	*json = (struct bfm_json){.out = out};
}

void bfm_json_object(struct bfm_json *json, const char *key)
{
	container(json, key, "{", '}');
}

void bfm_json_array(struct bfm_json *json, const char *key)
{
	container(json, key, "[", ']');
}

void bfm_json_end(struct bfm_json *json)
{
	assert(json->depth > 0);
	bfm_text_bytes(json->out, &json->closing[json->depth], 1);
	json->depth--;
}

void bfm_json_bytes(struct bfm_json *json, const char *key, const char *bytes, size_t count)
{
	member(json, key);
	quote(json->out, bytes, count);
}

void bfm_json_string(struct bfm_json *json, const char *key, const char *string)
{
	bfm_json_bytes(json, key, string, strlen(string));
}

void bfm_json_number(struct bfm_json *json, const char *key, uint64_t value)
{
	member(json, key);
	bfm_text_printf(json->out, "%" PRIu64, value);
}

void bfm_json_signed(struct bfm_json *json, const char *key, int64_t value)
{
	member(json, key);
	bfm_text_printf(json->out, "%" PRId64, value);
}

void bfm_json_hex(struct bfm_json *json, const char *key, uint64_t value)
{
	member(json, key);
	bfm_text_printf(json->out, "\"0x%" PRIx64 "\"", value);
}

void bfm_json_bool(struct bfm_json *json, const char *key, bool value)
{
	member(json, key);
	bfm_text_add(json->out, value ? "true" : "false");
}

void bfm_json_null(struct bfm_json *json, const char *key)
{
	member(json, key);
	bfm_text_add(json->out, "null");
}

/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <bareframe/exit.h>
#include <bfabi/ioctl.h>
#include <inttypes.h>

const char *const bfm_level_names[BF_LOG_LEVELS] = {"error", "warn", "info", "debug"};

static const char *const states[] = {
	[BF_STATE_UNLOADED] = "unloaded",
	[BF_STATE_LOADED] = "loaded",
	[BF_STATE_RUNNING] = "running",
	[BF_STATE_SUSPENDED] = "suspended",
};

static const struct {
	const char *key;
	const char *text;
} reasons[] = {
#define X(name, text) {#name, text},
	BF_EXIT_REASONS(X)
#undef X
};

const char *bfm_level_name(uint32_t level)
{
	return level < BF_LOG_LEVELS ? bfm_level_names[level] : "unknown";
}

const char *bfm_state_name(uint32_t state)
{
	return state < sizeof(states) / sizeof(states[0]) ? states[state] : "unknown";
}

void bfm_reason_key(struct bfm_text *text, uint32_t reason)
{
	if (reason < BF_EXIT_COUNT)
		bfm_text_add(text, reasons[reason].key);
	else
		bfm_text_printf(text, "REASON_%" PRIu32, reason);
}

void bfm_reason_text(struct bfm_text *text, uint32_t reason)
{
	if (reason < BF_EXIT_COUNT)
		bfm_text_add(text, reasons[reason].text);
	else
		bfm_text_printf(text, "reason %" PRIu32, reason);
}

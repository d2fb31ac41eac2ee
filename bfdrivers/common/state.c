/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "state.h"
#include <bfload/report.h>

static const char *const what_text[BF_CALL_COUNT] = {
	[BF_CALL_LOAD] = "load",     [BF_CALL_START] = "start", [BF_CALL_STOP] = "stop",
	[BF_CALL_UNLOAD] = "unload", [BF_CALL_LOG] = "log",     [BF_CALL_STATS] = "stats",
};

#define NO_IMAGE    "state is unloaded: load an image first (bfm load FILE)"
#define NOT_RUNNING "state is loaded, the VMM does not run: start it first (bfm start)"
#define RUNNING     "state is running: stop the VMM first (bfm stop)"
#define SUSPENDED   "state is suspended: wait until the machine has resumed"

/* NULL: allowed. Else the state and the remedy. */
static const char *const rules[BF_CALL_COUNT][4] = {
	[BF_CALL_LOAD] =
		{
			[BF_STATE_LOADED] = "state is loaded: unload the image first (bfm unload)",
			[BF_STATE_RUNNING] =
				"state is running: stop the VMM and unload its image first "
				"(bfm stop, bfm unload)",
			[BF_STATE_SUSPENDED] = SUSPENDED,
		},
	[BF_CALL_START] =
		{
			[BF_STATE_UNLOADED] = NO_IMAGE,
			[BF_STATE_RUNNING] = "state is running: there is nothing to start",
			[BF_STATE_SUSPENDED] = SUSPENDED,
		},
	[BF_CALL_STOP] =
		{
			[BF_STATE_UNLOADED] = "state is unloaded: there is nothing to stop",
			[BF_STATE_LOADED] =
				"state is loaded, the VMM does not run: there is nothing to "
				"stop",
		},
	[BF_CALL_UNLOAD] =
		{
			[BF_STATE_UNLOADED] = "state is unloaded: there is nothing to unload",
			[BF_STATE_RUNNING] = RUNNING,
			[BF_STATE_SUSPENDED] = SUSPENDED,
		},
	[BF_CALL_LOG] =
		{
			[BF_STATE_UNLOADED] = NO_IMAGE,
		},
	[BF_CALL_STATS] =
		{
			[BF_STATE_UNLOADED] = NO_IMAGE,
			[BF_STATE_LOADED] = NOT_RUNNING,
			[BF_STATE_SUSPENDED] = SUSPENDED,
		},
};

int bf_state_check(struct bf_loader *loader, enum bf_call call)
{
	const char *rule = rules[call][loader->state];

	memset(&loader->report, 0, sizeof(loader->report));
	if (!rule)
		return 0;
	return bf_report_set(&loader->report, BF_ESTATE, what_text[call], loader->state, rule);
}

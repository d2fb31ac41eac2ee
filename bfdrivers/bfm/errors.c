/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include <errno.h>
#include <string.h>

#include "exits.h"

/* A remedy that starts with '@' is one of os_words. */
#define ADMIN "@admin"
#define LOAD  "@load"
#define LOG   "@log"

struct row {
	int error;
	struct bfm_cause cause;
};

static const struct row open_rows[] = {
	{ENOENT, {BFM_UNAVAILABLE, "there is no such device: the driver is not loaded", LOAD}},
	{ENXIO, {BFM_UNAVAILABLE, "no driver is behind the device", LOAD}},
	{ENODEV, {BFM_UNAVAILABLE, "no driver is behind the device", LOAD}},
	{EACCES, {BFM_NO_PERMISSION, "only root may use it", ADMIN}},
	{EPERM, {BFM_NO_PERMISSION, "only root may use it", ADMIN}},
	{EBUSY, {BFM_UNAVAILABLE, "another program uses it", "wait for the other bfm to end"}},
	{EISDIR, {BFM_USAGE, "it is a folder", "give --device the control device"}},
	{ENOTDIR, {BFM_USAGE, "part of the path is no folder", "give --device the control device"}},
	{ENOMEM, {BFM_OS, "the system is out of memory", "free some memory"}},
	{EMFILE, {BFM_OS, "too many open files", "raise the limit of open files"}},
	{0, {BFM_UNAVAILABLE, "it cannot be opened", LOG}},
};

static const struct row request_rows[] = {
	{ENOTTY,
	 {BFM_PROTOCOL,
	  "the device does not know this request: it is no Bareframe "
	  "device, or its driver is of another release",
	  "give --device the control device; install driver and bfm of one release"}},
	{EINVAL,
	 {BFM_PROTOCOL, "the driver refuses the request as malformed",
	  "install driver and bfm of one release"}},
	{EACCES, {BFM_NO_PERMISSION, "only root may do this", ADMIN}},
	{EPERM, {BFM_NO_PERMISSION, "only root may do this", ADMIN}},
	{EBUSY, {BFM_UNAVAILABLE, "the loader's state does not allow it", "see 'bfm status'"}},
	{EALREADY, {BFM_UNAVAILABLE, "that is done already", "see 'bfm status'"}},
	{EEXIST, {BFM_UNAVAILABLE, "that is there already", "see 'bfm status'"}},
	{ENOENT, {BFM_UNAVAILABLE, "that is not there", "see 'bfm status'"}},
	{ENOMEM,
	 {BFM_OS, "the kernel has not enough free memory",
	  "free memory, or ask for a smaller --pool"}},
	{EFAULT, {BFM_SOFTWARE, "the driver could not copy the request", LOG}},
	{EINTR, {BFM_OS, "a signal came in between", "try again"}},
	{ENODEV, {BFM_UNAVAILABLE, "the driver is going away", LOAD}},
	{ENXIO, {BFM_UNAVAILABLE, "the driver is going away", LOAD}},
	{EIO, {BFM_IO, "the driver or the VMM failed", LOG}},
	{EOPNOTSUPP, {BFM_UNAVAILABLE, "the driver cannot do this here", "see 'bfm check'"}},
	{0, {BFM_OS, "the driver gives an unexpected error", LOG}},
};

#define NEEDS_RUNNING                                                                              \
	{                                                                                          \
		[BF_STATE_UNLOADED] = "no image is loaded: 'bfm quick FILE' first",                \
		[BF_STATE_LOADED] = "the VMM does not run: 'bfm start' first",                     \
		[BF_STATE_RUNNING] = "no CPU runs the VMM any more: see 'bfm log'",                \
		[BF_STATE_SUSPENDED] = "wait until the machine is awake",                          \
	}

/* By request and state; the driver decides, this only explains its refusal. */
static const char *const state_remedies[OS_REQUESTS][BF_STATE_SUSPENDED + 1] = {
	[OS_LOAD] =
		{
			[BF_STATE_LOADED] = "an image is loaded already: 'bfm unload' first",
			[BF_STATE_RUNNING] = "a VMM is running: 'bfm stop' and 'bfm unload' first",
			[BF_STATE_SUSPENDED] =
				"wait until the machine is awake, then 'bfm stop' and "
				"'bfm unload'",
		},
	[OS_START] =
		{
			[BF_STATE_UNLOADED] = "no image is loaded: 'bfm load FILE' first",
			[BF_STATE_RUNNING] = "the VMM runs already; 'bfm stop' stops it",
			[BF_STATE_SUSPENDED] = "wait until the machine is awake",
		},
	[OS_STOP] =
		{
			[BF_STATE_UNLOADED] = "no image is loaded, so nothing runs",
			[BF_STATE_LOADED] = "the VMM does not run; 'bfm start' starts it",
			[BF_STATE_SUSPENDED] = "wait until the machine is awake",
		},
	[OS_UNLOAD] =
		{
			[BF_STATE_UNLOADED] = "no image is loaded",
			[BF_STATE_RUNNING] = "the VMM is running: 'bfm stop' first",
			[BF_STATE_SUSPENDED] = "wait until the machine is awake, then 'bfm stop'",
		},
	[OS_LOG] =
		{
			[BF_STATE_UNLOADED] =
				"no image is loaded, so there is no log: 'bfm load FILE' first",
		},
	[OS_STATS] = NEEDS_RUNNING,
	[OS_EXTENSIONS] = NEEDS_RUNNING,
};

static const char *words_for(const char *remedy)
{
	if (!strcmp(remedy, ADMIN))
		return os_words.become_admin;
	if (!strcmp(remedy, LOAD))
		return os_words.load_driver;
	return strcmp(remedy, LOG) ? remedy : os_words.see_log;
}

static struct bfm_cause look_up(const struct row *row, int error)
{
	struct bfm_cause cause;

	while (row->error && row->error != error)
		row++;
	cause = row->cause;
	cause.remedy = words_for(cause.remedy);
	return cause;
}

struct bfm_cause bfm_open_cause(int error)
{
	return look_up(open_rows, error);
}

struct bfm_cause bfm_request_cause(int error)
{
	return look_up(request_rows, error);
}

const char *bfm_state_remedy(enum os_request request, uint32_t state)
{
	if (request >= OS_REQUESTS || state > BF_STATE_SUSPENDED)
		return NULL;
	return state_remedies[request][state];
}

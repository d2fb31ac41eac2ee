/* SPDX-License-Identifier: MIT */
/* start, stop and unload: one request each. */
#include "command.h"
#include "device.h"
#include "status.h"

/* @before: tell of the state as it was, because afterwards it is gone. */
static int change(struct bfm *bfm, enum os_request request, const char *done, bool before)
{
	struct bf_ioctl_status status;
	struct os_device device;
	int code = bfm_device_open(bfm, &device, false);

	if (code)
		return code;
	if (before)
		code = bfm_device_status(bfm, &device, &status);
	if (!code)
		code = bfm_device_change(bfm, &device, request);
	if (!code && !before)
		code = bfm_device_status(bfm, &device, &status);
	if (!code)
		bfm_status_say(bfm, done, &status);
	os_device_close(&device);
	return code;
}

int bfm_cmd_start(struct bfm *bfm)
{
	return change(bfm, OS_START, "started", false);
}

int bfm_cmd_stop(struct bfm *bfm)
{
	return change(bfm, OS_STOP, "stopped", false);
}

int bfm_cmd_unload(struct bfm *bfm)
{
	return change(bfm, OS_UNLOAD, "unloaded", true);
}

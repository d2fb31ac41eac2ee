/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "image.h"
#include "log.h"
#include "status.h"

/* Unloading takes the log along, so it is shown first. */
static void undo_load(struct bfm *bfm, struct os_device *device)
{
	FILE *out = bfm->out;

	bfm->out = bfm->err;
	bfm_log_dump(bfm, device);
	bfm->out = out;
	if (!bfm_device_change(bfm, device, OS_UNLOAD))
		fprintf(bfm->err, "    the image is unloaded again\n");
}

int bfm_cmd_quick(struct bfm *bfm)
{
	struct bf_ioctl_status status;
	struct os_device device;
	int code = bfm_image_load(bfm, &device);

	if (code)
		return code;
	code = bfm_device_change(bfm, &device, OS_START);
	if (code)
		undo_load(bfm, &device);
	else
		code = bfm_device_status(bfm, &device, &status);
	if (!code)
		bfm_status_say(bfm, "loaded and started", &status);
	os_device_close(&device);
	return code;
}

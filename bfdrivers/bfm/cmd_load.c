/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "image.h"
#include "status.h"

int bfm_cmd_load(struct bfm *bfm)
{
	struct bf_ioctl_status status;
	struct os_device device;
	int code = bfm_image_load(bfm, &device);

	if (code)
		return code;
	if (!bfm->options.quiet) {
		code = bfm_device_status(bfm, &device, &status);
		if (!code)
			bfm_status_say(bfm, "loaded", &status);
	}
	os_device_close(&device);
	return code;
}

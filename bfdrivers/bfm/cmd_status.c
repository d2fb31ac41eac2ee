/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "device.h"
#include "status.h"

int bfm_cmd_status(struct bfm *bfm)
{
	struct bf_ioctl_status status;
	struct bfm_text text = {0};
	struct os_device device;
	int code = bfm_device_open(bfm, &device, false);

	if (code)
		return code;
	code = bfm_device_status(bfm, &device, &status);
	os_device_close(&device);
	if (code)
		return code;
	if (bfm->options.json)
		bfm_status_json(&text, &status);
	else
		bfm_status_text(&text, &status);
	bfm_print(bfm, &text);
	bfm_text_free(&text);
	return BFM_OK;
}

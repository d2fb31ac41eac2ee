/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <bareframe/version.h>
#include <bfabi/ioctl.h>
#include <inttypes.h>

#include "json.h"
#include "os.h"

/* The driver may be missing: then there is less to tell, but nothing wrong. */
static bool ask_driver(const char *path, struct bf_ioctl_version *version)
{
	struct os_device device;
	int error = os_device_open(&device, path);

	*version = (struct bf_ioctl_version){0};
	if (error)
		return false;
	error = os_device_request(&device, OS_VERSION, version);
	os_device_close(&device);
	return !error;
}

static void add_text(struct bfm_text *text, const struct bf_ioctl_version *driver)
{
	bfm_text_printf(text, "bfm %s (driver interface %d, boot interface %d)\n", BF_VERSION_TEXT,
			BF_IOCTL_ABI, BF_BOOT_VERSION);
	if (!driver) {
		bfm_text_add(text, "driver: not to be reached\n");
		return;
	}
	bfm_text_add(text, "driver ");
	bfm_text_clean(text, driver->text, sizeof(driver->text));
	bfm_text_printf(text, " (driver interface %" PRIu32 ", boot interface %" PRIu32 ")\n",
			driver->abi, driver->boot);
}

static void json_version(struct bfm_json *json, const char *text, size_t count, uint32_t abi,
			 uint32_t boot)
{
	bfm_json_bytes(json, "version", text, count);
	bfm_json_number(json, "ioctl_abi", abi);
	bfm_json_number(json, "boot_abi", boot);
}

static void add_json(struct bfm_text *text, const struct bf_ioctl_version *driver)
{
	struct bfm_json json;

	bfm_json_start(&json, text);
	bfm_json_object(&json, NULL);
	json_version(&json, BF_VERSION_TEXT, sizeof(BF_VERSION_TEXT), BF_IOCTL_ABI,
		     BF_BOOT_VERSION);
	if (driver) {
		bfm_json_object(&json, "driver");
		json_version(&json, driver->text, sizeof(driver->text), driver->abi, driver->boot);
		bfm_json_end(&json);
	} else {
		bfm_json_null(&json, "driver");
	}
	bfm_json_end(&json);
	bfm_text_add(text, "\n");
}

int bfm_cmd_version(struct bfm *bfm)
{
	struct bf_ioctl_version version;
	bool there = ask_driver(bfm->options.device, &version);
	struct bfm_text text = {0};

	if (bfm->options.json)
		add_json(&text, there ? &version : NULL);
	else
		add_text(&text, there ? &version : NULL);
	bfm_print(bfm, &text);
	bfm_text_free(&text);
	return BFM_OK;
}

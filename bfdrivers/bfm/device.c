/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "errors.h"
#include "names.h"
#include "report.h"

static int fail_open(struct bfm *bfm, int error)
{
	struct bfm_cause cause = bfm_open_cause(error);

	return bfm_fail(bfm, cause.exit, cause.remedy, "%s: %s (%s)", bfm->options.device,
			cause.cause, strerror(error));
}

static int fail_driver(struct bfm *bfm, int error, const struct bfm_text *said)
{
	return bfm_fail(bfm, BFM_UNAVAILABLE, os_words.load_driver,
			"%s: the driver is missing and could not be loaded: %s (%s)",
			bfm->options.device, said->length ? bfm_text_get(said) : "no reason given",
			strerror(error));
}

/* The driver is only ours to load if the device is the one that it makes. */
static bool may_load(const struct bfm *bfm, int error)
{
	return error == ENOENT && !strcmp(bfm->options.device, os_default_device);
}

static int open_loading(struct bfm *bfm, struct os_device *device)
{
	struct bfm_text said = {0};
	int error = os_driver_load(bfm->options.device, &said);
	int code = 0;

	if (error) {
		code = fail_driver(bfm, error, &said);
	} else {
		error = os_device_open(device, bfm->options.device);
		if (error)
			code = fail_open(bfm, error);
	}
	bfm_text_free(&said);
	return code;
}

static int check_version(struct bfm *bfm, struct os_device *device)
{
	struct bf_ioctl_version version = {0};
	int code = bfm_device_request(bfm, device, OS_VERSION, &version, NULL);

	if (code)
		return code;
	if (version.abi != BF_IOCTL_ABI)
		return bfm_fail(bfm, BFM_PROTOCOL, "install driver and bfm of one release",
				"%s: the driver's interface has version %" PRIu32
				", this bfm needs %d",
				bfm->options.device, version.abi, BF_IOCTL_ABI);
	return BFM_OK;
}

int bfm_device_open(struct bfm *bfm, struct os_device *device, bool load_driver)
{
	int error = os_device_open(device, bfm->options.device);
	int code = 0;

	if (error && load_driver && may_load(bfm, error))
		code = open_loading(bfm, device);
	else if (error)
		code = fail_open(bfm, error);
	if (code)
		return code;
	code = check_version(bfm, device);
	if (code)
		os_device_close(device);
	return code;
}

/* The loader's state explains a refusal better than any number. */
static const char *ask_state(struct os_device *device, enum os_request request, const char **state)
{
	struct bf_ioctl_status status = {.size = sizeof(status)};
	const char *remedy;

	*state = NULL;
	if (request == OS_STATUS || request == OS_VERSION ||
	    os_device_request(device, OS_STATUS, &status))
		return NULL;
	remedy = bfm_state_remedy(request, status.state);
	if (remedy)
		*state = bfm_state_name(status.state);
	return remedy;
}

static int fail_report(struct bfm *bfm, const struct bf_report *report, const char *remedy)
{
	struct bfm_text line = {0}, rule = {0};
	int code = bfm_code_exit(report->code);

	bfm_report_line(&line, report);
	bfm_report_rule(&rule, report);
	bfm_fail(bfm, code, NULL, "%s", bfm_text_get(&line));
	if (rule.length)
		fprintf(bfm->err, "    rule: %s\n", bfm_text_get(&rule));
	if (!remedy)
		remedy = bfm_code_remedy(report->code);
	if (remedy)
		fprintf(bfm->err, "    remedy: %s\n", remedy);
	bfm_text_free(&line);
	bfm_text_free(&rule);
	return code;
}

static int fail_errno(struct bfm *bfm, int error, const char *state, const char *remedy)
{
	struct bfm_cause cause = bfm_request_cause(error);

	if (state && (cause.exit == BFM_UNAVAILABLE || cause.exit == BFM_PROTOCOL))
		return bfm_fail(bfm, BFM_UNAVAILABLE, remedy,
				"%s: not allowed while the loader's state is '%s' (%s)",
				bfm->options.device, state, strerror(error));
	return bfm_fail(bfm, cause.exit, cause.remedy, "%s: %s (%s)", bfm->options.device,
			cause.cause, strerror(error));
}

int bfm_device_request(struct bfm *bfm, struct os_device *device, enum os_request request,
		       void *record, const struct bf_report *report)
{
	int error = os_device_request(device, request, record);
	const char *state;
	const char *remedy;

	if (!error)
		return BFM_OK;
	remedy = ask_state(device, request, &state);
	if (report && report->code)
		return fail_report(bfm, report, report->rule[0] ? NULL : remedy);
	return fail_errno(bfm, error, state, remedy);
}

int bfm_device_status(struct bfm *bfm, struct os_device *device, struct bf_ioctl_status *status)
{
	*status = (struct bf_ioctl_status){.size = sizeof(*status)};
	return bfm_device_request(bfm, device, OS_STATUS, status, NULL);
}

int bfm_device_change(struct bfm *bfm, struct os_device *device, enum os_request request)
{
	struct bf_ioctl_start record = {.size = sizeof(record)};

	return bfm_device_request(bfm, device, request, &record, &record.report);
}

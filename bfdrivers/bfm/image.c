/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ELF_MAGIC "\177ELF"

/* The driver takes nothing else. */
static bool is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

static bool is_separator(char byte)
{
	return byte == '/' || byte == '\\';
}

void bfm_image_name(const char *path, char name[BF_NAME_BYTES])
{
	size_t end = strlen(path);
	size_t start;

	for (start = end; start > 0 && !is_separator(path[start - 1]); start--)
		;
	if (end - start > 4 && !strcmp(path + end - 4, ".elf"))
		end -= 4;
	if (end - start >= BF_NAME_BYTES)
		end = start + BF_NAME_BYTES - 1;
	memset(name, 0, BF_NAME_BYTES);
	for (size_t i = 0; start < end; i++, start++)
		name[i] = is_printable(path[start]) ? path[start] : '?';
}

const char *bfm_image_args_error(const char *args)
{
	if (strlen(args) >= BF_CMDLINE_BYTES)
		return "it is longer than 511 bytes";
	for (const char *at = args; *at; at++)
		if (!is_printable(*at))
			return "it has a character that is no printable ASCII";
	for (const char *at = args; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (*at == '=')
			return "a value has no key before its '='";
	}
	return NULL;
}
_Static_assert(BF_CMDLINE_BYTES == 512, "the limit is spelt out above");

static int fail_read(struct bfm *bfm, int error)
{
	return bfm_fail(bfm, BFM_NO_INPUT, "give the path of a VMM image that you may read",
			"%s: the image cannot be read: %s", bfm->options.file, strerror(error));
}

/* One byte more than allowed is enough to know that a file is too long. */
static int read_file(struct bfm *bfm, FILE *file, struct bfm_text *bytes)
{
	char buffer[16384];
	size_t count;

	while (bytes->length <= BF_IMAGE_MAX) {
		errno = 0;
		count = fread(buffer, 1, sizeof(buffer), file);
		bfm_text_bytes(bytes, buffer, count);
		if (ferror(file))
			return fail_read(bfm, errno);
		if (!count)
			break;
	}
	return BFM_OK;
}

static int check_file(struct bfm *bfm, const struct bfm_text *bytes)
{
	static const char remedy[] = "give a VMM image that bf_add_vmm() has built, an ELF file";

	if (bytes->length > BF_IMAGE_MAX)
		return bfm_fail(bfm, BFM_DATA, remedy, "%s: larger than an image may be (%lu MiB)",
				bfm->options.file, (unsigned long)(BF_IMAGE_MAX >> 20));
	if (!bytes->length)
		return bfm_fail(bfm, BFM_DATA, remedy, "%s: the file is empty", bfm->options.file);
	if (bytes->length < 4 || memcmp(bytes->data, ELF_MAGIC, 4) != 0)
		return bfm_fail(bfm, BFM_DATA, remedy, "%s: no ELF file: it starts with 0x%02x",
				bfm->options.file, (unsigned char)bytes->data[0]);
	return BFM_OK;
}

static int read_image(struct bfm *bfm, struct bfm_text *bytes)
{
	FILE *file;
	int code;

	errno = 0;
	file = fopen(bfm->options.file, "rb");
	if (!file)
		return fail_read(bfm, errno);
	code = read_file(bfm, file, bytes);
	fclose(file);
	return code ? code : check_file(bfm, bytes);
}

int bfm_image_read(struct bfm *bfm, struct bf_ioctl_load *load, struct bfm_text *bytes)
{
	const char *args = bfm->options.args ? bfm->options.args : "";
	const char *wrong = bfm_image_args_error(args);
	int code;

	if (wrong)
		return bfm_fail(bfm, BFM_USAGE, "give --args \"key=value key=value\"",
				"wrong --args: %s", wrong);
	code = read_image(bfm, bytes);
	if (code)
		return code;
	*load = (struct bf_ioctl_load){
		.size = sizeof(*load),
		.log_level = (uint32_t)bfm->options.log_level,
		.image = (uintptr_t)bytes->data,
		.image_bytes = bytes->length,
		.pool_bytes = bfm->options.pool_mib << 20,
	};
	bfm_image_name(bfm->options.file, load->name);
	memcpy(load->cmdline, args, strlen(args));
	return BFM_OK;
}

int bfm_image_load(struct bfm *bfm, struct os_device *device)
{
	struct bfm_text bytes = {0};
	struct bf_ioctl_load load;
	int code = bfm_image_read(bfm, &load, &bytes);

	if (!code)
		code = bfm_device_open(bfm, device, !bfm->options.no_modprobe);
	if (!code) {
		code = bfm_device_request(bfm, device, OS_LOAD, &load, &load.report);
		if (code)
			os_device_close(device);
	}
	bfm_text_free(&bytes);
	return code;
}

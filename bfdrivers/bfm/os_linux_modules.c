/* SPDX-License-Identifier: MIT */
#include "os_linux_facts.h"

#include <bfabi/ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parse_linux.h"

#define SMALL       4096
#define MODULES_DEP (16U << 20)
#define MODULE_FILE (64U << 20)
#define PATH_BYTES  512
#define SIGNATURE   "~Module signature appended~\n"

static const char *const names[BFM_RIVALS] = {
	[BFM_KVM_INTEL] = "kvm_intel",
	[BFM_KVM_AMD] = "kvm_amd",
	[BFM_VIRTUALBOX] = "vboxdrv",
	[BFM_VMWARE] = "vmmon",
};

static bool is_there(const char *root, const char *path)
{
	char name[PATH_BYTES];

	snprintf(name, sizeof(name), "%s%s", root, path);
	return !access(name, F_OK);
}

static void read_module(const char *root, const char *name, struct bfm_module *module,
			struct bfm_text *text)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	module->present = is_there(root, path);
	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", name);
	/* What is built into the kernel has no count. */
	module->users = bfm_linux_read(root, path, SMALL, text) || !text->length
				? -1
				: strtoll(bfm_text_get(text), NULL, 10);
}

/* In a Xen domain the VMM would take what belongs to Xen, if it was offered at all. */
static void read_xen(const char *root, struct bfm_module *module, struct bfm_text *text)
{
	module->users = -1;
	module->present = !bfm_linux_read(root, "/sys/hypervisor/type", SMALL, text) &&
			  !strncmp(bfm_text_get(text), "xen", 3);
}

static enum bfm_answer read_signature(const char *root, const char *path, struct bfm_text *text)
{
	size_t length = strlen(SIGNATURE);
	bool packed = strcmp(path + strlen(path) - 3, ".ko") != 0;

	if (packed || bfm_linux_read(root, path, MODULE_FILE, text))
		return BFM_UNKNOWN;
	if (text->length < length)
		return BFM_NO;
	return memcmp(text->data + text->length - length, SIGNATURE, length) ? BFM_NO : BFM_YES;
}

static void read_driver(const char *root, const char *release, struct bfm_driver_facts *driver,
			struct bfm_text *text)
{
	char folder[PATH_BYTES / 4];
	char path[PATH_BYTES];
	char file[PATH_BYTES / 2];

	driver->loaded = is_there(root, "/sys/module/" BF_DEVICE);
	snprintf(folder, sizeof(folder), "/lib/modules/%s", release);
	snprintf(path, sizeof(path), "%s/modules.dep", folder);
	driver->installed = BFM_NO;
	if (bfm_linux_read(root, path, MODULES_DEP, text) ||
	    !bfm_parse_modules_dep(bfm_text_get(text), BF_DEVICE, file, sizeof(file)))
		return;
	driver->installed = BFM_YES;
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	driver->signature = read_signature(root, path, text);
}

void bfm_linux_modules(const char *root, struct bfm_facts *facts)
{
	struct bfm_text text = {0};

	for (enum bfm_rival rival = 0; rival < BFM_RIVALS; rival++)
		if (names[rival])
			read_module(root, names[rival], &facts->rival[rival], &text);
	read_xen(root, &facts->rival[BFM_XEN], &text);
	read_driver(root, facts->kernel.release, &facts->driver, &text);
	bfm_text_free(&text);
}

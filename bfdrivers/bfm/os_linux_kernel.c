/* SPDX-License-Identifier: MIT */
#include "os_linux_facts.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "parse_linux.h"

#define SMALL 4096

/* 4 bytes of attributes, then the value. */
#define SECURE_BOOT_VALUE 4

static const char secure_boot[] =
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

static void read_name(struct bfm_kernel_facts *kernel)
{
	struct utsname name;

	if (uname(&name))
		return;
	snprintf(kernel->release, sizeof(kernel->release), "%s", name.release);
	snprintf(kernel->machine, sizeof(kernel->machine), "%s", name.machine);
	bfm_parse_release(kernel->release, &kernel->major, &kernel->minor);
}

static void read_secure_boot(const char *root, struct bfm_kernel_facts *kernel,
			     struct bfm_text *text)
{
	if (bfm_linux_read(root, secure_boot, SMALL, text) || text->length <= SECURE_BOOT_VALUE)
		return;
	kernel->secure_boot = text->data[SECURE_BOOT_VALUE] == 1 ? BFM_YES : BFM_NO;
}

static void read_signed_only(const char *root, struct bfm_kernel_facts *kernel,
			     struct bfm_text *text)
{
	bfm_linux_read(root, "/sys/module/module/parameters/sig_enforce", SMALL, text);
	kernel->signed_only = bfm_parse_bool(bfm_text_get(text));
	bfm_linux_read(root, "/proc/cmdline", SMALL, text);
	if (bfm_parse_cmdline(bfm_text_get(text), "module.sig_enforce") ||
	    bfm_parse_cmdline(bfm_text_get(text), "module.sig_enforce=1"))
		kernel->signed_only = BFM_YES;
}

static void read_lockdown(const char *root, struct bfm_kernel_facts *kernel, struct bfm_text *text)
{
	static const struct {
		const char *word;
		enum bfm_lockdown level;
	} words[] = {{"lockdown=integrity", BFM_LOCKDOWN_INTEGRITY},
		     {"lockdown=confidentiality", BFM_LOCKDOWN_CONFIDENTIALITY}};

	bfm_linux_read(root, "/sys/kernel/security/lockdown", SMALL, text);
	kernel->lockdown = bfm_parse_lockdown(bfm_text_get(text));
	/* securityfs need not be mounted; the command line is the second-best witness. */
	bfm_linux_read(root, "/proc/cmdline", SMALL, text);
	for (size_t i = 0; i < 2 && kernel->lockdown == BFM_LOCKDOWN_UNKNOWN; i++)
		if (bfm_parse_cmdline(bfm_text_get(text), words[i].word))
			kernel->lockdown = words[i].level;
}

void bfm_linux_kernel(const char *root, struct bfm_kernel_facts *kernel)
{
	struct bfm_text text = {0};

	read_name(kernel);
	read_lockdown(root, kernel, &text);
	read_signed_only(root, kernel, &text);
	read_secure_boot(root, kernel, &text);
	bfm_linux_read(root, "/sys/module/kvm/parameters/enable_virt_at_load", SMALL, &text);
	kernel->kvm_at_load = bfm_parse_bool(bfm_text_get(&text));
	bfm_text_free(&text);
}

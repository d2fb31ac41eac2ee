/* SPDX-License-Identifier: MIT */
/* The smallest VMM that does something: it changes the hypervisor vendor string. */
#include <stddef.h>
#include <bareframe/ext.h>
#include <bareframe/hook.h>

#define LEAF_VENDOR 0x40000000

static enum bf_verdict on_vendor(struct bf_vcpu *vcpu, struct bf_cpuid *io, void *ctx)
{
	(void)vcpu;
	(void)ctx;
	/* "HelloMinimal" in EBX, ECX, EDX, four letters each, first letter lowest. */
	io->ebx = 'H' | 'e' << 8 | 'l' << 16 | 'l' << 24;
	io->ecx = 'o' | 'M' << 8 | 'i' << 16 | 'n' << 24;
	io->edx = 'i' | 'm' << 8 | 'a' << 16 | 'l' << 24;
	return BF_PASS;
}

static int init(struct bf_ext *ext)
{
	return bf_hook_cpuid_post(ext, BF_ALL_VMS, BF_LEAF(LEAF_VENDOR, LEAF_VENDOR), on_vendor,
				  NULL, BF_PRIO_NORMAL, NULL);
}

BF_EXTENSION(minimal, .version = "1.0", .license = "MIT", .init = init);

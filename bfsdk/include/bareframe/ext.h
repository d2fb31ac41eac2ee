/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Extensions: static libraries that are linked whole into a VMM image.
 */
#ifndef BAREFRAME_EXT_H
#define BAREFRAME_EXT_H

#include <bfabi/types.h>
#include <bareframe/version.h>

struct bf_ext;
struct bf_vm;
struct bf_vcpu;

#define BF_EXT_MAGIC 0x54584542u /* "BEXT" */

/** Describes an extension; made by BF_EXTENSION(). */
struct bf_extension {
	uint32_t magic;
	uint32_t api; /**< BF_API_VERSION that it was compiled against */
	const char *name;
	const char *version;
	const char *license;
	/** Called once at start, on the first CPU, before any vCPU runs. Registers hooks.
	 *  @return 0, or a BF_E* code that makes the start fail */
	int (*init)(struct bf_ext *ext);
};

/**
 * Defines the extension @p name_ of this library: a name, then designated initialisers of
 * struct bf_extension.
 */
#define BF_EXTENSION(name_, ...)                                                                   \
	const struct bf_extension bf_extension_##name_                                             \
		__attribute__((used, section("bf_extensions"), aligned(8))) = {                    \
			.magic = BF_EXT_MAGIC, .api = BF_API_VERSION, .name = #name_, __VA_ARGS__}

/**
 * Zeroed memory that lives until the VMM stops; pages are never shared with the control VM.
 * @return NULL when the page pool is used up.
 */
void *bf_alloc(uint64_t bytes);

/** Gives back memory of bf_alloc(); NULL is ignored. */
void bf_free(void *memory);

/**
 * Gives the extension @p bytes bytes of its own for each VM, and for each vCPU of all VMs. Each
 * piece is zeroed, aligned to a cache line that it shares with nobody, and lives as long as its VM
 * or vCPU; a vCPU whose CPU goes offline and comes back keeps it.
 *
 * Context: the extension's init, once each; the memory is taken when the VM or vCPU is made, and
 * a start fails if there is none.
 * @return 0, BF_EINVAL (no bytes, or more than 64 MiB), BF_EEXIST (called before), BF_ESTATE (not
 * from init), BF_ENOMEM (more than 64 MiB with the other extensions' data)
 */
int bf_ext_vm_data(struct bf_ext *ext, uint64_t bytes);
int bf_ext_vcpu_data(struct bf_ext *ext, uint64_t bytes);

/**
 * @return the extension's data for @p vm, for @p vcpu; NULL if it has asked for none. Any context:
 * the cost is that of an array index, nothing is locked. Other CPUs may ask for the same data:
 * what is written by more than the vCPU's own CPU wants atomics or a lock of the extension's.
 */
void *bf_vm_data(const struct bf_ext *ext, const struct bf_vm *vm);
void *bf_vcpu_data(const struct bf_ext *ext, const struct bf_vcpu *vcpu);

/** @return the number of CPUs that can run vCPUs of the control VM. */
uint32_t bf_cpu_count(void);

/**
 * The value of @p key on the VMM's command line; of several the last. Read options in init: words
 * that nobody has read when all extensions are ready are named in the log, with a warning.
 * @return bytes of the value copied (cut to @p size - 1, NUL-terminated), BF_ENOENT if not given,
 *         BF_EINVAL if @p size is 0
 */
int bf_option(const char *key, char *value, uint32_t size);

/**
 * As bf_option() for numbers of 64 bits: decimal, or 0x and hexadecimal digits. A value that is
 * none is named in the log, with a warning.
 * @return @p fallback if not given or not a number
 */
uint64_t bf_option_number(const char *key, uint64_t fallback);

#endif

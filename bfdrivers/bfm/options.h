/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The command line, parsed by tables: which options exist, which a command takes, and what was
 * given.
 */
#ifndef BFM_OPTIONS_H
#define BFM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/** Everything that a command line can say. Strings point into argv. */
struct bfm_options {
	const char *device;
	const char *file;   /**< the operand of load and quick */
	const char *args;   /**< the VMM's command line */
	uint64_t pool_mib;  /**< 0: the driver's default */
	uint64_t log_level; /**< enum bf_log_level: what the VMM logs */
	uint64_t level;     /**< enum bf_log_level: what is shown */
	bool quiet;
	bool help;
	bool json;
	bool follow;
	bool no_modprobe;
};

enum bfm_option_kind {
	BFM_FLAG,
	BFM_STRING,
	BFM_NUMBER,
	BFM_CHOICE
};

struct bfm_option {
	const char *name;   /**< without the dashes */
	char letter;        /**< 0 if there is none */
	uint8_t kind;       /**< enum bfm_option_kind */
	uint16_t offset;    /**< of its member in struct bfm_options */
	uint64_t low, high; /**< BFM_NUMBER: limits; BFM_CHOICE: high is the number of words */
	const char *const *words; /**< BFM_CHOICE: the value is the index */
	const char *argument;     /**< its name in the help */
	const char *help;
};

struct bfm_command;

/** Options of every command, ended by a row without a name. */
extern const struct bfm_option bfm_global_options[];

/**
 * Parses what follows the program's name.
 *
 * @param command  out: the command, NULL if none was named
 * @param options  in: defaults; out: what was given
 * @param error	   out: what is wrong, one line without its end
 * @return 0, or BFM_USAGE
 */
int bfm_options_parse(int argc, char *const *argv, const struct bfm_command **command,
		      struct bfm_options *options, struct bfm_text *error);

#endif

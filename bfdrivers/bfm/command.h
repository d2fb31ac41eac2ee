/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The table of commands.
 */
#ifndef BFM_COMMAND_H
#define BFM_COMMAND_H

#include "bfm.h"
#include "options.h"

struct bfm_command {
	const char *name;
	const char *summary;                     /**< one line, for the list of commands */
	const char *operand;                     /**< name of the operand that it needs, or NULL */
	const char *help;                        /**< paragraphs for its own help */
	const struct bfm_option *const *options; /**< besides the global ones, NULL-ended */
	int (*run)(struct bfm *bfm);             /**< @return enum bfm_exit */
};

/** Ended by a row without a name. */
extern const struct bfm_command bfm_commands[];

/** @return NULL if there is no such command */
const struct bfm_command *bfm_command_find(const char *name);

/** The help of one command, or of the program if @p command is NULL. */
void bfm_help(struct bfm_text *text, const struct bfm_command *command);

int bfm_cmd_check(struct bfm *bfm);
int bfm_cmd_load(struct bfm *bfm);
int bfm_cmd_start(struct bfm *bfm);
int bfm_cmd_stop(struct bfm *bfm);
int bfm_cmd_unload(struct bfm *bfm);
int bfm_cmd_quick(struct bfm *bfm);
int bfm_cmd_status(struct bfm *bfm);
int bfm_cmd_log(struct bfm *bfm);
int bfm_cmd_stats(struct bfm *bfm);
int bfm_cmd_version(struct bfm *bfm);

#endif

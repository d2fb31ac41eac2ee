/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <bfabi/log.h>
#include <stddef.h>
#include <string.h>

#include "names.h"

#define MEMBER(name) offsetof(struct bfm_options, name)

const struct bfm_option bfm_global_options[] = {
	{"help", 'h', BFM_FLAG, MEMBER(help), .help = "show this help"},
	{"device", 0, BFM_STRING, MEMBER(device), .argument = "PATH",
	 .help = "the driver's control device"},
	{"quiet", 'q', BFM_FLAG, MEMBER(quiet), .help = "print only errors and what was asked for"},
	{0},
};

static const struct bfm_option json = {"json", 0, BFM_FLAG, MEMBER(json),
				       .help = "print JSON for programs"};
static const struct bfm_option follow = {"follow", 'f', BFM_FLAG, MEMBER(follow),
					 .help = "go on with new records as they come"};
static const struct bfm_option args = {"args",
				       'a',
				       BFM_STRING,
				       MEMBER(args),
				       .argument = "\"KEY=VALUE ...\"",
				       .help = "command line of the VMM"};
static const struct bfm_option pool = {
	"pool", 'p',   BFM_NUMBER,        MEMBER(pool_mib),
	1,      65536, .argument = "MIB", .help = "memory for the VMM's page pool (default 4)"};
static const struct bfm_option no_modprobe = {"no-modprobe", 0, BFM_FLAG, MEMBER(no_modprobe),
					      .help = "do not load the driver if it is missing"};
static const struct bfm_option log_level = {"log-level",
					    'l',
					    BFM_CHOICE,
					    MEMBER(log_level),
					    .high = BF_LOG_LEVELS,
					    .words = bfm_level_names,
					    .argument = "LEVEL",
					    .help = "what the VMM logs: error, warn, info "
						    "(default) or debug"};
static const struct bfm_option level = {"level",
					'l',
					BFM_CHOICE,
					MEMBER(level),
					.high = BF_LOG_LEVELS,
					.words = bfm_level_names,
					.argument = "LEVEL",
					.help = "show only error, warn, info or debug records "
						"and graver ones"};

static const struct bfm_option *const json_only[] = {&json, NULL};
static const struct bfm_option *const load_options[] = {&args, &pool, &log_level, &no_modprobe,
							NULL};
static const struct bfm_option *const log_options[] = {&follow, &level, &json, NULL};

const struct bfm_command bfm_commands[] = {
	{"check", "is this machine fit to run a VMM, and if not, why", NULL,
	 "Looks at the CPUs, the firmware, other hypervisors, the kernel and the driver, and says of\n"
	 "each requirement whether it is met and how to meet it. Changes nothing, needs neither the\n"
	 "driver nor root, but sees more as root. Exits with 0 only if all requirements are met.\n",
	 json_only, bfm_cmd_check},
	{"load", "bring a VMM image into memory", "FILE",
	 "Hands the VMM image FILE to the driver, which checks it and lays it out in memory. All CPUs\n"
	 "stay as they are. Loads the driver first if it is not there.\n",
	 load_options, bfm_cmd_load},
	{"start", "put all CPUs under the loaded VMM", NULL,
	 "Every online CPU becomes a virtual CPU of the VMM, while the system goes on. If one CPU\n"
	 "fails, all are given back and the reason is told.\n",
	 NULL, bfm_cmd_start},
	{"stop", "take all CPUs out of the VMM", NULL,
	 "Every CPU goes back to the bare machine, while the system goes on. The image stays loaded.\n",
	 NULL, bfm_cmd_stop},
	{"unload", "free the memory of a stopped VMM", NULL,
	 "Forgets the image and gives its memory back to the system. Stop the VMM first.\n", NULL,
	 bfm_cmd_unload},
	{"quick", "load and start in one step", "FILE",
	 "Loads the VMM image FILE and starts it. If the start fails, prints the VMM's log and unloads\n"
	 "the image again.\n",
	 load_options, bfm_cmd_quick},
	{"status", "what is loaded and which CPUs it runs", NULL,
	 "Shows the state of the driver, the image, the CPUs under the VMM, the memory that it takes\n"
	 "and the last failure.\n",
	 json_only, bfm_cmd_status},
	{"log", "what the VMM has to say", NULL,
	 "Prints the VMM's log, oldest record first; also after a stop. Each line has the time-stamp\n"
	 "counter, the CPU, the level and the text. Records that were overwritten before they could be\n"
	 "read are counted. With --json every line is a JSON object.\n",
	 log_options, bfm_cmd_log},
	{"stats", "how often and why CPUs left their guest", NULL,
	 "Prints the VM exits by reason, summed and for each CPU. The VMM must be running.\n",
	 json_only, bfm_cmd_stats},
	{"version", "versions of bfm and of the driver", NULL,
	 "Prints the version of bfm and of the interfaces that it speaks and, if the driver is there,\n"
	 "the driver's.\n",
	 json_only, bfm_cmd_version},
	{0},
};

const struct bfm_command *bfm_command_find(const char *name)
{
	for (const struct bfm_command *c = bfm_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

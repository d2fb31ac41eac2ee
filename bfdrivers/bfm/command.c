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

static const char check_help[] =
	"Looks at the CPUs, the firmware, other hypervisors, the kernel and the driver,\n"
	"and says of each requirement whether it is met and how to meet it. Changes\n"
	"nothing, needs neither the driver nor root, but sees more as root. Exits with\n"
	"0 only if all requirements are met.\n";

static const char load_help[] =
	"Hands the VMM image FILE to the driver, which checks it and lays it out in\n"
	"memory. All CPUs stay as they are. Loads the driver first if it is not there.\n";

static const char start_help[] =
	"Every online CPU becomes a virtual CPU of the VMM, while the system goes on.\n"
	"If one CPU fails, all are given back and the reason is told.\n";

static const char stop_help[] =
	"Every CPU goes back to the bare machine, while the system goes on. The image\n"
	"stays loaded.\n";

static const char unload_help[] =
	"Forgets the image and gives its memory back to the system. Stop the VMM first.\n";

static const char quick_help[] =
	"Loads the VMM image FILE and starts it. If the start fails, prints the VMM's\n"
	"log and unloads the image again.\n";

static const char status_help[] =
	"Shows the state of the driver, the image, the CPUs under the VMM, the memory\n"
	"that it takes and the last failure.\n";

static const char log_help[] =
	"Prints the VMM's log, oldest record first; also after a stop. Each line has\n"
	"the time-stamp counter, the CPU, the level and the text. Records that were\n"
	"overwritten before they could be read are counted. With --json every line is a\n"
	"JSON object.\n";

static const char stats_help[] =
	"Prints the VM exits by reason, summed and for each CPU; and for each extension\n"
	"its state, its hooks, how often they were called, and an estimate of the time\n"
	"that they take. The VMM must be running.\n";

static const char version_help[] =
	"Prints the version of bfm and of the interfaces that it speaks and, if the\n"
	"driver is there, the driver's.\n";

const struct bfm_command bfm_commands[] = {
	{"check", "is this machine fit to run a VMM, and if not, why", NULL, check_help, json_only,
	 bfm_cmd_check},
	{"load", "bring a VMM image into memory", "FILE", load_help, load_options, bfm_cmd_load},
	{"start", "put all CPUs under the loaded VMM", NULL, start_help, NULL, bfm_cmd_start},
	{"stop", "take all CPUs out of the VMM", NULL, stop_help, NULL, bfm_cmd_stop},
	{"unload", "free the memory of a stopped VMM", NULL, unload_help, NULL, bfm_cmd_unload},
	{"quick", "load and start in one step", "FILE", quick_help, load_options, bfm_cmd_quick},
	{"status", "what is loaded and which CPUs it runs", NULL, status_help, json_only,
	 bfm_cmd_status},
	{"log", "what the VMM has to say", NULL, log_help, log_options, bfm_cmd_log},
	{"stats", "why CPUs left their guest, and what extensions take", NULL, stats_help,
	 json_only, bfm_cmd_stats},
	{"version", "versions of bfm and of the driver", NULL, version_help, json_only,
	 bfm_cmd_version},
	{0},
};

const struct bfm_command *bfm_command_find(const char *name)
{
	for (const struct bfm_command *c = bfm_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

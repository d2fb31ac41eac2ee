/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "os.h"

#define OPTION_COLUMN  30
#define COMMAND_COLUMN 12

static void add_option(struct bfm_text *text, const struct bfm_option *o)
{
	bfm_text_add(text, "  ");
	if (o->letter)
		bfm_text_printf(text, "-%c, ", o->letter);
	else
		bfm_text_add(text, "    ");
	bfm_text_printf(text, "--%s", o->name);
	if (o->argument)
		bfm_text_printf(text, " %s", o->argument);
	bfm_text_pad(text, OPTION_COLUMN);
	bfm_text_printf(text, "%s\n", o->help);
}

static void add_global_options(struct bfm_text *text)
{
	for (const struct bfm_option *o = bfm_global_options; o->name; o++)
		add_option(text, o);
	bfm_text_printf(text, "\nThe control device is %s unless --device is given.\n",
			os_default_device);
}

static void add_command(struct bfm_text *text, const struct bfm_command *c)
{
	bfm_text_printf(text, "  %s", c->name);
	bfm_text_pad(text, COMMAND_COLUMN);
	bfm_text_printf(text, "%s\n", c->summary);
}

static void program_help(struct bfm_text *text)
{
	bfm_text_add(text, "usage: bfm [OPTION]... COMMAND [ARGUMENT]...\n"
			   "Runs Bareframe VMMs on this machine.\n\nCommands:\n");
	for (const struct bfm_command *c = bfm_commands; c->name; c++)
		add_command(text, c);
	bfm_text_add(text, "\nOptions of every command:\n");
	add_global_options(text);
	bfm_text_add(text, "\n'bfm COMMAND --help' explains a command; the manual is bfm(8).\n");
}

void bfm_help(struct bfm_text *text, const struct bfm_command *command)
{
	const struct bfm_option *const *own;

	if (!command) {
		program_help(text);
		return;
	}
	bfm_text_printf(text, "usage: bfm %s [OPTION]...%s%s\n\n%s\nOptions:\n", command->name,
			command->operand ? " " : "", command->operand ? command->operand : "",
			command->help);
	for (own = command->options; own && *own; own++)
		add_option(text, *own);
	add_global_options(text);
}

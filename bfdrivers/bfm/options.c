/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "exits.h"

struct parser {
	char *const *arg; /* what is left of the command line */
	int left;
	const struct bfm_command *command;
	struct bfm_options *options;
	struct bfm_text *error;
};

static bool is_named(const struct bfm_option *option, const char *name, size_t length)
{
	return strlen(option->name) == length && !memcmp(option->name, name, length);
}

/* Options are looked for by name if there is one, else by letter. */
static const struct bfm_option *find_option(const struct parser *p, const char *name, size_t length,
					    char letter)
{
	const struct bfm_option *const *own = p->command ? p->command->options : NULL;

	for (const struct bfm_option *o = bfm_global_options; o->name; o++)
		if (name ? is_named(o, name, length) : o->letter == letter)
			return o;
	for (; own && *own; own++)
		if (name ? is_named(*own, name, length) : (*own)->letter == letter)
			return *own;
	return NULL;
}

/* Quotes what came from the command line: it may hold anything. */
static int refuse(struct parser *p, const char *before, const char *word, size_t length,
		  const char *after)
{
	bfm_text_printf(p->error, "%s '", before);
	bfm_text_clean(p->error, word, length);
	bfm_text_printf(p->error, "'%s", after);
	return BFM_USAGE;
}

static int refuse_letter(struct parser *p, char letter)
{
	const char word[] = {'-', letter};

	return refuse(p, "unknown option", word, sizeof(word), "");
}

static int set_number(struct parser *p, const struct bfm_option *o, const char *value,
		      uint64_t *member)
{
	struct bfm_text limits = {0};
	char *end;
	int code = 0;

	errno = 0;
	*member = strtoull(value, &end, 0);
	/* strtoull would take blanks and signs as well. */
	if (*value < '0' || *value > '9' || *end || errno || *member < o->low ||
	    *member > o->high) {
		bfm_text_printf(&limits, ": it takes a number from %" PRIu64 " to %" PRIu64, o->low,
				o->high);
		bfm_text_printf(p->error, "option '--%s': ", o->name);
		code = refuse(p, "wrong value", value, strlen(value), bfm_text_get(&limits));
	}
	bfm_text_free(&limits);
	return code;
}

static int set_choice(struct parser *p, const struct bfm_option *o, const char *value,
		      uint64_t *member)
{
	for (*member = 0; *member < o->high; ++*member)
		if (!strcmp(o->words[*member], value))
			return 0;
	bfm_text_printf(p->error, "option '--%s': ", o->name);
	refuse(p, "wrong value", value, strlen(value), ": it takes one of");
	for (uint64_t i = 0; i < o->high; i++)
		bfm_text_printf(p->error, "%s %s", i ? "," : "", o->words[i]);
	return BFM_USAGE;
}

static int set_option(struct parser *p, const struct bfm_option *o, const char *value)
{
	void *member = (char *)p->options + o->offset;

	switch (o->kind) {
	case BFM_FLAG:
		*(bool *)member = true;
		return 0;
	case BFM_STRING:
		*(const char **)member = value;
		return 0;
	case BFM_NUMBER:
		return set_number(p, o, value, member);
	default:
		return set_choice(p, o, value, member);
	}
}

static int take_next(struct parser *p, const char **value, const struct bfm_option *o)
{
	if (p->left < 1) {
		bfm_text_printf(p->error, "option '--%s' needs a value: %s", o->name, o->argument);
		return BFM_USAGE;
	}
	*value = *p->arg++;
	p->left--;
	return 0;
}

static int parse_long(struct parser *p, const char *name)
{
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct bfm_option *o = find_option(p, name, length, 0);

	if (!o)
		return refuse(p, "unknown option", name - 2, length + 2, "");
	if (o->kind == BFM_FLAG && value)
		return refuse(p, "option", name - 2, length + 2, " takes no value");
	if (o->kind != BFM_FLAG && !value && take_next(p, &value, o))
		return BFM_USAGE;
	return set_option(p, o, value);
}

/* Letters may stand together; one with a value takes the rest of the word or the next word. */
static int parse_letters(struct parser *p, const char *letters)
{
	for (; *letters; letters++) {
		const struct bfm_option *o = find_option(p, NULL, 0, *letters);
		const char *value = letters[1] ? letters + 1 : NULL;
		int code;

		if (!o)
			return refuse_letter(p, *letters);
		if (o->kind != BFM_FLAG && !value && take_next(p, &value, o))
			return BFM_USAGE;
		code = set_option(p, o, value);
		if (code || o->kind != BFM_FLAG)
			return code;
	}
	return 0;
}

static int parse_word(struct parser *p, const char *word)
{
	if (!p->command) {
		p->command = bfm_command_find(word);
		if (p->command)
			return 0;
		return refuse(p, "unknown command", word, strlen(word), "");
	}
	if (!p->command->operand || p->options->file)
		return refuse(p, "surplus word", word, strlen(word), "");
	if (!*word) {
		bfm_text_printf(p->error, "%s is empty", p->command->operand);
		return BFM_USAGE;
	}
	p->options->file = word;
	return 0;
}

static int parse_argument(struct parser *p, bool *words_only)
{
	const char *argument = *p->arg++;

	p->left--;
	if (*words_only || argument[0] != '-' || !argument[1])
		return parse_word(p, argument);
	if (argument[1] != '-')
		return parse_letters(p, argument + 1);
	if (argument[2])
		return parse_long(p, argument + 2);
	*words_only = true;
	return 0;
}

int bfm_options_parse(int argc, char *const *argv, const struct bfm_command **command,
		      struct bfm_options *options, struct bfm_text *error)
{
	struct parser p = {.arg = argv, .left = argc, .options = options, .error = error};
	bool words_only = false;
	int code = 0;

	while (!code && p.left > 0)
		code = parse_argument(&p, &words_only);
	*command = p.command;
	return code;
}

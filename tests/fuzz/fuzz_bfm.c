/* SPDX-License-Identifier: MIT */
/* The command line of bfm: words, each ended by a zero or a line's end. */
#include <command.h>
#include "fuzz.h"

#define WORDS 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[WORDS + 1] = {0}, *at = text;
	const struct bfm_command *command = NULL;
	struct bfm_options options = {0};
	struct bfm_text error = {0};
	int argc = 0, status;

	HOLDS(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\n')
			text[i] = '\0';
	for (; argc < WORDS && at < text + size; at += strlen(at) + 1)
		argv[argc++] = at;
	status = bfm_options_parse(argc, argv, &command, &options, &error);
	HOLDS(status == 0 || status == BFM_USAGE);
	/* Whoever is refused is told why, in one line. */
	HOLDS(!status == !*bfm_text_get(&error));
	HOLDS(!strchr(bfm_text_get(&error), '\n'));
	if (!status)
		bfm_help(&error, command);
	bfm_text_free(&error);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "bfm.h"

#include <bfabi/log.h>
#include <stdarg.h>

#include "command.h"
#include "os.h"

void bfm_print(struct bfm *bfm, struct bfm_text *text)
{
	fwrite(bfm_text_get(text), 1, text->length, bfm->out);
	bfm_text_clear(text);
}

void bfm_say(struct bfm *bfm, const char *format, ...)
{
	va_list list;

	if (bfm->options.quiet)
		return;
	va_start(list, format);
	vfprintf(bfm->out, format, list);
	va_end(list);
	fputc('\n', bfm->out);
}

int bfm_fail(struct bfm *bfm, int code, const char *remedy, const char *format, ...)
{
	va_list list;

	/* What was done before the error is to be read before it. */
	fflush(bfm->out);
	fprintf(bfm->err, "bfm: ");
	if (bfm->command)
		fprintf(bfm->err, "%s: ", bfm->command->name);
	va_start(list, format);
	vfprintf(bfm->err, format, list);
	va_end(list);
	fputc('\n', bfm->err);
	if (remedy && *remedy)
		fprintf(bfm->err, "    remedy: %s\n", remedy);
	return code;
}

static int show_help(struct bfm *bfm)
{
	struct bfm_text text = {0};

	bfm_help(&text, bfm->command);
	bfm_print(bfm, &text);
	bfm_text_free(&text);
	return BFM_OK;
}

static int usage_error(struct bfm *bfm, const char *what)
{
	struct bfm_text remedy = {0};
	int code;

	bfm_text_printf(&remedy, "see 'bfm %s%s--help'", bfm->command ? bfm->command->name : "",
			bfm->command ? " " : "");
	code = bfm_fail(bfm, BFM_USAGE, bfm_text_get(&remedy), "%s", what);
	bfm_text_free(&remedy);
	return code;
}

static int run_command(struct bfm *bfm)
{
	if (bfm->options.help)
		return show_help(bfm);
	if (!bfm->command)
		return usage_error(bfm, "no command given");
	if (bfm->command->operand && !bfm->options.file)
		return usage_error(bfm, "no FILE given");
	return bfm->command->run(bfm);
}

int bfm_run(int argc, char *const *argv, FILE *out, FILE *err)
{
	struct bfm bfm = {.out = out, .err = err};
	struct bfm_text error = {0};
	int code;

	bfm.options.device = os_default_device;
	bfm.options.log_level = BF_LOG_INFO;
	bfm.options.level = BF_LOG_DEBUG;
	code = bfm_options_parse(argc, argv, &bfm.command, &bfm.options, &error);
	if (code)
		usage_error(&bfm, bfm_text_get(&error));
	else
		code = run_command(&bfm);
	bfm_text_free(&error);
	/* Counts more than what the command found: its reader has only a part of that. */
	if (fflush(out) || ferror(out))
		code = bfm_fail(&bfm, BFM_IO, "make room where the output goes",
				"the output could not be written");
	return code;
}

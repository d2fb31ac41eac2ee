/* SPDX-License-Identifier: MIT */
#include "command.h"
#include "os.h"
#include "require.h"

int bfm_cmd_check(struct bfm *bfm)
{
	struct bfm_text text = {0};
	struct bfm_facts facts;
	unsigned int missing;

	os_facts(&facts, bfm->options.device);
	if (bfm->options.json)
		missing = bfm_check_json(&text, &facts);
	else
		missing = bfm_check_text(&text, &facts, bfm->options.quiet);
	bfm_print(bfm, &text);
	bfm_text_free(&text);
	return missing ? BFM_UNAVAILABLE : BFM_OK;
}

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Reading the VMM's log: pages from the driver, records into whole lines, lines into text.
 */
#ifndef BFM_LOG_H
#define BFM_LOG_H

#include <bfabi/ioctl.h>

#include "bfm.h"
#include "os.h"

/** One line of the log, joined from its records; @c seq and @c tsc are those of the first. */
struct bfm_log_line {
	uint64_t seq;
	uint64_t tsc;
	uint32_t cpu;
	uint8_t level;
	bool cut; /**< the rest of it was lost */
	struct bfm_text text;
};

/** What becomes of the log. */
struct bfm_log_sink {
	void (*line)(void *context, const struct bfm_log_line *line);
	void (*lost)(void *context, uint64_t records);
	void *context;
};

/** Lines of which the end is still to come. Zero-initialised it is empty. */
struct bfm_log_join {
	struct bfm_log_line *open[BF_MAX_CPUS];
	uint32_t count;
};

void bfm_log_join_page(struct bfm_log_join *join, const struct bf_log_page *page,
		       const struct bfm_log_sink *sink);
/** Gives out what is left, cut, and frees all memory. */
void bfm_log_join_end(struct bfm_log_join *join, const struct bfm_log_sink *sink);

/** Where a reader is. Zero-initialised it is at the start. */
struct bfm_log_reader {
	struct bfm_log_join join;
	uint64_t from; /**< what to ask for next */
	uint64_t seq;  /**< of the last record that was read, 0 if there was none */
	uint64_t tsc;
};

/** Fills the page that @p page->from asks for. @return 0 or an error */
typedef int (*bfm_log_fetch)(void *context, struct bf_log_page *page);

/** Reads all that is there now. @return 0 or the error of @p fetch */
int bfm_log_drain(struct bfm_log_reader *reader, bfm_log_fetch fetch, void *context,
		  const struct bfm_log_sink *sink);

/**
 * For a reader that found nothing new: whether the log is another one than it has read, because
 * the VMM has been started again. Then the reader goes back to the start.
 */
bool bfm_log_restarted(struct bfm_log_reader *reader, bfm_log_fetch fetch, void *context);

void bfm_log_line_text(struct bfm_text *text, const struct bfm_log_line *line);
void bfm_log_line_json(struct bfm_text *text, const struct bfm_log_line *line);
void bfm_log_lost_text(struct bfm_text *text, uint64_t records);
void bfm_log_lost_json(struct bfm_text *text, uint64_t records);

/** Prints all that is there now; prints errors too. @return enum bfm_exit */
int bfm_log_dump(struct bfm *bfm, struct os_device *device);

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The requirements of Bareframe and their judgement from facts. Nothing here does I/O.
 */
#ifndef BFM_REQUIRE_H
#define BFM_REQUIRE_H

#include "facts.h"
#include "text.h"

enum bfm_verdict {
	BFM_MET,
	BFM_UNMET,
	BFM_UNCLEAR, /**< could not be found out; counts as not met */
	BFM_NOTE     /**< for information, hinders nothing */
};

/** What was found about one requirement. */
struct bfm_finding {
	enum bfm_verdict verdict;
	struct bfm_text message; /**< what is there, with its value */
	struct bfm_text remedy;  /**< empty if nothing is to be done */
};

struct bfm_requirement {
	const char *id;    /**< for programs; never changes */
	const char *title; /**< for people */
	bool required;     /**< else it can only give notes */
	void (*judge)(const struct bfm_facts *facts, struct bfm_finding *finding);
};

/** All requirements of this system, ended by a row without an id. */
extern const struct bfm_requirement bfm_requirements[];

/** Sets a finding's verdict and message. */
void bfm_found(struct bfm_finding *finding, enum bfm_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Judges one requirement; the caller frees the finding. */
void bfm_judge(const struct bfm_requirement *requirement, const struct bfm_facts *facts,
	       struct bfm_finding *finding);
void bfm_finding_free(struct bfm_finding *finding);

/** @return how many requirements are not met, unclear ones included */
unsigned int bfm_check_text(struct bfm_text *text, const struct bfm_facts *facts, bool quiet);
unsigned int bfm_check_json(struct bfm_text *text, const struct bfm_facts *facts);

/* require_cpu.c: the same on every system. */
void bfm_judge_64bit(const struct bfm_facts *facts, struct bfm_finding *finding);
void bfm_judge_virtualization(const struct bfm_facts *facts, struct bfm_finding *finding);
void bfm_judge_features(const struct bfm_facts *facts, struct bfm_finding *finding);
void bfm_judge_nesting(const struct bfm_facts *facts, struct bfm_finding *finding);
void bfm_judge_count(const struct bfm_facts *facts, struct bfm_finding *finding);
void bfm_judge_memory(const struct bfm_facts *facts, struct bfm_finding *finding);
/* require_firmware.c */
void bfm_judge_firmware(const struct bfm_facts *facts, struct bfm_finding *finding);

#endif

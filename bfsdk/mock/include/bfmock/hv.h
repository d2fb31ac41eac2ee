/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A third backend beside VMX and SVM: a neutral one for tests of the core that need no vendor.
 */
#ifndef BFMOCK_HV_H
#define BFMOCK_HV_H

#include <bfmock/machine.h>
#include <bfvmm/dispatch.h>
#include <bfvmm/hv.h>

/** What the backend keeps of a vCPU, and what it was asked for. */
struct mock_hv {
	uint64_t field[BF_FIELD_COUNT];
	uint64_t intercept[BF_EXIT_COUNT]; /**< keys, see bf_hv_ops.intercept */
	uint32_t ranges[BF_EXIT_COUNT];    /**< how many ranges intercept_ranges() got */
	bool no_intercept[BF_EXIT_COUNT];  /**< set by a test: the "CPU" has none */
	uint32_t advanced, injected, injected_nmi, flushed, launched;
	struct bf_event last_event;
	struct bf_cr_access cr; /**< set by a test: what decode_cr() answers */
	struct bf_io_access io; /**< set by a test: what decode_io() answers */
	struct bf_dr dr;        /**< set by a test: what decode_dr() answers */
	struct bf_s2_access s2; /**< set by a test: what decode_s2() answers; the GPA is a field */
	uint64_t s2_root;
	bool stepping;
	uint64_t invalidated; /**< address of the last invlpg() */
	int msr_verdict;      /**< set by a test: what read_msr() and write_msr() answer */
	uint64_t msr_value;
	int set_status; /**< set by a test: what set() answers */
	int fail_launch;
};

extern struct mock_hv mock_hv;
extern const struct bf_hv_ops mock_hv_ops;

/** The control VM of mock_hv_init() and its vCPUs, one a CPU of the machine. */
extern struct bf_vm mock_vm;
extern struct bf_vcpu mock_vcpus[MOCK_CPUS];

/**
 * A machine with a page pool, and the control VM in mock_vm with default slots under
 * mock_hv_ops: all that hooks and dispatch need.
 */
void mock_hv_init(uint32_t cpu_count);

/** As a backend does at an exit: dispatch, verdict, pending work. @return the verdict */
enum bf_verdict mock_hv_exit(struct bf_vcpu *vcpu, enum bf_exit_reason reason);

#endif

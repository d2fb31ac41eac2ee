/* SPDX-License-Identifier: MIT */
/* Exceptions of the guest on their way through hooks to their delivery. */
#include <bareframe/ext.h>
#include <bareframe/hook.h>
#include <bfmock/hv.h>
#include <bfvmm/defaults.h>
#include <bfvmm/hooks.h>
#include "test.h"

#define INFO_EXCEPTION (3u << 8)
#define INFO_ERROR     (1u << 11)

static struct bf_vcpu *const vcpu = &mock_vcpus[0];
static const struct bf_extension descriptor = {.name = "under test"};
static struct bf_ext ext;
static struct bf_hv_ops ops;

/* What the hook saw, and what it is to make of it. */
static struct bf_exception seen, changed;
static bool change;
static enum bf_verdict answer;
static uint32_t calls;

static enum bf_verdict reflected; /* what the backend answers */

/* As the backends do: the exception that exited is to be delivered. */
static enum bf_verdict reflect(struct bf_vcpu *v, struct bf_exit *exit, const void *ctx)
{
	(void)exit;
	(void)ctx;
	bf_vcpu_inject_exception(v, (uint8_t)mock_hv.field[BF_EXIT_INTERRUPTION], 0xbad);
	return reflected;
}

static const struct bf_slot *backend_slot(enum bf_exit_reason reason)
{
	static const struct bf_slot slot = {.fn = reflect};

	return reason == BF_EXIT_EXCEPTION ? &slot : NULL;
}

static int setup(void **state)
{
	(void)state;
	mock_hv_init(1);
	ops = mock_hv_ops;
	ops.slot = backend_slot;
	bf_hv = &ops;
	ext = (struct bf_ext){.descriptor = &descriptor};
	reflected = BF_INJECT;
	answer = BF_PASS;
	change = false;
	calls = 0;
	return 0;
}

static enum bf_verdict on_exception(struct bf_vcpu *v, struct bf_exception *io, void *ctx)
{
	(void)v;
	(void)ctx;
	calls++;
	seen = *io;
	if (change)
		*io = changed;
	return answer;
}

static void hook(uint64_t first, uint64_t last)
{
	assert_int_equal(bf_hook_exception(&ext, BF_ALL_VMS, BF_VECTOR(first, last), on_exception,
					   NULL, 0, NULL),
			 0);
}

static enum bf_verdict raise(uint8_t vector, bool error)
{
	mock_hv.injected = 0;
	mock_hv.field[BF_EXIT_INTERRUPTION] =
		1u << 31 | INFO_EXCEPTION | vector | (error ? INFO_ERROR : 0);
	mock_hv.field[BF_EXIT_ERROR_CODE] = 0x15;
	mock_hv.field[BF_EXIT_GVA] = 0x7fff12345678;
	return mock_hv_exit(vcpu, BF_EXIT_EXCEPTION);
}

static void seen_and_delivered(void **state)
{
	(void)state;
	hook(0, 31);
	assert_int_equal(raise(BF_VECTOR_GP, true), BF_INJECT);
	assert_int_equal(seen.vector, BF_VECTOR_GP);
	assert_int_equal(seen.type, BF_EVENT_EXCEPTION);
	assert_true(seen.has_error);
	assert_int_equal(seen.error_code, 0x15);
	assert_int_equal(seen.address, 0);
	assert_int_equal(mock_hv.last_event.error_code, 0x15);
	assert_int_equal(mock_hv.field[BF_CR2], 0);
	assert_int_equal(raise(BF_VECTOR_DE, false), BF_INJECT);
	assert_false(seen.has_error);
	assert_int_equal(seen.error_code, 0);
	assert_false(mock_hv.last_event.has_error);
}

static void page_faults_have_an_address(void **state)
{
	(void)state;
	hook(BF_VECTOR_PF, BF_VECTOR_PF);
	assert_int_equal(raise(BF_VECTOR_PF, true), BF_INJECT);
	assert_int_equal(seen.address, 0x7fff12345678);
	assert_int_equal(mock_hv.field[BF_CR2], 0x7fff12345678);
	change = true;
	changed = (struct bf_exception){
		.vector = BF_VECTOR_PF, .has_error = true, .error_code = 2, .address = 0x1000};
	assert_int_equal(raise(BF_VECTOR_PF, true), BF_INJECT);
	assert_int_equal(mock_hv.last_event.error_code, 2);
	assert_int_equal(mock_hv.field[BF_CR2], 0x1000);
}

static void swallowed(void **state)
{
	(void)state;
	hook(BF_VECTOR_UD, BF_VECTOR_UD);
	answer = BF_DONE;
	assert_int_equal(raise(BF_VECTOR_UD, false), BF_DONE);
	assert_int_equal(mock_hv.injected, 0);
	assert_int_equal(mock_hv.advanced, 0);
}

/* The backend may know better than to deliver it, or deliver something else. */
static void backend_decides(void **state)
{
	(void)state;
	hook(0, 31);
	change = true;
	changed = (struct bf_exception){.vector = BF_VECTOR_DF, .error_code = 7, .address = 1};
	assert_int_equal(raise(BF_VECTOR_PF, true), BF_INJECT);
	assert_int_equal(mock_hv.last_event.vector, BF_VECTOR_PF);
	assert_int_equal(mock_hv.last_event.error_code, 0xbad);
	assert_int_equal(mock_hv.field[BF_CR2], 0);
	reflected = BF_DONE;
	assert_int_equal(raise(BF_VECTOR_GP, true), BF_DONE);
	assert_int_equal(mock_hv.injected, 0);
}

/* A vector that no hook asks for does not exit. */
static void vectors(void **state)
{
	(void)state;
	hook(BF_VECTOR_PF, BF_VECTOR_PF);
	hook(BF_VECTOR_DE, BF_VECTOR_DB);
	bf_vcpu_set_intercepts(vcpu);
	assert_int_equal(mock_hv.intercept[BF_EXIT_EXCEPTION],
			 1u << BF_VECTOR_PF | 1u << BF_VECTOR_DE | 1u << BF_VECTOR_DB);
	assert_int_equal(
		bf_hook_exception(&ext, BF_ALL_VMS, BF_VECTOR(0, 32), on_exception, NULL, 0, NULL),
		BF_EINVAL);
	assert_int_equal(raise(BF_VECTOR_DF, true), BF_INJECT);
	assert_int_equal(calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(seen_and_delivered, setup),
		cmocka_unit_test_setup(page_faults_have_an_address, setup),
		cmocka_unit_test_setup(swallowed, setup),
		cmocka_unit_test_setup(backend_decides, setup),
		cmocka_unit_test_setup(vectors, setup),
	};

	return cmocka_run_group_tests_name("exception", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What the processors say about port instructions, and what has to be read from the bytes. */
#include <bfhw/phys.h>
#include <bfmock/guest.h>
#include <bfmock/svm.h>
#include <bfmock/vmx.h>
#include <svm/svm.h>
#include <vmx/vmx.h>
#include "../test.h"

#define QUALIFICATION 0x6400
#define INFORMATION   0x440e
#define LENGTH        0x440c

/* What is not said is 0 or none of the CPU's business. */
static const struct row {
	const char *name;
	enum bf_insn_mode mode;
	uint8_t bytes[8];
	struct bf_io_access io;
} rows[] = {
	{"in al, 0x60", BF_INSN_64, {0xe4, 0x60}, {.port = 0x60, .size = 1, .length = 2}},
	{"out 0x80, eax",
	 BF_INSN_64,
	 {0xe7, 0x80},
	 {.port = 0x80, .size = 4, .write = true, .length = 2}},
	{"in ax, dx", BF_INSN_64, {0x66, 0xed}, {.port = 0x1f0, .size = 2, .length = 2}},
	{"insb", BF_INSN_64, {0x6c}, {0x1f0, 1, false, true, false, 8, BF_SEG_ES, 1}},
	{"rep insw",
	 BF_INSN_64,
	 {0x66, 0xf3, 0x6d},
	 {0x1f0, 2, false, true, true, 8, BF_SEG_ES, 3}},
	{"rep outsd", BF_INSN_64, {0xf3, 0x6f}, {0x1f0, 4, true, true, true, 8, BF_SEG_DS, 2}},
	{"67 rep insd",
	 BF_INSN_64,
	 {0x67, 0xf3, 0x6d},
	 {0x1f0, 4, false, true, true, 4, BF_SEG_ES, 3}},
	{"gs rep outsb",
	 BF_INSN_64,
	 {0x65, 0xf3, 0x6e},
	 {0x1f0, 1, true, true, true, 8, BF_SEG_GS, 3}},
	{"gs insb: no override",
	 BF_INSN_64,
	 {0x65, 0x6c},
	 {0x1f0, 1, false, true, false, 8, BF_SEG_ES, 2}},
	{"32-bit outsw", BF_INSN_32, {0x66, 0x6f}, {0x1f0, 2, true, true, false, 4, BF_SEG_DS, 2}},
	{"32-bit 67 cs outsb",
	 BF_INSN_32,
	 {0x67, 0x2e, 0x6e},
	 {0x1f0, 1, true, true, false, 2, BF_SEG_CS, 3}},
	{"16-bit outsw", BF_INSN_16, {0x6f}, {0x1f0, 2, true, true, false, 2, BF_SEG_DS, 1}},
	{"16-bit outsd", BF_INSN_16, {0x66, 0x6f}, {0x1f0, 4, true, true, false, 2, BF_SEG_DS, 2}},
	{"16-bit 67 outsw",
	 BF_INSN_16,
	 {0x67, 0x6f},
	 {0x1f0, 2, true, true, false, 4, BF_SEG_DS, 2}},
	{"a prefix without effect",
	 BF_INSN_64,
	 {0x66, 0xf3, 0x6e},
	 {0x1f0, 1, true, true, true, 8, BF_SEG_DS, 3}},
};

static void enter(struct bf_vcpu *vcpu, const struct row *row)
{
	static const uint32_t code[] = {
		[BF_INSN_16] = 0x9b, [BF_INSN_32] = 0x409b, [BF_INSN_64] = 0x209b};

	bf_vcpu_set(vcpu, BF_CS_ACCESS, code[row->mode]);
	memcpy(bf_phys_to_virt(MOCK_GUEST_RIP), row->bytes, sizeof(row->bytes));
}

/* SDM volume 3, tables 28-5 and 28-8. */
static void vmx_says(const struct row *row, bool information)
{
	const struct bf_io_access *io = &row->io;
	uint32_t address = io->address_size == 8 ? 2 : io->address_size == 4;

	mock_vmcs_set(LENGTH, io->length);
	mock_vmcs_set(QUALIFICATION, (io->size - 1) | (io->write ? 0 : 8) | io->string << 4 |
					     io->rep << 5 | (uint32_t)io->port << 16);
	/* INS has no segment to report. */
	mock_vmcs_set(INFORMATION,
		      !information ? 0 : address << 7 | (io->write ? io->segment : 5u) << 15);
}

/* APM volume 2, 15.10.2. */
static void svm_says(struct bf_vcpu *vcpu, const struct row *row, bool address, bool segment)
{
	const struct bf_io_access *io = &row->io;
	uint64_t pa = bf_svm(vcpu)->vmcb_pa;
	uint64_t info = (io->write ? 0 : 1) | io->string << 2 | io->rep << 3 | io->size << 4 |
			(uint32_t)io->port << 16;

	if (io->string && address)
		info |= (uint32_t)io->address_size << 6;
	if (io->string && segment)
		info |= (io->write ? io->segment : 5u) << 10;
	mock_vmcb_set(pa, MOCK_VMCB_EXITINFO1, 8, info);
	mock_vmcb_set(pa, MOCK_VMCB_EXITINFO2, 8, MOCK_GUEST_RIP + io->length);
}

static bool same(const struct bf_io_access *a, const struct bf_io_access *b)
{
	return a->port == b->port && a->size == b->size && a->write == b->write &&
	       a->string == b->string && a->rep == b->rep && a->address_size == b->address_size &&
	       a->segment == b->segment && a->length == b->length;
}

static void expect(struct bf_vcpu *vcpu, const struct row *row)
{
	struct bf_io_access io;

	assert_row(bf_hv->decode_io(vcpu, &io) == 0, row->name);
	assert_row(same(&io, &row->io), row->name);
}

static struct bf_vcpu *start(const struct mock_profile *profile)
{
	mock_reset(profile, 1);
	assert_int_equal(mock_vmm_start(""), 0);
	return mock_vcpu();
}

/* With instruction information and without. */
static void vmx(void **state)
{
	(void)state;
	for (int information = 0; information < 2; information++) {
		struct bf_vcpu *vcpu = start(&mock_intel);

		assert_true(bf_vmx_caps.basic & VMX_BASIC_INS_OUTS);
		if (!information)
			bf_vmx_caps.basic &= ~VMX_BASIC_INS_OUTS;
		for (size_t i = 0; i < COUNT(rows); i++) {
			enter(vcpu, &rows[i]);
			vmx_says(&rows[i], information);
			expect(vcpu, &rows[i]);
		}
	}
}

/* As reported, without the segment, without either. */
static void svm(void **state)
{
	(void)state;
	for (int known = 0; known < 3; known++) {
		struct bf_vcpu *vcpu = start(known == 2 ? &mock_amd : &mock_amd_bare);

		for (size_t i = 0; i < COUNT(rows); i++) {
			enter(vcpu, &rows[i]);
			svm_says(vcpu, &rows[i], known >= 1, known == 2);
			expect(vcpu, &rows[i]);
		}
	}
}

/* What the CPU has said is believed, whatever the bytes are by now. */
static void reported(void **state)
{
	struct bf_vcpu *vcpu = start(&mock_amd);

	(void)state;
	enter(vcpu, &rows[0]);
	svm_says(vcpu, &rows[7], true, true);
	expect(vcpu, &rows[7]);
	vcpu = start(&mock_intel);
	enter(vcpu, &rows[0]);
	vmx_says(&rows[7], true);
	expect(vcpu, &rows[7]);
}

/* The bytes are needed and gone: the guest shall execute what is there now. */
static void gone(void **state)
{
	static const struct row other = {.mode = BF_INSN_64, .bytes = {0x0f, 0x0b}};
	struct bf_vcpu *vcpu = start(&mock_amd_bare);
	struct bf_io_access io;

	(void)state;
	enter(vcpu, &other);
	svm_says(vcpu, &rows[7], false, false);
	assert_int_equal(bf_hv->decode_io(vcpu, &io), BF_EFAULT);
	vcpu = start(&mock_intel);
	bf_vmx_caps.basic &= ~VMX_BASIC_INS_OUTS;
	enter(vcpu, &other);
	vmx_says(&rows[7], false);
	assert_int_equal(bf_hv->decode_io(vcpu, &io), BF_EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmx),
		cmocka_unit_test(svm),
		cmocka_unit_test(reported),
		cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests_name("io_decode", tests, NULL, NULL);
}

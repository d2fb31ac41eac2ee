/* SPDX-License-Identifier: MIT */
/*
 * The length decoder with any bytes in each mode: it reads nothing behind what it may, its answer
 * depends on the bytes of the instruction alone, and with one byte fewer it says so.
 */
#include <bfabi/error.h>
#include <common/insn_address.h>
#include <common/insn_io.h>
#include <common/insn_length.h>
#include "fuzz.h"

static uint64_t gpr(void *ctx, uint32_t number)
{
	(void)ctx;
	HOLDS(number < 16);
	return 0x123456789abcdef0ull * (number + 1);
}

static int decode(const uint8_t *bytes, uint32_t count, enum bf_insn_mode mode,
		  struct bf_insn *insn)
{
	uint8_t *own = fuzz_block(bytes, count);
	int status = bf_insn_decode(own, count, mode, insn);

	free(own);
	return status;
}

static void look(const struct bf_insn *insn, enum bf_insn_mode mode)
{
	struct bf_insn_operand operand;

	HOLDS(insn->length && insn->length <= BF_INSN_MAX);
	HOLDS(insn->prefix_bytes < insn->length);
	HOLDS(mode == BF_INSN_64 || !insn->rex);
	if (!insn->has_modrm || BF_INSN_MOD(insn) == 3)
		return;
	operand = bf_insn_operand(insn, mode, insn->length, gpr, NULL);
	HOLDS(operand.segment < BF_SEG_COUNT);
	if (bf_insn_address_bytes(insn, mode) < 8)
		HOLDS(operand.offset >> 8 * bf_insn_address_bytes(insn, mode) == 0);
}

static void look_in(const uint8_t *data, uint32_t count, enum bf_insn_mode mode)
{
	struct bf_insn insn, again;
	int status = decode(data, count, mode, &insn);

	HOLDS(status == 0 || status == BF_EINVAL || status == BF_ERANGE);
	if (status)
		return;
	HOLDS(insn.length <= count);
	look(&insn, mode);
	HOLDS(decode(data, insn.length, mode, &again) == 0);
	HOLDS(!memcmp(&insn, &again, sizeof(insn)));
	HOLDS(decode(data, insn.length - 1u, mode, &again) == BF_ERANGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int mode = BF_INSN_16; mode <= BF_INSN_64; mode++)
		look_in(data, (uint32_t)(size < 32 ? size : 32), (enum bf_insn_mode)mode);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * MOV to and from debug registers (SDM volume 3, "Debug Registers"). DR0 to DR3 are the guest's
 * own all the time; DR6 and DR7 are where the backend says. Some CPUs exit before they check
 * anything, so everything is checked here.
 */
#include <bfhw/hw.h>
#include <bfvmm/defaults.h>
#include <bfvmm/msr.h>
#include <bfvmm/vcpu.h>

#define DR6_BD   (1ull << 13)
#define DR7_GD   (1ull << 13)
#define DR7_KEPT 0xffff2fffull /* bits that can be set; bit 10 is always 1 */
#define DR7_ONES 0x400ull
#define DR6_ONES 0xffff0ff0ull
#define DR6_KEPT 0xffffefffull

BF_DECODE(dr)
{
	(void)exit;
	bf_hv->decode_dr(vcpu, &io->dr);
	if (io->dr.write)
		io->dr.value = bf_gpr_get(vcpu, io->dr.gpr);
	return io->dr.dr;
}

static uint64_t read_address(uint8_t dr)
{
	switch (dr) {
	case 0:
		return bf_hw_read_dr0();
	case 1:
		return bf_hw_read_dr1();
	case 2:
		return bf_hw_read_dr2();
	default:
		return bf_hw_read_dr3();
	}
}

static void write_address(uint8_t dr, uint64_t value)
{
	switch (dr) {
	case 0:
		bf_hw_write_dr0(value);
		break;
	case 1:
		bf_hw_write_dr1(value);
		break;
	case 2:
		bf_hw_write_dr2(value);
		break;
	default:
		bf_hw_write_dr3(value);
		break;
	}
}

static bool is_64bit(struct bf_vcpu *vcpu)
{
	return (bf_hv->get(vcpu, BF_EFER) & EFER_LMA) && (bf_hv->get(vcpu, BF_CS_ACCESS) & BF_AR_L);
}

static enum bf_verdict general_detect(struct bf_vcpu *vcpu, uint64_t dr7)
{
	(void)bf_hv->set(vcpu, BF_DR6, bf_hv->get(vcpu, BF_DR6) | DR6_BD);
	(void)bf_hv->set(vcpu, BF_DR7, dr7 & ~DR7_GD);
	bf_vcpu_inject_exception(vcpu, BF_VECTOR_DB, 0);
	return BF_INJECT;
}

static enum bf_verdict write(struct bf_vcpu *vcpu, uint8_t dr, uint64_t value)
{
	if (!is_64bit(vcpu))
		value = (uint32_t)value;
	if (dr < 4) {
		write_address(dr, value);
		return BF_SKIP;
	}
	if (value >> 32)
		return bf_raise_gp(vcpu);
	if (dr == 6)
		(void)bf_hv->set(vcpu, BF_DR6, (value & DR6_KEPT) | DR6_ONES);
	else
		(void)bf_hv->set(vcpu, BF_DR7, (value & DR7_KEPT) | DR7_ONES);
	return BF_SKIP;
}

BF_PERFORM(dr_perform)
{
	uint64_t dr7 = bf_hv->get(vcpu, BF_DR7);
	uint8_t dr = io->dr.dr;

	(void)exit;
	if (bf_hv->get(vcpu, BF_CPL))
		return bf_raise_gp(vcpu);
	if (dr == 4 || dr == 5) {
		if (bf_hv->get(vcpu, BF_CR4) & CR4_DE)
			return bf_raise_ud(vcpu);
		dr += 2;
	}
	if (dr7 & DR7_GD)
		return general_detect(vcpu, dr7);
	if (io->dr.write)
		return write(vcpu, dr, io->dr.value);
	if (dr < 4)
		io->dr.value = read_address(dr);
	else
		io->dr.value = dr == 6 ? bf_hv->get(vcpu, BF_DR6) : dr7;
	return BF_SKIP;
}

BF_FINISH(dr)
{
	if (!io->dr.write)
		bf_gpr_set(vcpu, io->dr.gpr, io->dr.value);
}

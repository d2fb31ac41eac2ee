/* SPDX-License-Identifier: MIT */
/* INVLPG. */
#include <bfvmm/defaults.h>
#include <bfvmm/vcpu.h>

BF_DECODE(invlpg)
{
	(void)exit;
	io->invlpg.address = bf_hv->get(vcpu, BF_EXIT_GVA);
	return io->invlpg.address;
}

BF_PERFORM(invlpg_perform)
{
	(void)exit;
	bf_hv->invlpg(vcpu, io->invlpg.address);
	return BF_SKIP;
}

/* SPDX-License-Identifier: MIT */
/* The table of families. */
#include <stddef.h>
#include <bfvmm/defaults.h>
#include <bfvmm/family.h>

#define CRS        0x11dull                   /* CR0, 2, 3, 4, 8 */
#define DRS        0xffull                    /* 4 and 5 are other names for 6 and 7 */
#define EXCEPTIONS (~0x48204ull & 0xffffffff) /* NMI and #MC are reasons; 9 and 15 are reserved */

const struct bf_family bf_families[BF_FAMILY_COUNT] = {
	[BF_FAMILY_CPUID] = {"CPUID", BF_EXIT_CPUID, UINT32_MAX, 0, bf_cpuid_decode,
			     bf_cpuid_perform, bf_cpuid_finish},
	[BF_FAMILY_MSR_READ] = {"RDMSR", BF_EXIT_RDMSR, UINT32_MAX, 0, bf_msr_decode, bf_msr_read,
				bf_msr_finish},
	[BF_FAMILY_MSR_WRITE] = {"WRMSR", BF_EXIT_WRMSR, UINT32_MAX, 0, bf_msr_decode, bf_msr_write,
				 NULL},
	[BF_FAMILY_IO] = {.name = "port I/O",
			  .reason = BF_EXIT_IO,
			  .last = UINT16_MAX,
			  .perform = bf_port_perform,
			  .drive = bf_port_drive},
	[BF_FAMILY_CR_READ] = {"MOV from CR", BF_EXIT_CR_READ, 15, CRS, bf_cr_decode, bf_cr_read,
			       bf_cr_finish},
	[BF_FAMILY_CR_WRITE] = {"MOV to CR", BF_EXIT_CR_WRITE, 15, CRS, bf_cr_decode, bf_cr_write,
				NULL},
	[BF_FAMILY_DR] = {"MOV DR", BF_EXIT_DR_ACCESS, 7, DRS, bf_dr_decode, bf_dr_perform,
			  bf_dr_finish},
	[BF_FAMILY_XSETBV] = {"XSETBV", BF_EXIT_XSETBV, UINT32_MAX, 0, bf_xsetbv_decode,
			      bf_xsetbv_perform, NULL},
	[BF_FAMILY_EXCEPTION] = {.name = "exception",
				 .reason = BF_EXIT_EXCEPTION,
				 .last = 31,
				 .keys = EXCEPTIONS,
				 .decode = bf_exception_decode,
				 .perform = bf_exception_perform,
				 .no_post = true},
	[BF_FAMILY_HYPERCALL] = {"hypercall", BF_EXIT_HYPERCALL, UINT64_MAX, 0, bf_hypercall_decode,
				 bf_hypercall_perform, bf_hypercall_finish},
	[BF_FAMILY_RDTSC] = {"RDTSC", BF_EXIT_RDTSC, 0, 0, bf_tsc_decode, bf_tsc_perform,
			     bf_tsc_finish},
	[BF_FAMILY_RDTSCP] = {"RDTSCP", BF_EXIT_RDTSCP, 0, 0, bf_tsc_decode, bf_tscp_perform,
			      bf_tscp_finish},
	[BF_FAMILY_RDPMC] = {"RDPMC", BF_EXIT_RDPMC, UINT32_MAX, 0, bf_rdpmc_decode,
			     bf_rdpmc_perform, bf_rdpmc_finish},
	[BF_FAMILY_INVLPG] = {"INVLPG", BF_EXIT_INVLPG, UINT64_MAX, 0, bf_invlpg_decode,
			      bf_invlpg_perform, NULL},
};

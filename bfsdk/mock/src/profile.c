/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <bfmock/machine.h>

enum {
#define X(name, intel, amd) ALL_INTEL_##name = (intel) ? MOCK_##name : 0,
	MOCK_FEATURES(X)
#undef X
#define X(name, intel, amd) ALL_AMD_##name = (amd) ? MOCK_##name : 0,
	MOCK_FEATURES(X)
#undef X
#define X(name, intel, amd) ALL_INTEL_##name |
		INTEL_ALL = MOCK_FEATURES(X) 0,
#undef X
#define X(name, intel, amd) ALL_AMD_##name |
	AMD_ALL = MOCK_FEATURES(X) 0,
#undef X
};

const struct mock_profile mock_intel = {"intel", MOCK_INTEL, INTEL_ALL};

const struct mock_profile mock_intel_old = {"intel-old", MOCK_INTEL,
					    MOCK_VIRT | MOCK_XSAVE | MOCK_MTRR | MOCK_TRUE_CTLS |
						    MOCK_MSR_BITMAP | MOCK_VIRTUAL_NMI |
						    MOCK_SECONDARY};

const struct mock_profile mock_amd = {"amd", MOCK_AMD, AMD_ALL};

const struct mock_profile mock_amd_bare = {"amd-bare", MOCK_AMD,
					   MOCK_VIRT | MOCK_LA57 | MOCK_XSAVE | MOCK_RDTSCP |
						   MOCK_MTRR | MOCK_PAGE_1G | MOCK_NPT};

const struct mock_profile *const mock_profiles[] = {&mock_intel, &mock_intel_old, &mock_amd,
						    &mock_amd_bare, NULL};

/* SPDX-License-Identifier: MIT */
#include "bfm.h"

int main(int argc, char **argv)
{
	return bfm_run(argc - 1, argv + 1, stdout, stderr);
}

/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <linux/string.h>
#include "cpu_state.h"

/* Where things are in an FXSAVE image, and values for them that mask every exception. */
#define FCW      0
#define FTW      4
#define MXCSR    24
#define ST_0     32
#define ST_SIZE  10
#define ST_STEP  16
#define XMM_0    160
#define XMM_END  416
#define FCW_BYTE 0x7f /* single precision is the marker */
#define MXCSR_RC 0x7f /* round to zero is the marker */

void fpu_read(u8 *image)
{
	memset(image, 0, FPU_SIZE);
	asm volatile("fxsave64 (%0)" : : "r"(image) : "memory");
}

void fpu_write(const u8 *image)
{
	asm volatile("fxrstor64 (%0)" : : "r"(image) : "memory");
}

void fpu_mark(void)
{
	static u8 image[FPU_SIZE] __aligned(16);
	unsigned int i;

	fpu_read(image);
	image[FCW + 1] = 0;
	image[FCW] = FCW_BYTE;
	image[FTW] = 0xff;
	image[MXCSR] = 0x80;
	image[MXCSR + 1] = MXCSR_RC;
	for (i = 0; i < 8 * ST_SIZE; i++)
		image[ST_0 + i / ST_SIZE * ST_STEP + i % ST_SIZE] = 0x40 + i;
	for (i = XMM_0; i < XMM_END; i++)
		image[i] = i;
	fpu_write(image);
}

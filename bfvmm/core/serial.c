/* SPDX-License-Identifier: MIT */
#include <bfhw/hw.h>
#include <bfvmm/lock.h>
#include <bfvmm/serial.h>

#define UART_LSR      5
#define LSR_THR_EMPTY 0x20
#define WAIT_POLLS    100000

static struct bf_lock lock = BF_LOCK_INIT;

static void put(uint16_t base, char c)
{
	for (int i = 0; i < WAIT_POLLS; i++) {
		if (bf_hw_inb(base + UART_LSR) & LSR_THR_EMPTY)
			break;
		bf_hw_pause();
	}
	bf_hw_outb(base, (uint8_t)c);
}

static void put_text(uint16_t base, const char *text)
{
	while (*text)
		put(base, *text++);
}

void bf_serial_line(uint16_t base, const char *line)
{
	/* A CPU that died with the lock held, or an NMI on top of it, must not hang the line. */
	for (int i = 0; i < WAIT_POLLS && atomic_flag_test_and_set(&lock.held); i++)
		bf_hw_pause();
	put_text(base, "bareframe: ");
	put_text(base, line);
	put_text(base, "\r\n");
	bf_unlock(&lock);
}

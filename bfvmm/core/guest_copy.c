/* SPDX-License-Identifier: MIT */
/* Copies between the VMM and a guest, page by page. */
#include <bfvmm/guest.h>
#include <bfvmm/msr.h>

#define PIECES_MAX (BF_GUEST_WRITE_MAX / BF_PAGE_SIZE + 1)

/* Part of a range that lies in one page. */
struct piece {
	void *at;
	uint64_t bytes;
};

/* One access to memory, aligned or not. */
#define WORD(bits) typedef uint##bits##_t word##bits __attribute__((aligned(1), may_alias))

WORD(8);
WORD(16);
WORD(32);
WORD(64);

#define MOVE(bits, to, from) (*(volatile word##bits *)(to) = *(const volatile word##bits *)(from))

static uint64_t move(void *to, const void *from, uint64_t bytes)
{
	if (bytes == 8)
		MOVE(64, to, from);
	else if (bytes == 4)
		MOVE(32, to, from);
	else if (bytes == 2)
		MOVE(16, to, from);
	else
		MOVE(8, to, from);
	return bytes;
}

/* The largest word that is aligned in the guest's memory. */
static uint64_t word_at(uint64_t guest, uint64_t left)
{
	uint64_t size = (guest | 8) & -(guest | 8);

	while (size > left)
		size /= 2;
	return size;
}

/*
 * Aligned words are moved by one access: nobody sees half a page-table entry, neither a guest on
 * another CPU nor the VMM.
 */
static void copy(void *to, const void *from, uint64_t bytes, uint64_t guest)
{
	for (uint64_t at = 0; at < bytes;)
		at += move((char *)to + at, (const char *)from + at,
			   word_at(guest + at, bytes - at));
}

static uint64_t to_page_end(uint64_t address, uint64_t bytes)
{
	uint64_t left = BF_PAGE_SIZE - (address & (BF_PAGE_SIZE - 1));

	return bytes < left ? bytes : left;
}

/* Linear addresses wrap at 4 GiB; 64-bit code, or a kernel's address above it, does not. */
static uint64_t behind(const struct bf_space *space, uint64_t start, uint64_t offset)
{
	bool wide = (space->efer & EFER_LMA) && (space->code64 || start > UINT32_MAX);

	return wide ? start + offset : (uint32_t)(start + offset);
}

static int locate(const struct bf_space *space, uint64_t va, uint64_t bytes, uint32_t access,
		  struct piece *piece, struct bf_guest_fault *fault)
{
	struct bf_walk walk;
	int status = bf_space_walk(space, va, access, &walk, fault);

	if (status)
		return status;
	piece->bytes = to_page_end(va, bytes);
	status = bf_guest_memory(space->vm, walk.gpa, piece->bytes, &piece->at);
	if (status && fault)
		*fault = (struct bf_guest_fault){.address = va};
	return status;
}

/* Copies until a page fails. @return bytes copied; @status says why not more */
static uint64_t read(const struct bf_space *space, uint64_t gva, void *to, uint64_t bytes,
		     uint32_t access, struct bf_guest_fault *fault, int *status)
{
	uint64_t done = 0;

	for (*status = 0; done < bytes;) {
		struct piece piece;

		*status = locate(space, behind(space, gva, done), bytes - done, access, &piece,
				 fault);
		if (*status)
			break;
		copy((char *)to + done, piece.at, piece.bytes, (uint64_t)piece.at);
		done += piece.bytes;
	}
	return done;
}

int bf_space_read(const struct bf_space *space, uint64_t gva, void *to, uint64_t bytes,
		  uint32_t access, struct bf_guest_fault *fault)
{
	int status;

	(void)read(space, gva, to, bytes, access | BF_GUEST_READ, fault, &status);
	return status;
}

uint32_t bf_space_fetch(const struct bf_space *space, uint64_t gva, void *to, uint32_t bytes,
			uint32_t access, struct bf_guest_fault *fault)
{
	int status;

	if (fault)
		*fault = (struct bf_guest_fault){0};
	return (uint32_t)read(space, gva, to, bytes, access | BF_GUEST_FETCH, fault, &status);
}

/* @return the number of pieces, or an error */
static int gather(const struct bf_space *space, uint64_t gva, uint64_t bytes, uint32_t access,
		  struct piece *pieces, struct bf_guest_fault *fault)
{
	uint64_t done = 0;
	int count = 0;

	for (; done < bytes; done += pieces[count++].bytes) {
		int status = locate(space, behind(space, gva, done), bytes - done, access,
				    &pieces[count], fault);

		if (status)
			return status;
	}
	return count;
}

static void scatter(const struct piece *pieces, int count, const void *from)
{
	const char *next = from;

	for (int i = 0; i < count; i++) {
		copy(pieces[i].at, next, pieces[i].bytes, (uint64_t)pieces[i].at);
		next += pieces[i].bytes;
	}
}

int bf_space_write(const struct bf_space *space, uint64_t gva, const void *from, uint64_t bytes,
		   uint32_t access, struct bf_guest_fault *fault)
{
	struct piece pieces[PIECES_MAX] = {{0}};
	int count;

	if (bytes > BF_GUEST_WRITE_MAX)
		return BF_ERANGE;
	access |= BF_GUEST_WRITE;
	count = gather(space, gva, bytes, access & ~(uint32_t)BF_GUEST_MARK, pieces, fault);
	/* A page is dirty only if it will be written, so not before all are found. */
	if (count > 0 && (access & BF_GUEST_MARK))
		count = gather(space, gva, bytes, access, pieces, fault);
	if (count < 0)
		return count;
	scatter(pieces, count, from);
	return 0;
}

int bf_gpa_read(struct bf_vm *vm, uint64_t gpa, void *to, uint64_t bytes)
{
	for (uint64_t done = 0, part; done < bytes; done += part) {
		void *at;
		int status;

		part = to_page_end(gpa + done, bytes - done);
		status = bf_guest_memory(vm, gpa + done, part, &at);
		if (status)
			return status;
		copy((char *)to + done, at, part, (uint64_t)at);
	}
	return 0;
}

int bf_gpa_write(struct bf_vm *vm, uint64_t gpa, const void *from, uint64_t bytes)
{
	struct piece pieces[PIECES_MAX];
	int count = 0;

	if (bytes > BF_GUEST_WRITE_MAX)
		return BF_ERANGE;
	for (uint64_t done = 0; done < bytes; done += pieces[count++].bytes) {
		struct piece *piece = &pieces[count];
		int status;

		piece->bytes = to_page_end(gpa + done, bytes - done);
		status = bf_guest_memory(vm, gpa + done, piece->bytes, &piece->at);
		if (status)
			return status;
	}
	scatter(pieces, count, from);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "bf_os.h"
#include "elf_format.h"
#include <bfabi/boot.h>
#include <bfload/report.h>

struct note_header {
	uint32_t namesz;
	uint32_t descsz;
	uint32_t type;
};

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static int check_payload(const uint8_t *desc, uint32_t bytes, struct bf_report *report)
{
	uint32_t version;

	if (bytes != sizeof(version))
		return bf_report_set(report, BF_EIMAGE, "Bareframe note: descsz", bytes,
				     "must be 4, a 32-bit boot version");
	memcpy(&version, desc, sizeof(version));
	if (version != BF_BOOT_VERSION)
		return bf_report_set(report, BF_EVERSION, "Bareframe note: boot version", version,
				     "the loader and the image must come from the same release: "
				     "rebuild one of them");
	return 1;
}

int bf_elf_note_check(const uint8_t *bytes, const struct bf_elf_phdr *ph, struct bf_report *report)
{
	const uint8_t *at = bytes + ph->offset;
	uint64_t align = ph->align == 8 ? 8 : 4;
	uint64_t left = ph->filesz;

	/* Sizes are 32-bit, sums 64-bit: nothing here can wrap. */
	while (left >= sizeof(struct note_header)) {
		struct note_header note;
		uint64_t desc, next;

		memcpy(&note, at, sizeof(note));
		desc = round_up(sizeof(note) + (uint64_t)note.namesz, align);
		next = round_up(desc + note.descsz, align);
		if (desc > left || note.descsz > left - desc)
			return bf_report_set(report, BF_EIMAGE, "PT_NOTE: namesz + descsz",
					     (uint64_t)note.namesz + note.descsz,
					     "must lie within the segment's p_filesz");
		if (note.type == BF_IMAGE_NOTE_TYPE && note.namesz == sizeof(BF_IMAGE_NOTE) &&
		    !memcmp(at + sizeof(note), BF_IMAGE_NOTE, sizeof(BF_IMAGE_NOTE)))
			return check_payload(at + desc, note.descsz, report);
		if (next >= left)
			break;
		at += next;
		left -= next;
	}
	return 0;
}

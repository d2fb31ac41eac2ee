/* SPDX-License-Identifier: MIT */
/* Access rights (SDM volume 3, 4.6 and 4.7; APM volume 2, 5.6). */
#include <bfvmm/guest.h>
#include <bfvmm/msr.h>

#define KEY_NO_ACCESS 1u
#define KEY_NO_WRITE  2u

static bool as_user(const struct bf_space *space, uint32_t access)
{
	if (access & (BF_GUEST_AS_KERNEL | BF_GUEST_AS_CPU))
		return false;
	return space->cpl == 3 || (access & BF_GUEST_AS_USER);
}

static bool smap_forbids(const struct bf_space *space, uint32_t access)
{
	if (!(space->cr4 & CR4_SMAP))
		return false;
	return (access & BF_GUEST_AS_CPU) || !(space->rflags & RFLAGS_AC);
}

static bool kernel_denied(const struct bf_space *space, const struct bf_walk *walk, uint32_t access)
{
	bool user_page = walk->all & BF_ENTRY_U;

	if ((access & BF_GUEST_WRITE) && !(walk->all & BF_ENTRY_W) && (space->cr0 & CR0_WP))
		return true;
	if (!user_page)
		return false;
	if ((access & BF_GUEST_FETCH) && (space->cr4 & CR4_SMEP))
		return true;
	return (access & (BF_GUEST_READ | BF_GUEST_WRITE)) && smap_forbids(space, access);
}

static bool user_denied(const struct bf_walk *walk, uint32_t access)
{
	return !(walk->all & BF_ENTRY_U) ||
	       ((access & BF_GUEST_WRITE) && !(walk->all & BF_ENTRY_W));
}

/* Keys are for data; PKRU for user pages, PKRS for all others. */
static bool key_denied(const struct bf_space *space, const struct bf_walk *walk, uint32_t access)
{
	bool user_page = walk->all & BF_ENTRY_U;
	uint32_t rights = (user_page ? space->pkru : space->pkrs) >> 2 * walk->key;

	if (!(space->efer & EFER_LMA) || !(space->cr4 & (user_page ? CR4_PKE : CR4_PKS)) ||
	    !(access & (BF_GUEST_READ | BF_GUEST_WRITE)))
		return false;
	if (rights & KEY_NO_ACCESS)
		return true;
	return (rights & KEY_NO_WRITE) && (access & BF_GUEST_WRITE) &&
	       ((space->cr0 & CR0_WP) || as_user(space, access));
}

uint32_t bf_guest_pf_error(const struct bf_space *space, uint32_t access)
{
	bool tells_fetch =
		((space->cr4 & CR4_PAE) && (space->efer & EFER_NXE)) || (space->cr4 & CR4_SMEP);

	return (access & BF_GUEST_WRITE ? BF_PF_WRITE : 0) |
	       (as_user(space, access) ? BF_PF_USER : 0) |
	       ((access & BF_GUEST_FETCH) && tells_fetch ? BF_PF_FETCH : 0);
}

uint32_t bf_guest_denied(const struct bf_space *space, const struct bf_walk *walk, uint32_t access)
{
	bool key, denied;

	if (!(space->cr0 & CR0_PG) || (access & BF_GUEST_FORCE))
		return 0;
	key = key_denied(space, walk, access);
	denied = as_user(space, access) ? user_denied(walk, access)
					: kernel_denied(space, walk, access);
	/* With NX off the bit is reserved, and the walk has failed. */
	if ((access & BF_GUEST_FETCH) && (walk->any & BF_ENTRY_NX))
		denied = true;
	if (!key && !denied)
		return 0;
	return bf_guest_pf_error(space, access) | BF_PF_PRESENT | (key ? BF_PF_KEY : 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * The control device: requests of any number with records of any content, in any order, on a
 * system whose CPUs come and go and whose calls fail. In the end everything is given back.
 */
#include <bareframe.h>
#include "fake_os.h"
#include "fuzz.h"
#include "image.h"

#define REQUESTS 16
#define TAIL     64 /* bytes of user memory behind a record */

struct bf_loader bareframe;
const struct file_operations *fuzz_device;
uint8_t *fuzz_user;
size_t fuzz_user_bytes;
bool fuzz_root;

static void *image;
static uint8_t file[IMAGE_BYTES];

void control_lock(void)
{
}

void control_unlock(void)
{
}

void control_settle(void)
{
}

int control_errno(int code)
{
	return code;
}

int control_load(void *bytes, u64 size, const struct bf_load_options *options)
{
	int status = bf_loader_load(&bareframe, bytes, size, options);

	if (!status)
		image = bytes;
	return status;
}

int control_unload(void)
{
	int status = bf_loader_unload(&bareframe);

	if (status)
		return status;
	vfree(image);
	image = NULL;
	return 0;
}

/* What the system is like from here on. */
static void change_system(struct fuzz_input *in)
{
	uint32_t cpu = (uint32_t)fuzz_number(in, 1) % FAKE_CPUS;

	switch (fuzz_number(in, 1) % 11) {
	case 0:
		fake.fail_alloc = fuzz_number(in, 1);
		break;
	case 1:
		fake.fail_on_cpu = fuzz_number(in, 1) % 32;
		break;
	case 2:
		fake.fail_machine = fuzz_number(in, 1) % 4;
		break;
	case 3:
		fake.fail_op = fuzz_number(in, 1) % 4;
		fake.fail_cpu = cpu;
		fake.fail_code = BF_EFEATURE;
		break;
	case 4:
		fake.vmxe[cpu] = !fake.vmxe[cpu] && bareframe.state == BF_STATE_LOADED;
		break;
	case 5:
		fake.max_pages = fuzz_number(in, 2) + 1;
		break;
	case 6:
		fake.refuse_stop = fuzz_number(in, 1);
		break;
	case 7:
		if (!fake.online[cpu]) {
			fake.online[cpu] = true;
			if (bf_loader_cpu_up(&bareframe, cpu))
				fake.online[cpu] = false;
		}
		break;
	case 8:
		if (fake.online[cpu] && cpu && !bf_loader_cpu_down(&bareframe, cpu))
			fake.online[cpu] = false;
		break;
	case 9:
		(void)bf_loader_suspend(&bareframe);
		break;
	default:
		(void)bf_loader_resume(&bareframe);
		break;
	}
}

/* A request that is in order, but for what is changed afterwards. */
static unsigned int request(struct fuzz_input *in)
{
	static const unsigned int numbers[] = {
		BF_IOC_VERSION, BF_IOC_LOAD, BF_IOC_LOAD,   BF_IOC_START,      BF_IOC_STOP,
		BF_IOC_UNLOAD,  BF_IOC_LOG,  BF_IOC_STATUS, BF_IOC_EXTENSIONS, BF_IOC_STATS};
	uint32_t choice = (uint32_t)fuzz_number(in, 1);

	if (choice >= 0xf0)
		return (unsigned int)fuzz_number(in, 4);
	return numbers[choice % ARRAY_SIZE(numbers)];
}

static void fill_load(struct bf_ioctl_load *load)
{
	load->log_level = BF_LOG_INFO;
	load->image = (uint64_t)(uintptr_t)(fuzz_user + fuzz_user_bytes - IMAGE_BYTES);
	load->image_bytes = IMAGE_BYTES;
	load->pool_bytes = 1 << 20;
	memcpy(fuzz_user + fuzz_user_bytes - IMAGE_BYTES, file, IMAGE_BYTES);
}

/* Bytes of the record that are not what they should be: mostly none. */
static void poke(struct fuzz_input *in, size_t bytes)
{
	uint32_t count = (uint32_t)fuzz_number(in, 1);

	for (count = count < 0x80 ? 0 : count % 4 + 1; count && in->left; count--) {
		size_t at = fuzz_number(in, 2) % bytes, width = fuzz_number(in, 1);
		uint64_t value = fuzz_number(in, 8);

		if (width & 0x80) /* a run of bytes that are the same */
			memset(fuzz_user + at, (int)value, bytes - at);
		else
			memcpy(fuzz_user + at, &value, width % 8 < bytes - at ? width % 8 + 1 : 1);
	}
}

static void ask(struct fuzz_input *in)
{
	unsigned int number = request(in);
	size_t bytes = _IOC_SIZE(number);
	long status;

	fuzz_user_bytes = bytes + TAIL + IMAGE_BYTES;
	fuzz_user = calloc(1, fuzz_user_bytes);
	HOLDS(fuzz_user);
	memcpy(fuzz_user, &(uint32_t){(uint32_t)bytes}, bytes < 4 ? bytes : 4);
	if (number == BF_IOC_LOAD)
		fill_load((struct bf_ioctl_load *)fuzz_user);
	if (bytes)
		poke(in, bytes);
	fuzz_root = fuzz_number(in, 1) != 0xff;
	status = fuzz_device->unlocked_ioctl(NULL, number, (unsigned long)fuzz_user);
	HOLDS(fuzz_root || status == -EPERM || status == -ENOTTY);
	for (size_t i = 0; i < TAIL; i++)
		HOLDS(!fuzz_user[bytes + i]);
	free(fuzz_user);
}

/* A VMM that could not say its last words is gone all the same: each start lays it out afresh. */
static void forget(void)
{
	if (bareframe.state == BF_STATE_UNLOADED || bareframe.state == BF_STATE_LOADED)
		fake.vmm_up = false;
}

/* With all failures gone nothing keeps a VMM in memory. */
static void end(void)
{
	fake.fail_alloc = fake.fail_on_cpu = fake.fail_machine = fake.refuse_stop = 0;
	fake.fail_op = UINT64_MAX;
	(void)bf_loader_stop(&bareframe);
	HOLDS(bareframe.state == BF_STATE_LOADED || bareframe.state == BF_STATE_UNLOADED);
	(void)control_unload();
	HOLDS(bareframe.state == BF_STATE_UNLOADED);
	HOLDS(!image && fake.held == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	image_make(file);
	fake_reset(FAKE_CPUS);
	fake.fail_op = UINT64_MAX;
	fake.hc_abi = BF_HC_ABI;
	device_init();
	bf_loader_init(&bareframe, &fake_ops, &bareframe);
	for (uint32_t i = 0; i < REQUESTS && in.left; i++) {
		if (fuzz_number(&in, 1) & 1)
			change_system(&in);
		forget();
		ask(&in);
		HOLDS(bareframe.state <= BF_STATE_SUSPENDED);
	}
	end();
	return 0;
}

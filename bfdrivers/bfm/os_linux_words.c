/* SPDX-License-Identifier: MIT */
/* What does not do anything: so that tests can link it without the rest. */
#include "os.h"

#include <bfabi/ioctl.h>

const char os_default_device[] = "/dev/" BF_DEVICE;

const struct os_words os_words = {
	.become_admin = "run bfm as root, for example with sudo",
	.load_driver =
		"load the driver: modprobe bareframe, or insmod with the path of bareframe.ko; "
		"'bfm check' tells whether this machine is fit for it",
	.see_log = "see the kernel's log: dmesg",
};

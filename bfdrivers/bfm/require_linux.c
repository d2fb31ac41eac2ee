/* SPDX-License-Identifier: MIT */
#include "require.h"

#include <bfabi/ioctl.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct {
	const char *title;
	const char *remedy;
} rivals[BFM_RIVALS] = {
	[BFM_KVM_INTEL] = {"kvm_intel",
			   "end all KVM virtual machines, then: modprobe -r kvm_intel"},
	[BFM_KVM_AMD] = {"kvm_amd", "end all KVM virtual machines, then: modprobe -r kvm_amd"},
	[BFM_VIRTUALBOX] = {"vboxdrv", "end all VirtualBox machines, then: modprobe -r vboxnetflt "
				       "vboxnetadp vboxdrv"},
	[BFM_VMWARE] = {"vmmon", "end all VMware machines and stop its service, then: modprobe -r "
				 "vmmon"},
	[BFM_XEN] = {"xen", "boot the kernel without Xen"},
};

static bool is_kvm(enum bfm_rival rival)
{
	return rival == BFM_KVM_INTEL || rival == BFM_KVM_AMD;
}

static bool is_in_use(const struct bfm_facts *facts, enum bfm_rival rival)
{
	const struct bfm_module *module = &facts->rival[rival];

	if (!module->present)
		return false;
	if (module->users > 0 || rival == BFM_XEN)
		return true;
	return is_kvm(rival) && facts->kernel.kvm_at_load == BFM_YES;
}

static void add_rival(const struct bfm_facts *facts, enum bfm_rival rival,
		      struct bfm_finding *finding)
{
	const struct bfm_module *module = &facts->rival[rival];

	if (module->users > 0)
		bfm_found(finding, BFM_UNMET, "%s is in use (%" PRId64 " user%s)",
			  rivals[rival].title, module->users, module->users == 1 ? "" : "s");
	else if (is_kvm(rival))
		bfm_found(finding, BFM_UNMET,
			  "%s holds the CPUs as long as it is loaded (enable_virt_at_load)",
			  rivals[rival].title);
	else
		bfm_found(finding, BFM_UNMET, "%s holds the CPUs", rivals[rival].title);
	bfm_text_add(&finding->remedy, rivals[rival].remedy);
}

/* EFER.SVME tells that somebody uses SVM, even if it is nobody that has a row above. */
static bool is_svm_on(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	for (uint32_t i = 0; facts->cpu.svm && i < facts->cpus && i < BF_MAX_CPUS; i++) {
		if (facts->efer[i].error || !(facts->efer[i].value & (1U << 12)))
			continue;
		bfm_found(finding, BFM_UNMET, "CPU %" PRIu32 ": EFER = 0x%" PRIx64 ": SVM is on",
			  facts->cpu_number[i], facts->efer[i].value);
		bfm_text_add(&finding->remedy,
			     "find and unload the hypervisor that uses it: lsmod");
		return true;
	}
	return false;
}

static void judge_rivals(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	const char *idle = NULL;

	if (facts->driver.state == BF_STATE_RUNNING) {
		bfm_found(finding, BFM_MET, "the VMM started by bfm is the only one");
		return;
	}
	for (enum bfm_rival rival = 0; rival < BFM_RIVALS; rival++) {
		if (is_in_use(facts, rival)) {
			add_rival(facts, rival, finding);
			return;
		}
		if (facts->rival[rival].present)
			idle = rivals[rival].title;
	}
	if (is_svm_on(facts, finding))
		return;
	bfm_found(finding, BFM_MET, "%s%s", idle ? idle : "none",
		  idle ? " is loaded but not in use; start no machine while the VMM runs"
		       : " is loaded");
}

static void judge_kernel(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	const struct bfm_kernel_facts *kernel = &facts->kernel;

	if (strcmp(kernel->machine, "x86_64") != 0) {
		bfm_found(finding, BFM_UNMET, "Linux %s for %s", kernel->release, kernel->machine);
		bfm_text_add(&finding->remedy, "boot a 64-bit (x86_64) kernel");
		return;
	}
	bfm_found(finding, BFM_MET, "Linux %s", kernel->release);
	if (kernel->major < 6 || (kernel->major == 6 && kernel->minor < 1))
		bfm_text_add(&finding->message, "; older than 6.1, which is the oldest one tested");
}

static const char *const lockdowns[] = {"unknown", "none", "integrity", "confidentiality"};

static const char sign_for_secure_boot[] =
	"sign the driver with a key that mokutil has enrolled, or switch Secure Boot off in the "
	"firmware setup";
static const char sign_for_kernel[] =
	"sign the driver with a key that the kernel trusts, or boot without lockdown= and "
	"module.sig_enforce";

static bool wants_signature(const struct bfm_kernel_facts *kernel)
{
	return kernel->signed_only == BFM_YES || kernel->lockdown > BFM_LOCKDOWN_NONE;
}

/* By enum bfm_answer. */
static const char *const signatures[] = {"may be signed or not", "is not signed", "is signed"};

static enum bfm_verdict signature_verdict(const struct bfm_driver_facts *driver)
{
	if (driver->signature == BFM_YES)
		return BFM_MET;
	return driver->installed == BFM_YES && driver->signature == BFM_UNKNOWN ? BFM_UNCLEAR
										: BFM_UNMET;
}

static void add_signature_remedy(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (finding->verdict == BFM_UNCLEAR)
		bfm_text_add(&finding->remedy, "bfm cannot look into a compressed module: see "
					       "'modinfo bareframe', or try 'modprobe bareframe'");
	else if (finding->verdict == BFM_UNMET)
		bfm_text_add(&finding->remedy, facts->kernel.secure_boot == BFM_YES
						       ? sign_for_secure_boot
						       : sign_for_kernel);
}

static void judge_signature(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	const struct bfm_kernel_facts *kernel = &facts->kernel;

	if (facts->driver.loaded) {
		bfm_found(finding, BFM_MET, "the driver is loaded already");
		return;
	}
	if (!wants_signature(kernel)) {
		bfm_found(finding, BFM_MET, "the kernel loads unsigned modules (lockdown: %s)",
			  lockdowns[kernel->lockdown]);
		return;
	}
	bfm_found(finding, signature_verdict(&facts->driver),
		  "the kernel loads only signed modules (lockdown: %s%s%s); the driver %s",
		  lockdowns[kernel->lockdown],
		  kernel->signed_only == BFM_YES ? ", sig_enforce" : "",
		  kernel->secure_boot == BFM_YES ? ", Secure Boot is on" : "",
		  signatures[facts->driver.signature]);
	add_signature_remedy(facts, finding);
}

static const char install_driver[] =
	"install the driver for this kernel (DKMS, or make modules_install and depmod), or load "
	"it by its path: insmod bareframe.ko";

static void judge_driver(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (facts->driver.loaded) {
		bfm_found(finding, BFM_MET, "bareframe is loaded");
		return;
	}
	if (facts->driver.installed == BFM_YES) {
		bfm_found(finding, BFM_MET, "bareframe is installed; 'bfm load' loads it");
		return;
	}
	bfm_found(finding, BFM_UNMET, "bareframe is neither loaded nor installed for Linux %s",
		  facts->kernel.release);
	bfm_text_add(&finding->remedy, install_driver);
}

static void judge_open_error(const struct bfm_driver_facts *driver, struct bfm_finding *finding)
{
	if (driver->open_error == EACCES || driver->open_error == EPERM) {
		bfm_found(finding, BFM_UNCLEAR, "it is there, but only root may open it");
		bfm_text_add(&finding->remedy, "check again as root");
		return;
	}
	bfm_found(finding, BFM_UNMET, "it cannot be opened: %s", strerror(driver->open_error));
	bfm_text_add(&finding->remedy, "unload and load the driver again; see the kernel's log");
}

static void judge_device(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	static const char *const states[] = {"no image is loaded", "an image is loaded",
					     "a VMM is running", "a VMM is suspended"};
	const struct bfm_driver_facts *driver = &facts->driver;

	if (!driver->device_there && !driver->loaded) {
		bfm_found(finding, BFM_MET, "comes with the driver");
	} else if (!driver->device_there) {
		bfm_found(finding, BFM_UNMET, "the driver is loaded but its device is not there");
		bfm_text_add(&finding->remedy, "mount devtmpfs on /dev, or give --device its path");
	} else if (driver->open_error) {
		judge_open_error(driver, finding);
	} else if (driver->request_error || driver->abi != BF_IOCTL_ABI) {
		bfm_found(finding, BFM_UNMET, "it does not speak version %d of the interface",
			  BF_IOCTL_ABI);
		bfm_text_add(&finding->remedy, "install driver and bfm of one release; give "
					       "--device the control device");
	} else {
		bfm_found(finding, BFM_MET, "answers; %s",
			  driver->state <= BF_STATE_SUSPENDED ? states[driver->state] : "?");
	}
}

static void judge_root(const struct bfm_facts *facts, struct bfm_finding *finding)
{
	if (!facts->root) {
		bfm_found(finding, BFM_UNMET, "not root");
		bfm_text_add(&finding->remedy, "run bfm as root: sudo bfm check");
	} else if (facts->capable == BFM_NO) {
		bfm_found(finding, BFM_UNMET, "root, but without CAP_SYS_ADMIN or CAP_SYS_MODULE");
		bfm_text_add(&finding->remedy, "run bfm outside the container");
	} else {
		bfm_found(finding, BFM_MET, "root");
	}
}

const struct bfm_requirement bfm_requirements[] = {
	{"cpu-64bit", "64-bit CPU", true, bfm_judge_64bit},
	{"cpu-virtualization", "virtualization", true, bfm_judge_virtualization},
	{"firmware", "allowed by firmware", true, bfm_judge_firmware},
	{"other-hypervisor", "no other hypervisor", true, judge_rivals},
	{"cpu-count", "CPUs", true, bfm_judge_count},
	{"memory", "memory", true, bfm_judge_memory},
	{"kernel", "kernel", true, judge_kernel},
	{"module-signature", "module signature", true, judge_signature},
	{"driver", "driver", true, judge_driver},
	{"device", "control device", true, judge_device},
	{"root", "privileges", true, judge_root},
	{"cpu-features", "optional CPU features", false, bfm_judge_features},
	{"outer-hypervisor", "hypervisor outside", false, bfm_judge_nesting},
	{0},
};

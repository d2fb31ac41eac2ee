# SPDX-License-Identifier: MIT
"""The Intel workstation (and a second AMD one): Bochs, booted by a sector of our own."""

import os
import pty
import re
import shutil
import subprocess
import tty
from pathlib import Path
from typing import Dict, Optional

from . import boot_disk, kernel_image
from .emulator import Line, Running, fifo_line, pty_line
from .machine import BootFiles, Machine
from .process import with_parent
from .ui import EX_USAGE, BfError

PROGRAM = "bochs"
ALLOW_VMX = re.compile(rb"(\x0f\x32\x66?\x83\xc8)\x05(\x0f\x30)")
SCREEN = re.compile(rb"connected to screen \"([^\"]+)\"")
BIOS = Path("/usr/share/bochs/BIOS-bochs-latest")
VGABIOS = Path("/usr/share/vgabios/vgabios.bin")
INSTRUCTIONS_PER_SECOND = 20_000_000

# The emulated clock does not agree with the TSC frequency that the CPU model claims.
# Bochs' ryzen needs mwaitx cleared, its icelake fsrm: the kernel does not come up otherwise.
# Self-tests of the crypto code, certificates, trace events and the walk over all page tables that
# looks for writable code are most of the boot on an interpreting emulator; nothing here needs them.
NEEDLESS_INITCALLS = ("load_system_certificate_list", "trace_eval_init", "tracer_init_tracefs",
                      "cubictcp_register")
KERNEL_CMDLINE = ("nokaslr", "tsc=reliable", "clearcpuid=mwaitx,fsrm", "nowatchdog", "rodata=off",
                  "cryptomgr.notests", f"initcall_blacklist={','.join(NEEDLESS_INITCALLS)}")

CONFIGURATION = """\
config_interface: textconfig
display_library: term
memory: guest={memory}, host={memory}
romimage: file="{bios}"
vgaromimage: file="{vgabios}"
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, mode=flat, path="{disk}", cylinders={disk_cylinders}, heads=16, spt=63
ata0-slave: type=disk, mode=flat, path="{kernel}", cylinders={kernel_cylinders}, heads=16, spt=63
boot: disk
cpu: model={model}, count={smp}, ips={ips}, quantum=16, reset_on_triple_fault=0
clock: sync=none
pci: enabled=1, chipset=i440fx
port_e9_hack: enabled=1
com1: enabled=1, mode=file, dev="{console}"
com2: enabled=1, mode={results_mode}, dev="{results}"
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
log: "{log}"
debugger_log: -
speaker: enabled=0
"""


def _configuration(machine: Machine, boot: BootFiles, lines: Dict[str, Line]) -> str:
    for needed in (BIOS, VGABIOS):
        if not needed.exists():
            raise BfError(f"{needed} is not there", "install bochsbios and vgabios", EX_USAGE)
    kernel = kernel_image.flat(boot.kernel)
    _check_memory(machine, kernel, boot.initrd.stat().st_size)
    disk = boot.work / "boot-disk.img"
    disk.write_bytes(boot_disk.render(kernel, boot.cmdline, boot.initrd.read_bytes()))
    # Bochs locks an image by its name: each boot gives the common one a name of its own.
    second_disk = boot.work / "kernel.img"
    second_disk.symlink_to(kernel.image)
    return CONFIGURATION.format(
        memory=machine.megabytes, bios=_bios(machine, boot.work), vgabios=VGABIOS,
        kernel=second_disk, disk=disk,
        kernel_cylinders=boot_disk.cylinders(kernel.image), model=machine.model,
        disk_cylinders=boot_disk.cylinders(disk), smp=machine.smp, ips=INSTRUCTIONS_PER_SECOND,
        console=lines["console"].path, results=lines["results"].path,
        results_mode=lines["results"].mode, log=boot.work / "bochs.log")


def _bios(machine: Machine, work: Path) -> Path:
    """The BIOS, or a copy that locks IA32_FEATURE_CONTROL without allowing VMX.

    On each CPU the BIOS does RDMSR, OR EAX with 5 (lock, VMX), WRMSR; the copy has 1 there.
    """
    if not machine.vmx_locked_off:
        return BIOS
    image, places = ALLOW_VMX.subn(b"\\1\x01\\2", BIOS.read_bytes())
    if places != 2:
        raise BfError(f"{BIOS}: {places} places enable VMX, not 2",
                      "use Debian 12's package bochsbios")
    copy = work / "bios-without-vmx"
    copy.write_bytes(image)
    return copy


def _check_memory(machine: Machine, kernel: kernel_image.FlatKernel, initrd_size: int) -> None:
    needed = (kernel.end + 3 * initrd_size) >> 20
    if needed > machine.megabytes:
        raise BfError(f"--memory {machine.megabytes} is too small for kernel and initramfs",
                      f"give at least {needed} MiB", EX_USAGE)


def start(machine: Machine, boot: BootFiles) -> Running:
    """Start Bochs. Its text display and its debugger want a terminal: it gets a pseudo one."""
    lines = {"console": fifo_line(boot.work, "console"),
             "results": pty_line() if boot.interactive else fifo_line(boot.work, "results")}
    (boot.work / "bochsrc").write_text(_configuration(machine, boot, lines))
    (boot.work / "rc").write_text("c\n")
    if not shutil.which(PROGRAM):
        raise BfError(f"{PROGRAM} is not installed", "install bochs and bochs-term, or give -y",
                      EX_USAGE)
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            with_parent([PROGRAM, "-q", "-f", "bochsrc", "-rc", "rc"]), stdin=theirs, stdout=theirs,
            stderr=theirs, cwd=boot.work, start_new_session=True,
            env={**os.environ, "TERM": "xterm"})
    finally:
        os.close(theirs)
    os.set_blocking(ours, False)
    lines["emulator"] = Line("", fd=ours)
    return Running(running, lines, _screen)


def _screen(said: bytes) -> Optional[Line]:
    """The terminal that the display opens for itself: Bochs stands still when nobody reads it."""
    found = SCREEN.search(said)
    if not found:
        return None
    fd = os.open(found.group(1), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    tty.setraw(fd)
    return Line("", fd=fd)

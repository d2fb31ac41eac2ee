# SPDX-License-Identifier: MIT
"""Preparing and starting one boot: kernel, initramfs, command line, emulator."""

import shutil
import tempfile
from pathlib import Path

from . import bochs, kernels, qemu
from .emulator import Running
from .initramfs import Archive
from .machine import BootFiles, Machine

COMMON_CMDLINE = ("console=ttyS0,115200", "quiet", "loglevel=5", "panic=-1", "oops=panic",
                  "random.trust_cpu=on")
BOOT_SECONDS = {"amd": 240.0, "intel": 900.0, "amd-bochs": 900.0}


def work_folder() -> Path:
    """A fresh folder for the files of one boot."""
    return Path(tempfile.mkdtemp(prefix="bf-run-"))


def discard(work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)


def _cmdline(machine: Machine) -> str:
    words = list(COMMON_CMDLINE)
    if machine.icount:
        words.append("nokaslr")
    if machine.kind != "amd":
        words += bochs.KERNEL_CMDLINE
    return " ".join([*words, *machine.cmdline])


def start(machine: Machine, archive: Archive, work: Path, interactive: bool = False) -> Running:
    """Power the machine on with an initramfs."""
    initrd = work / "initrd"
    initrd.write_bytes(archive.render())
    files = BootFiles(kernels.get(machine.kernel), initrd, work, _cmdline(machine), interactive)
    return (qemu if machine.kind == "amd" else bochs).start(machine, files)

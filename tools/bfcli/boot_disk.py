# SPDX-License-Identifier: MIT
"""The first disk of a Bochs workstation: boot sector, boot parameters, initramfs."""

import struct
import tempfile
from pathlib import Path

from . import process
from .kernel_image import DISK_UNIT, LOAD_ADDRESS, PARAMS_ADDRESS, FlatKernel, boot_params

SOURCE = Path(__file__).resolve().parent / "bios" / "sector.S"
SECTOR = 512
LOADS = 0x1c0
MASTER, SLAVE = 0xe0, 0xf0  # ATA device register, LBA addressing


def cylinders(image: Path) -> int:
    return image.stat().st_size // DISK_UNIT


def _assemble() -> bytes:
    """The boot sector as the tools of this machine make it."""
    with tempfile.TemporaryDirectory(prefix="bf-sector-") as folder:
        made, linked = Path(folder, "sector.o"), Path(folder, "sector.bin")
        process.run(["gcc", "-m32", "-c", SOURCE, "-o", made], seconds=60,
                    what="assembling the boot sector")
        process.run(["ld", "-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary",
                     "-o", linked, made], seconds=60, what="linking the boot sector")
        return linked.read_bytes()


def _sectors(size: int) -> int:
    return (size + SECTOR - 1) // SECTOR


def render(kernel: FlatKernel, cmdline: str, initrd: bytes) -> bytes:
    """The whole disk; the kernel itself is the second disk."""
    params = boot_params(kernel, cmdline, len(initrd))
    disk = bytearray(_assemble())
    loads = []
    for data, address in ((params, PARAMS_ADDRESS), (initrd, kernel.end)):
        loads.append((len(disk) // SECTOR, _sectors(len(data)), address, MASTER))
        disk += data + b"\0" * (-len(data) % SECTOR)
    loads.append((0, _sectors(kernel.image.stat().st_size), LOAD_ADDRESS, SLAVE))
    for index, load in enumerate(loads):
        struct.pack_into("<IIII", disk, LOADS + 16 * index, *load)
    return bytes(disk) + b"\0" * (-len(disk) % DISK_UNIT)

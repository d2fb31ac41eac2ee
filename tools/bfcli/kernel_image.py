# SPDX-License-Identifier: MIT
"""Debian's kernel, unpacked on the build machine and laid out in memory for the boot sector.

An emulator that interprets each instruction needs most of a minute for the decompression that a
real machine does in a second. The kernel's own code is unchanged by doing it beforehand.
"""

import lzma
import struct
from dataclasses import dataclass
from pathlib import Path

from . import process
from .kernels import Kernel
from .paths import atomic_write, cache_dir
from .ui import BfError

LOAD_ADDRESS = 0x1000000
PARAMS_ADDRESS = 0xff0000
CMDLINE_OFFSET = 0x1000
MEGABYTE = 1 << 20
DISK_UNIT = 16 * 63 * 512  # a cylinder: the image serves as a disk

# struct setup_header and boot_params offsets, Documentation/arch/x86/boot.rst and zero-page.rst
SETUP_SECTS = 0x1f1
JUMP_LENGTH = 0x201
HEADER_START = 0x1f1
HEADER_BASE = 0x202
TYPE_OF_LOADER = 0x210
ENTRY = 0x214
RAMDISK = 0x218
CMDLINE_PTR = 0x228
PAYLOAD = 0x248
INIT_SIZE = 0x260
ELF_PT_LOAD = 1


@dataclass(frozen=True)
class FlatKernel:
    """An unpacked kernel: memory image, entry, the original's header and the space it takes."""

    image: Path
    entry: int
    header: bytes
    end: int


def _payload(bzimage: bytes) -> bytes:
    """The compressed ELF file inside a bzImage."""
    start = (bzimage[SETUP_SECTS] + 1) * 512
    offset, length = struct.unpack_from("<II", bzimage, PAYLOAD)
    return bzimage[start + offset:start + offset + length]


def _unpack(kernel: Kernel) -> bytes:
    data = _payload(kernel.image.read_bytes())
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        # The kernel's build appends the unpacked size in 4 bytes.
        return process.filter_bytes(["zstd", "-dcq"], data[:-4], seconds=120,
                                    what=f"unpacking kernel {kernel.release}")
    raise BfError(f"kernel {kernel.release} is packed in an unknown way ({data[:4].hex()})",
                  "use another --kernel")


def _flatten(elf: bytes) -> "tuple[bytes, int]":
    """The loadable segments as one memory image, without the zeros at its end, and the entry."""
    entry, table = struct.unpack_from("<QQ", elf, 24)
    entry_size, count = struct.unpack_from("<HH", elf, 54)
    segments = []
    for index in range(count):
        kind, _, offset, _, address, size = struct.unpack_from("<IIQQQQ", elf,
                                                               table + index * entry_size)
        if kind == ELF_PT_LOAD:
            segments.append((address - LOAD_ADDRESS, elf[offset:offset + size].rstrip(b"\0")))
    image = bytearray(max(start + len(data) for start, data in segments))
    for start, data in segments:
        image[start:start + len(data)] = data
    return bytes(image), entry


def flat(kernel: Kernel) -> FlatKernel:
    """The unpacked form of a kernel, made once and kept in the cache."""
    bzimage = kernel.image.read_bytes()
    header = bzimage[HEADER_START:HEADER_BASE + bzimage[JUMP_LENGTH]]
    init_size, = struct.unpack_from("<I", bzimage, INIT_SIZE)
    image = cache_dir("flat") / f"{kernel.release}.bin"
    marker = image.with_suffix(".entry")
    if not (image.exists() and marker.exists()):
        data, entry = _flatten(_unpack(kernel))
        atomic_write(image, data + b"\0" * (-len(data) % DISK_UNIT))
        atomic_write(marker, f"{entry:#x}\n".encode())
    end = (LOAD_ADDRESS + init_size + MEGABYTE - 1) // MEGABYTE * MEGABYTE
    return FlatKernel(image, int(marker.read_text(), 16), header, end)


def boot_params(kernel: FlatKernel, cmdline: str, initrd_size: int) -> bytes:
    """The page of boot parameters with the command line behind it, without the memory map."""
    params = bytearray(CMDLINE_OFFSET)
    params[HEADER_START:HEADER_START + len(kernel.header)] = kernel.header
    params[TYPE_OF_LOADER] = 0xff
    struct.pack_into("<I", params, ENTRY, kernel.entry)
    struct.pack_into("<II", params, RAMDISK, kernel.end, initrd_size)
    struct.pack_into("<I", params, CMDLINE_PTR, PARAMS_ADDRESS + CMDLINE_OFFSET)
    return bytes(params) + cmdline.encode() + b"\0"

# SPDX-License-Identifier: MIT
"""A small busybox initramfs, written directly as a 'newc' archive (no root, no cpio program)."""

import lzma
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Dict, Iterable, List, Set

from . import process
from .kernels import Kernel
from .paths import GUEST_FILES
from .ui import BfError

BUSYBOX = Path("/bin/busybox")
FOLDERS = ("bin", "bf", "dev", "dev/pts", "dev/shm", "etc", "lib", "proc", "root", "run", "sys",
           "tmp", "var")
INITRAMFS_DEVICES = (("dev/console", 5, 1), ("dev/null", 1, 3))


class Archive:
    """Collects entries and renders them in the format of the kernel's initramfs."""

    def __init__(self) -> None:
        self._parts: List[bytes] = []
        self._paths: Set[str] = set()

    def _entry(self, path: str, mode: int, data: bytes = b"", rdev: "tuple[int, int]" = (0, 0)
               ) -> None:
        if path in self._paths:
            return
        self._paths.add(path)
        name = path.encode() + b"\0"
        fields = (len(self._parts) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % value for value in fields) + name
        self._parts.append(_pad(head) + _pad(data))

    def folder(self, path: str) -> None:
        for parent in reversed(PurePosixPath(path).parents):
            if str(parent) != ".":
                self._entry(str(parent), stat.S_IFDIR | 0o755)
        self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, path: str, data: bytes, mode: int = 0o755) -> None:
        self.folder(str(PurePosixPath(path).parent))
        self._entry(path, stat.S_IFREG | mode, data)

    def symlink(self, path: str, target: str) -> None:
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def device(self, path: str, major: int, minor: int) -> None:
        self._entry(path, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def render(self) -> bytes:
        self._entry("TRAILER!!!", 0)
        return b"".join(self._parts)


def _pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def base() -> Archive:
    """An archive with busybox, its applets, the init script and empty mount points."""
    if not BUSYBOX.exists():
        raise BfError(f"{BUSYBOX} is not there", "install busybox-static")
    archive = Archive()
    for folder in FOLDERS:
        archive.folder(folder)
    for path, major, minor in INITRAMFS_DEVICES:
        archive.device(path, major, minor)
    archive.file("bin/busybox", BUSYBOX.read_bytes())
    applets = process.run([BUSYBOX, "--list"], seconds=30, what="listing busybox's applets")
    for applet in applets.split():
        if applet != "busybox":
            archive.symlink(f"bin/{applet}", "busybox")
    for script in sorted(GUEST_FILES.iterdir()):
        target = "init" if script.name == "init" else f"bf/{script.name}"
        archive.file(target, script.read_bytes())
    archive.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
                 0o644)
    archive.file("etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644)
    return archive


def module_data(path: Path) -> bytes:
    """A kernel module, uncompressed."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def add_modules(archive: Archive, kernel: Kernel, names: Iterable[str]) -> List[str]:
    """Add kernel modules with what they depend on; gives the order to load them in."""
    order: Dict[str, bytes] = {}

    def visit(name: str) -> None:
        if name in order:
            return
        data = module_data(kernel.module(name))
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in (depends.group(1).decode().split(",") if depends else ()):
            if other:
                visit(other)
        order[name] = data

    for name in names:
        visit(name.replace("-", "_"))
    for name, data in order.items():
        archive.file(f"bf/modules/{name}.ko", data, 0o644)
    return list(order)


def add_host_program(archive: Archive, program: Path) -> None:
    """Add a program of the build machine with its shared libraries."""
    archive.file(f"bin/{program.name}", program.read_bytes())
    status, output = process.attempt(["ldd", program], seconds=30,
                                     what=f"listing the libraries of {program}")
    if status:
        return  # statically linked
    for library in re.findall(r"(/\S+) \(0x", output):
        archive.file(library.lstrip("/"), Path(library).resolve().read_bytes())

# SPDX-License-Identifier: MIT
"""Where the build leaves what a boot needs, and clear errors when something is not there."""

import os
from pathlib import Path
from typing import List, Sequence

from .kernels import Kernel
from .paths import BUILD
from .ui import EX_USAGE, BfError

DEFAULT_PRESET = "gcc"


def binary_dir() -> Path:
    """The CMake binary folder that boots take their files from."""
    return BUILD / os.environ.get("BF_PRESET", DEFAULT_PRESET)


def _existing(path: Path, what: str, remedy: str) -> Path:
    if not path.is_file():
        raise BfError(f"{what} is not there: {path}", remedy, EX_USAGE)
    return path


def module_dir(kernel: Kernel) -> Path:
    return BUILD / "module" / kernel.release


def driver(kernel: Kernel) -> Path:
    return _existing(module_dir(kernel) / "bareframe.ko", "the Linux driver",
                     f"run: ./bf build --kernel {kernel.series}")


def test_module_dir(kernel: Kernel) -> Path:
    return BUILD / "test-module" / kernel.release


def test_module(kernel: Kernel, name: str) -> Path:
    return _existing(test_module_dir(kernel) / f"{name}.ko", f"the test module '{name}'",
                     "name a module of tests/machine/module, and run: ./bf test machine")


def bfm() -> Path:
    return _existing(binary_dir() / "bfm", "bfm", "run: ./bf build")


def vmm_names() -> List[str]:
    return sorted(path.stem for path in (binary_dir() / "vmm").glob("*.elf"))


def vmm(name: str) -> Path:
    """A VMM image by name, or by path for one that was built elsewhere."""
    if "/" in name or name.endswith(".elf"):
        return _existing(Path(name).absolute(), f"the VMM image '{name}'",
                         "give the path of a built image")
    known = ", ".join(vmm_names()) or "none is built; run ./bf build"
    return _existing(binary_dir() / "vmm" / f"{name}.elf", f"the VMM '{name}'",
                     f"use one of: {known}")


def programs(names: Sequence[str]) -> List[Path]:
    """Machine-test programs by name; '*' stands for all that are built."""
    folder = binary_dir() / "machine"
    if "*" in names:
        return sorted(path for path in folder.glob("*") if path.is_file()
                      and os.access(path, os.X_OK)) if folder.is_dir() else []
    return [_existing(folder / name, f"the test program '{name}'", "run: ./bf build")
            for name in names]

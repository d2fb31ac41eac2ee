# SPDX-License-Identifier: MIT
"""Where the build leaves what a boot needs, and clear errors when something is not there."""

import os
from pathlib import Path
from typing import List, Sequence

from . import project, sdk
from .kernels import Kernel
from .paths import BF, BUILD
from .ui import EX_USAGE, BfError

DEFAULT_PRESET = "gcc"


def build_dir() -> Path:
    """The folder of the builds of the project, or of this tree."""
    folder = project.current()
    return folder / "build" if folder else BUILD


def binary_dir() -> Path:
    """The CMake binary folder that boots take their files from."""
    return build_dir() / os.environ.get("BF_PRESET", DEFAULT_PRESET)


def _existing(path: Path, what: str, remedy: str) -> Path:
    if not path.is_file():
        raise BfError(f"{what} is not there: {path}", remedy, EX_USAGE)
    return path


def _folders(name: str) -> List[Path]:
    """Where things of a kind are: what was built last first, then what comes with the SDK."""
    own = sdk.programs() if name == "machine" else sdk.images()
    return list(dict.fromkeys((binary_dir() / name, own)))


def module_dir(kernel: Kernel) -> Path:
    return sdk.modules() / kernel.release


def has_driver(kernel: Kernel) -> bool:
    return (module_dir(kernel) / "bareframe.ko").is_file()


def driver(kernel: Kernel) -> Path:
    return _existing(module_dir(kernel) / "bareframe.ko", "the Linux driver",
                     f"run: {BF} build --kernel {kernel.series}")


def test_module_dir(kernel: Kernel) -> Path:
    return build_dir() / "test-module" / kernel.release


def test_module(kernel: Kernel, name: str) -> Path:
    return _existing(test_module_dir(kernel) / f"{name}.ko", f"the test module '{name}'",
                     f"name a module of tests/machine/module, and run: {BF} test machine")


def bfm() -> Path:
    return _existing(sdk.bfm(), "bfm", "run: ./bf build")


def project_vmms() -> List[str]:
    """The names of the images that were built last."""
    return sorted(path.stem for path in (binary_dir() / "vmm").glob("*.elf"))


def vmm_names() -> List[str]:
    return sorted({path.stem for folder in _folders("vmm") for path in folder.glob("*.elf")})


def vmm(name: str) -> Path:
    """A VMM image by name, or by path for one that was built elsewhere."""
    if "/" in name or name.endswith(".elf"):
        return _existing(Path(name).absolute(), f"the VMM image '{name}'",
                         "give the path of a built image")
    paths = [folder / f"{name}.elf" for folder in _folders("vmm")]
    known = ", ".join(vmm_names()) or f"none is built; run {BF} build"
    return _existing(next((path for path in paths if path.is_file()), paths[0]),
                     f"the VMM '{name}'", f"use one of: {known}")


def _program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def programs(names: Sequence[str]) -> List[Path]:
    """Machine-test programs by name; '*' stands for all that are built."""
    found = {path.name: path for folder in reversed(_folders("machine"))
             for path in sorted(folder.glob("*")) if _program(path)}
    if "*" in names:
        return [found[name] for name in sorted(found)]
    missing = binary_dir() / "machine"
    return [_existing(found.get(name, missing / name), f"the test program '{name}'",
                      f"run: {BF} build") for name in names]

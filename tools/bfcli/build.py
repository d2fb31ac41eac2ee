# SPDX-License-Identifier: MIT
"""bf build: the host and VMM side through CMake, the Linux driver through kbuild."""

import os
import re
from pathlib import Path
from typing import Sequence

from . import artifacts, kernels, process
from .kernels import Kernel
from .paths import BUILD, ROOT, cache_dir, locked
from .ui import EX_USAGE, BfError, Stopwatch, note, step

CONFIGURE_SECONDS = 180
BUILD_SECONDS = 1200
MODULE_SECONDS = 600


def jobs() -> int:
    return len(os.sched_getaffinity(0))


def build_preset(preset: str, verbose: bool = False) -> Path:
    """Configure and build one CMake preset; gives its binary folder."""
    watch = Stopwatch()
    step(f"Building preset {preset}")
    folder = BUILD / preset
    with locked(f"build-{preset}"):
        process.run(["cmake", "--preset", preset, "-B", folder], cwd=ROOT,
                    seconds=CONFIGURE_SECONDS, what=f"configuring preset {preset}", show=verbose,
                    remedy="see CMakePresets.json for the presets; remove "
                           f"{folder} if it belongs to another machine")
        process.run(["cmake", "--build", folder, "--parallel", str(jobs())], cwd=ROOT,
                    seconds=BUILD_SECONDS, what=f"building preset {preset}", show=verbose)
    note(f"{folder} is up to date ({watch})")
    return folder


def _build_with_kbuild(source: Path, out: Path, kernel: Kernel, what: str, verbose: bool) -> None:
    """Build what is in a folder with a Makefile that takes KDIR and OUT."""
    if not (source / "Makefile").is_file():
        raise BfError(f"there is no {what} in {source}", "check out the whole tree", EX_USAGE)
    watch = Stopwatch()
    step(f"Building the {what} for {kernel.release}")
    out.mkdir(parents=True, exist_ok=True)
    with locked(f"{out.parent.name}-{kernel.release}"):
        # The BTF of a module needs a tool and a kernel file that are not in the header packages.
        process.run(["make", "-C", source, f"KDIR={kernel.headers}", f"OUT={out}",
                     "CONFIG_DEBUG_INFO_BTF_MODULES="], seconds=MODULE_SECONDS,
                    what=f"building the {what} for {kernel.release}", show=verbose)
    note(f"{out} is up to date ({watch})")


def build_module(kernel: Kernel, verbose: bool = False) -> Path:
    """Build the Linux driver for one kernel."""
    out = artifacts.module_dir(kernel)
    _build_with_kbuild(ROOT / "bfdrivers" / "linux", out, kernel, "Linux driver", verbose)
    return artifacts.driver(kernel)


def build_test_modules(kernel: Kernel, verbose: bool = False) -> None:
    """Build the kernel modules that machine tests load."""
    _build_with_kbuild(ROOT / "tests" / "machine" / "module", artifacts.test_module_dir(kernel),
                       kernel, "test modules", verbose)


def _check_paths() -> None:
    """Say before minutes of work what the kernel's build system does not take."""
    for path in (ROOT, BUILD, cache_dir()):
        if re.search(r"[\s:]", str(path)):
            raise BfError(f"the path '{path}' has a space or a colon; the kernel's build system "
                          "takes neither", "move it, or give --no-module to ./bf build", EX_USAGE)


def build(presets: Sequence[str], series: Sequence[str], verbose: bool = False) -> None:
    """Build presets and the driver for some kernels."""
    if series:
        _check_paths()
    for preset in presets:
        build_preset(preset, verbose)
    for name in series:
        build_module(kernels.get(name), verbose)

# SPDX-License-Identifier: MIT
"""bf build: the host and VMM side through CMake, the Linux driver through kbuild."""

import os
from pathlib import Path
from typing import Sequence

from . import artifacts, kernels, process
from .kernels import Kernel
from .paths import BUILD, ROOT, locked
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


def build_module(kernel: Kernel, verbose: bool = False) -> Path:
    """Build the Linux driver for one kernel."""
    source = ROOT / "bfdrivers" / "linux"
    if not (source / "Makefile").is_file():
        raise BfError(f"there is no Linux driver in {source}", "check out the whole tree",
                      EX_USAGE)
    watch = Stopwatch()
    step(f"Building the Linux driver for {kernel.release}")
    out = artifacts.module_dir(kernel)
    out.mkdir(parents=True, exist_ok=True)
    with locked(f"module-{kernel.release}"):
        # The BTF of a module needs a tool and a kernel file that are not in the header packages.
        process.run(["make", "-C", source, f"KDIR={kernel.headers}", f"OUT={out}",
                     "CONFIG_DEBUG_INFO_BTF_MODULES="], seconds=MODULE_SECONDS,
                    what=f"building the driver for {kernel.release}", show=verbose)
    note(f"{artifacts.driver(kernel)} is up to date ({watch})")
    return out


def build(presets: Sequence[str], series: Sequence[str], verbose: bool = False) -> None:
    """Build presets and the driver for some kernels."""
    for preset in presets:
        build_preset(preset, verbose)
    for name in series:
        build_module(kernels.get(name), verbose)

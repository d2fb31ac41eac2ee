# SPDX-License-Identifier: MIT
"""bf build: the host and VMM side through CMake, the Linux driver through kbuild."""

import os
import re
from pathlib import Path
from typing import Dict, List, Sequence

from . import artifacts, kernels, process, project, sdk
from .kernels import Kernel
from .paths import BUILD, INSTALLED, ROOT, cache_dir, locked
from .ui import EX_USAGE, BfError, Stopwatch, note, step

CONFIGURE_SECONDS = 180
BUILD_SECONDS = 1200
MODULE_SECONDS = 600
# For projects that have no presets of their own.
PROJECT_PRESETS: Dict[str, Sequence[str]] = {
    "gcc": ("CMAKE_C_COMPILER=gcc",),
    "clang": ("CMAKE_C_COMPILER=clang",),
    "asan": ("CMAKE_C_COMPILER=gcc", "BF_SANITIZE=ON"),
}


def jobs() -> int:
    return len(os.sched_getaffinity(0))


def _cmake(source: Path, folder: Path, configure: List[str], what: str, remedy: str,
           verbose: bool) -> Path:
    """Configure and build one binary folder."""
    watch = Stopwatch()
    step(f"Building {what}")
    with locked(folder.name, folder.parent):
        process.run(["cmake", *configure], cwd=source, seconds=CONFIGURE_SECONDS,
                    what=f"configuring {what}", show=verbose, remedy=remedy)
        process.run(["cmake", "--build", folder, "--parallel", str(jobs())], cwd=source,
                    seconds=BUILD_SECONDS, what=f"building {what}", show=verbose)
    note(f"{folder} is up to date ({watch})")
    return folder


def build_tree(preset: str, verbose: bool = False) -> Path:
    """Configure and build one CMake preset of Bareframe itself; gives its binary folder."""
    folder = BUILD / preset
    return _cmake(ROOT, folder, ["--preset", preset, "-B", str(folder)], f"preset {preset}",
                  f"see CMakePresets.json for the presets; remove {folder} if it belongs to "
                  "another machine", verbose)


def build_project(folder: Path, preset: str, verbose: bool = False) -> Path:
    """Configure and build one preset of a project; gives its binary folder."""
    if not INSTALLED:
        build_tree(sdk.PRESET)
        sdk.stage()
    binary = artifacts.build_dir() / preset
    presets = folder / "CMakePresets.json"
    if not presets.is_file() and preset not in PROJECT_PRESETS:
        raise BfError(f"there is no preset '{preset}', as the project has no {presets.name}",
                      "use one of: " + ", ".join(PROJECT_PRESETS), EX_USAGE)
    chosen = (["--preset", preset] if presets.is_file() else
              ["-S", str(folder), *(f"-D{word}" for word in PROJECT_PRESETS[preset])])
    return _cmake(folder, binary, [*chosen, "-B", str(binary), f"-DBareframe_DIR={sdk.config()}"],
                  f"{folder.name}, preset {preset}",
                  f"see {presets} for the presets; remove {binary} if the project or the SDK "
                  "was moved", verbose)


def build_preset(preset: str, verbose: bool = False) -> Path:
    """Configure and build one CMake preset of what the command is for; gives its binary folder."""
    folder = project.current()
    return build_project(folder, preset, verbose) if folder else build_tree(preset, verbose)


def _build_with_kbuild(source: Path, out: Path, kernel: Kernel, what: str, verbose: bool) -> None:
    """Build what is in a folder with a Makefile that takes KDIR and OUT."""
    if not (source / "Makefile").is_file():
        raise BfError(f"there is no {what} in {source}", "check out the whole tree", EX_USAGE)
    watch = Stopwatch()
    step(f"Building the {what} for {kernel.release}")
    out.mkdir(parents=True, exist_ok=True)
    with locked(out.name, out.parent):
        # The BTF of a module needs a tool and a kernel file that are not in the header packages.
        process.run(["make", "-C", source, f"KDIR={kernel.headers}", f"OUT={out}",
                     "CONFIG_DEBUG_INFO_BTF_MODULES="], seconds=MODULE_SECONDS,
                    what=f"building the {what} for {kernel.release}", show=verbose)
    note(f"{out} is up to date ({watch})")


def build_module(kernel: Kernel, verbose: bool = False) -> Path:
    """Build the Linux driver for one kernel."""
    out = artifacts.module_dir(kernel)
    _build_with_kbuild(sdk.driver_sources() / "bfdrivers" / "linux", out, kernel, "Linux driver",
                       verbose)
    return artifacts.driver(kernel)


def ensure_module(kernel: Kernel) -> None:
    """Build the Linux driver unless there is one; a user's first boot makes it."""
    if not artifacts.has_driver(kernel):
        _check_paths()
        build_module(kernel)


def build_test_modules(kernel: Kernel, verbose: bool = False) -> None:
    """Build the kernel modules that machine tests load."""
    source = (project.current() or ROOT) / "tests" / "machine" / "module"
    _build_with_kbuild(source, artifacts.test_module_dir(kernel), kernel, "test modules", verbose)


def _check_paths() -> None:
    """Say before minutes of work what the kernel's build system does not take."""
    for path in (cache_dir(),) if INSTALLED else (ROOT, BUILD, cache_dir()):
        if re.search(r"[\s:]", str(path)):
            raise BfError(f"the path '{path}' has a space or a colon; the kernel's build system "
                          "takes neither", "move it, or give --no-module to bf build", EX_USAGE)


def build(presets: Sequence[str], series: Sequence[str], verbose: bool = False) -> None:
    """Build presets and the driver for some kernels."""
    if series:
        _check_paths()
    for preset in presets:
        build_preset(preset, verbose)
    for name in series:
        build_module(kernels.get(name), verbose)

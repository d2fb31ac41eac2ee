# SPDX-License-Identifier: MIT
"""What projects take from Bareframe: from an installation, or from this tree's build."""

import functools
import hashlib
import json
import shutil
from pathlib import Path
from typing import Dict

from . import process
from .paths import BUILD, INSTALLED, ROOT, atomic_dir, cache_dir, locked
from .ui import note

# Of the tree's builds the one that projects and workstations are served from.
PRESET = "gcc"
STAGE = BUILD / "sdk"
INSTALL_SECONDS = 120


@functools.lru_cache(maxsize=None)
def installation() -> Dict[str, str]:
    """What cmake/Install.cmake says of this installation."""
    return json.loads((ROOT / "install.json").read_text())


def prefix() -> Path:
    """The prefix that CMake finds the package under. In the tree it is made by stage()."""
    return (ROOT / installation()["prefix"]).resolve() if INSTALLED else STAGE


def config() -> Path:
    """The folder of BareframeConfig.cmake."""
    if INSTALLED:
        return prefix() / installation()["cmake"]
    return next(STAGE.glob("**/BareframeConfig.cmake")).parent


def stage() -> None:
    """Install what the tree's build has made to where projects find it."""
    process.run(["cmake", "--install", BUILD / PRESET, "--prefix", STAGE], cwd=ROOT,
                seconds=INSTALL_SECONDS, what="installing the SDK into the build folder")
    note(f"the SDK of this tree is in {STAGE}")


def bfm() -> Path:
    return prefix() / installation()["bfm"] if INSTALLED else BUILD / PRESET / "bfm"


def images() -> Path:
    """The folder of ready VMM images."""
    return (prefix() / installation()["lib"] if INSTALLED else BUILD / PRESET) / "vmm"


def programs() -> Path:
    """The folder of programs for workstations."""
    return (prefix() / installation()["lib"] if INSTALLED else BUILD / PRESET) / "machine"


@functools.lru_cache(maxsize=None)
def modules() -> Path:
    """Where built drivers go. Installations with the same sources share them in the cache."""
    if not INSTALLED:
        return BUILD / "module"
    digest = hashlib.sha256()
    for path in sorted((ROOT / "driver").rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return cache_dir("driver", digest.hexdigest()[:16])


def driver_sources() -> Path:
    """The folder that has bfdrivers/linux with all that it needs. The kernel's build system takes
    no space in a path, which a prefix may have: installed sources are copied to the cache."""
    if not INSTALLED:
        return ROOT
    copy = modules() / "source"
    if not copy.is_dir():
        with locked("source", modules()), atomic_dir(copy) as work:
            shutil.copytree(ROOT / "driver", work, dirs_exist_ok=True)
    return copy

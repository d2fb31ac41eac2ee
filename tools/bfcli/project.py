# SPDX-License-Identifier: MIT
"""Projects outside of the source tree: a CMakeLists.txt that asks for the package Bareframe."""

import re
from pathlib import Path
from typing import Optional

from .paths import INSTALLED, ROOT
from .ui import EX_USAGE, BfError

WANTED = re.compile(r"^\s*find_package\s*\(\s*Bareframe\b", re.I | re.M)

_current: Optional[Path] = None


def current() -> Optional[Path]:
    """The folder of the project that this command is for; None means Bareframe itself."""
    return _current


def required() -> Path:
    """The project, or an error for people who are in none."""
    if _current is None:
        raise BfError(f"there is no project here: neither {Path.cwd()} nor a folder above it has "
                      "a CMakeLists.txt with find_package(Bareframe ...)",
                      "go into one, or give --project DIR, or make one: bf new NAME", EX_USAGE)
    return _current


def use(folder: Optional[Path]) -> None:
    """Make this the project of the command."""
    global _current
    _current = folder


def is_project(folder: Path) -> bool:
    try:
        return bool(WANTED.search((folder / "CMakeLists.txt").read_text(errors="replace")))
    except OSError:
        return False


def inside_tree(folder: Path) -> bool:
    """Whether a folder belongs to Bareframe's own source tree."""
    return not INSTALLED and (folder == ROOT or ROOT in folder.parents)


def at(name: str) -> Path:
    """The project in a folder that a user has named."""
    folder = Path(name).resolve()
    if not is_project(folder) or inside_tree(folder):
        raise BfError(f"{folder} is no project: it has no CMakeLists.txt with "
                      "find_package(Bareframe ...)",
                      "give the folder of one, or make one: bf new NAME", EX_USAGE)
    return folder


def around(folder: Path) -> Optional[Path]:
    """The project that a folder is in, if it is in one: the outermost, as CMake sees it."""
    found = None
    for place in (folder, *folder.parents):
        if inside_tree(place):
            break
        if is_project(place):
            found = place
    return found

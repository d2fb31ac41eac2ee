# SPDX-License-Identifier: MIT
"""bf new: a project of one's own from the template, ready to build, test and run."""

import argparse
import re
import shutil
from pathlib import Path
from typing import List

from . import project
from .paths import BF, ROOT
from .ui import EX_USAGE, BfError, emit, step

TEMPLATE = ROOT / "bfsdk" / "template"
# The template is a project of this name; it stands for the name of the new one.
PLACEHOLDER = "newext"
# A dot that begins a name is spelled out, so that the template's files do nothing in this tree.
DOT = "dot-"
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
LONGEST = 40
KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while asm typeof".split())


def check_name(name: str) -> None:
    """Refuse a name that cannot be an extension's, and say why."""
    if not IDENTIFIER.fullmatch(name):
        why = "an extension's name is an identifier of C: letters, digits and '_', a letter first"
    elif name in KEYWORDS:
        why = "that is a keyword of C"
    elif len(name) > LONGEST:
        why = f"it has {len(name)} characters, at most {LONGEST} are possible"
    else:
        return
    raise BfError(f"'{name}' cannot be the name: {why}", "choose a name such as my_probe", EX_USAGE)


def check_folder(folder: Path) -> None:
    """Refuse a place where a project cannot be made, and say why."""
    if project.inside_tree(folder):
        raise BfError(f"{folder} is inside of Bareframe's own source tree",
                      "give a folder outside with --path, or add an example: see README.md",
                      EX_USAGE)
    if folder.exists() and not folder.is_dir():
        raise BfError(f"{folder} is there, and is no folder", "give another one with --path",
                      EX_USAGE)
    if folder.exists() and any(folder.iterdir()):
        raise BfError(f"the folder {folder} is not empty",
                      "give a new or an empty one with --path", EX_USAGE)


def files() -> List[Path]:
    """The files of the template, relative to it."""
    return sorted(path.relative_to(TEMPLATE) for path in TEMPLATE.rglob("*") if path.is_file())


def target_name(path: Path, name: str) -> Path:
    """What a file of the template is called in the project."""
    parts = ["." + part[len(DOT):] if part.startswith(DOT) else part for part in path.parts]
    return Path(*(part.replace(PLACEHOLDER, name) for part in parts))


def _make(name: str, folder: Path) -> None:
    for path in files():
        text = (TEMPLATE / path).read_text().replace(PLACEHOLDER, name)
        target = folder / target_name(path, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(0o755 if text.startswith("#!") else 0o644)


def new(options: argparse.Namespace) -> int:
    """Make the project, all of it or nothing, and say how to go on."""
    check_name(options.name)
    folder = Path(options.path or options.name).resolve()
    check_folder(folder)
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(options.name, folder)
    except OSError as error:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise BfError(f"{folder}: {error.strerror}", "give another folder with --path") from None
    step(f"The project {options.name} is in {folder}")
    where = folder.name if folder.parent == Path.cwd() else folder
    command = BF if BF == "bf" else ROOT / "bf"
    emit(f"    cd {where}\n    {command} build\n    {command} test\n"
         f"    {command} run --machine amd --exec 'cpuid_loop 100; bfm log'\n"
         "    README.md in it says more")
    return 0

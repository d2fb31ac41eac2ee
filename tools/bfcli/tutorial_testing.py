# SPDX-License-Identifier: MIT
"""The tutorial, done by a user who has an empty folder and no file in the home folder."""

import re
from pathlib import Path
from typing import Callable, Dict, List

from . import process, tutorial
from .paths import ROOT, cache_dir
from .results import Report, Result
from .tutorial import Command, Edit, Wrong
from .ui import Stopwatch

# A builder's own settings are not the reader's.
CLEAN = ("env", "-u", "BF_BUILD_DIR", "-u", "BF_PRESET", "-u", "CMAKE_PREFIX_PATH")
TEXT = ROOT / "docs" / "tutorial.md"
SECONDS = 900
Cage = Callable[[List[object]], List[object]]
# One command in the state that the last one has left: its folder and its environment.
STEP = """\
cd "$(cat "$0/folder")" && . "$0/environment" || exit
[ -z "$2" ] || cd "$2" || exit
eval "$1"
status=$?
[ -n "$2" ] || pwd >"$0/folder"
export -p >"$0/environment"
exit $status
"""


class Reader:
    """Who does the tutorial. `cage` makes of a command one that does not see the source tree."""

    def __init__(self, base: Path, cage: Cage) -> None:
        self.base, self.cage = base, cage
        self.home, self.state, work = base / "home", base / "state", base / "empty"
        for folder in (self.home, self.state, work):
            folder.mkdir(parents=True)
        (self.state / "folder").write_text(f"{work}\n")
        (self.state / "environment").touch()

    @property
    def folder(self) -> Path:
        return Path((self.state / "folder").read_text().strip())

    def environment(self) -> Dict[str, str]:
        """A home of its own, but the cache of kernels that there is."""
        return {"HOME": str(self.home), "XDG_CACHE_HOME": str(cache_dir().parent), "CI": "1"}

    def run(self, command: Command) -> "tuple[int, str]":
        argv: List[object] = [*CLEAN, "bash", "-c", STEP, self.state, command.text,
                              ROOT if command.in_tree else ""]
        return process.attempt(argv if command.in_tree else self.cage(argv), seconds=SECONDS,
                               what=f"'{command.text}'", env=self.environment())

    def do(self, step: "Command | Edit", result: Result) -> str:
        """Do one step; gives what it was. Raises Wrong."""
        if isinstance(step, Edit):
            tutorial.apply(step, self.folder)
            return f"{step.kind}: {step.path}"
        status, output = self.run(step)
        wrong = tutorial.compare(step.shown, output)
        if status != step.status or wrong:
            result.output += output.splitlines()
        if status != step.status:
            raise Wrong(f"'{step.text}' ended with status {status}, not {step.status}")
        if wrong:
            raise Wrong(f"'{step.text}' does not say: {wrong}")
        return step.text


def _left_out(step: "Command | Edit", kinds: List[str]) -> bool:
    """Whether a step boots a machine of a kind that is not wanted."""
    booted = re.search(r"--machine (\S+)", step.text) if isinstance(step, Command) else None
    return bool(booted) and booted.group(1) not in kinds


def run(base: Path, cage: Cage, kinds: List[str], report: Report) -> None:
    """Do all that the tutorial says, up to the first step that is wrong."""
    result, watch = Result("tutorial", "sdk"), Stopwatch()
    line = 0
    reader = Reader(base, cage)
    try:
        for step in tutorial.steps(TEXT.read_text()):
            line = step.line
            if _left_out(step, kinds):
                continue
            result.checks.append(("ok", f"line {line}: {reader.do(step, result)}"))
    except Wrong as error:
        result.fail(f"{TEXT.relative_to(ROOT)}:{line}: {error}")
    result.seconds = watch.seconds
    report.add(result)

# SPDX-License-Identifier: MIT
"""What the checks share: the files of the tree, findings, and how a check ends."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterable, List, Optional, Sequence, Tuple

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
C_NAMES = (".c", ".h")
SKIPPED = 77  # exit status: what could be checked is right, but something is not there
PYTHON = re.compile(rb"#!.*\bpython3?\b")


class Check:
    """Collects findings; done() prints the verdict and gives the exit status."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.findings = 0
        self.skipped: List[str] = []
        os.chdir(ROOT)

    def finding(self, where: object, text: str) -> None:
        """One thing to set right. `where` is a path, or a path with a line number."""
        self.findings += 1
        print(f"{where}: {text}")

    def skip(self, text: str) -> None:
        """Something that is not there to be checked; it never counts as passed."""
        self.skipped.append(text)

    def done(self, checked: str) -> int:
        """The closing line: what was looked at, and the number of findings."""
        skipped = f", SKIPPED: {'; '.join(self.skipped)}" if self.skipped else ""
        print(f"{self.name}: {checked}: {self.findings} finding(s){skipped}")
        sys.stdout.flush()
        return 1 if self.findings else SKIPPED if self.skipped else 0


def _git_files() -> List[str]:
    done = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached",
                           "--others", "--exclude-standard"],
                          cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split("\0")


def files(*suffixes: str, under: Sequence[str] = ("",)) -> List[Path]:
    """The files of the tree, also the new ones, that end and start so, relative to its root."""
    names = sorted({name for name in _git_files() if name and name.startswith(tuple(under))})
    paths = [Path(name) for name in names if not suffixes or name.endswith(suffixes)]
    return [path for path in paths if (ROOT / path).is_file()]


def python_files() -> List[Path]:
    """Python sources: by their suffix, or by their first line."""
    def is_python(path: Path) -> bool:
        if path.suffix:
            return path.suffix == ".py"
        with open(ROOT / path, "rb") as source:
            return bool(PYTHON.match(source.readline(200)))
    return [path for path in files() if is_python(path)]


def text_of(path: Path) -> Optional[str]:
    """The text of a file, or None if it holds none."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


_TOKENS = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def code_of(text: str) -> str:
    """C without comments and the insides of strings; every line keeps its number."""
    def blank(match: "re.Match[str]") -> str:
        word = match.group(0)
        return word[0] * 2 if word[0] in "\"'" else " " + "\n" * word.count("\n")
    return _TOKENS.sub(blank, text)


def output(argv: Iterable[object], **more: object) -> str:
    """What a tool prints; a tool that fails ends the check."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, errors="replace", check=False,
                              **more)
    except FileNotFoundError:
        sys.exit(f"{words[0]} is not installed; run: ./bf check -y")
    if done.returncode:
        sys.exit(f"{' '.join(words)[:300]}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def clang_tool(name: str, major: int = 14) -> str:
    """The clang tool of the release that the rules are written for: others format differently."""
    for program in (f"{name}-{major}", name):
        try:
            said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True,
                                  check=False).stdout
        except FileNotFoundError:
            continue
        if re.search(rf"version {major}\.", said):
            return program
    sys.exit(f"{name} {major} is not installed; run: ./bf check -y")


def built(pattern: str) -> List[Path]:
    """Build products, of whatever presets are built, relative to the root."""
    return sorted(path.relative_to(ROOT) for path in BUILD.glob(pattern))


def symbols(path: Path) -> List[Tuple[str, str, str]]:
    """(member, type letter, name) of each symbol of an object or archive, as nm has them."""
    found, member = [], path.name
    for line in output(["nm", ROOT / path]).splitlines():
        if line.endswith(":"):
            member = line[:-1]
            continue
        words = line.split()
        if len(words) >= 2:
            found.append((member, words[-2], words[-1]))
    return found

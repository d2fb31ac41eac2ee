# SPDX-License-Identifier: MIT
"""Doing what a text tells its reader to do, word for word, and comparing what it shows.

A block of code counts by its language, or by a comment in the line before it:

  console                    `$ COMMAND` is run, in one shell after the other that goes on where the
                             last one was; the lines below are what it says. A line `…` stands for
                             any lines, a `…` in a line for any characters
  <!-- in the tree -->       the same, in the source tree, which other commands do not see
  <!-- status: N -->         the same, but the command ends with this status
  <!-- write: FILE -->       becomes the file
  <!-- above: FILE: TEXT --> goes above the one line of the file that has the text
  <!-- below: FILE: TEXT --> goes below it
  <!-- shown: FILE -->       is what the file has there
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, List, Tuple

FENCE = re.compile(r"```(\w*)$")
MARK = re.compile(r"<!-- ([a-z ]+?)(?:: (.+?))? -->$")
GAP = "…"
EDITS = ("write", "above", "below", "shown")


class Wrong(Exception):
    """The text is not as it should be, or not what happens."""


@dataclass
class Command:
    """A command line and what the text shows of its output."""

    line: int
    text: str
    shown: List[str] = field(default_factory=list)
    status: int = 0
    in_tree: bool = False


@dataclass
class Edit:
    """What is to be done with a file."""

    line: int
    kind: str
    path: str
    anchor: str
    text: str


def _blocks(text: str) -> Iterator[Tuple[int, str, str, str, List[str]]]:
    """(line, mark, its argument, language, lines) of each block of code."""
    lines = text.split("\n")
    start, language, before = None, "", ""
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if fence and start is None:
            start, language, before = number, fence.group(1), lines[number - 2]
        elif fence and start is not None:
            mark = MARK.match(before)
            name, argument = (mark.group(1), mark.group(2) or "") if mark else ("", "")
            yield start, name, argument, language, lines[start:number - 1]
            start = None
    if start is not None:
        raise Wrong(f"line {start}: a block that does not end")


def _commands(line: int, mark: str, argument: str, lines: List[str]) -> Iterator[Command]:
    found = None
    for number, text in enumerate(lines, line + 1):
        if text.startswith("$ "):
            if found:
                yield found
            found = Command(number, text[2:], [], int(argument) if mark == "status" else 0,
                            mark == "in the tree")
        elif not found:
            raise Wrong(f"line {number}: a block that does not begin with a command")
        elif found.text.endswith("\\") and not found.shown:
            found.text = found.text[:-1] + text.strip()
        else:
            found.shown.append(text)
    if found:
        yield found


def steps(text: str) -> "List[Command | Edit]":
    """What the reader does, in order. A block that says nothing of that is an error."""
    found: "List[Command | Edit]" = []
    for line, mark, argument, language, lines in _blocks(text):
        path, _, anchor = argument.partition(": ")
        if language == "console" and mark in ("", "status", "in the tree"):
            found += _commands(line, mark, argument, lines)
        elif mark in EDITS and path and bool(anchor) == (mark in ("above", "below")):
            found.append(Edit(line, mark, path, anchor, "\n".join(lines) + "\n"))
        else:
            raise Wrong(f"line {line}: nothing says what this block is for")
    return found


def apply(edit: Edit, folder: Path) -> None:
    """Do an edit."""
    path = folder / edit.path
    if edit.kind == "write":
        path.write_text(edit.text)
        return
    if not path.is_file():
        raise Wrong(f"there is no {edit.path}")
    old = path.read_text()
    if edit.kind == "shown":
        if edit.text not in old:
            raise Wrong(f"{edit.path} does not have what is shown of it")
        return
    lines = old.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if edit.anchor in line]
    if len(places) != 1:
        raise Wrong(f"{edit.path} has {len(places)} lines with '{edit.anchor}'")
    lines.insert(places[0] + (edit.kind == "below"), edit.text)
    path.write_text("".join(lines))


def _same(shown: str, said: str) -> bool:
    parts = map(re.escape, shown.rstrip().split(GAP))
    return re.fullmatch(".*".join(parts), said.rstrip()) is not None


def compare(shown: List[str], output: str) -> str:
    """Which shown line the output does not have in its place; "" if all are right."""
    said = output.replace("\r", "").splitlines()
    place, gap = 0, False
    for line in shown:
        if line == GAP:
            gap = True
            continue
        ends = len(said) if gap else min(place + 1, len(said))
        match = next((at for at in range(place, ends) if _same(line, said[at])), None)
        if match is None:
            return line
        place, gap = match + 1, False
    if shown and not gap and place < len(said):
        return f"nothing behind '{shown[-1]}'"
    return ""

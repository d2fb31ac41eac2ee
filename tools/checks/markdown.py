# SPDX-License-Identifier: MIT
"""As much of Markdown as the checks need: code, links and headings, each with its line."""

import re
from typing import Iterator, List, NamedTuple, Tuple

FENCE = re.compile(r"^\s*(```+|~~~+)\s*(\w*)")
SPAN = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")


class Code(NamedTuple):
    """A piece of code: a line of a block, or a span of a line."""
    line: int
    text: str
    block: bool


class Document:
    """A parsed text."""

    def __init__(self, text: str) -> None:
        self.code: List[Code] = []
        self.blocks: List[Tuple[int, str, str]] = []  # line, language, text
        self.links: List[Tuple[int, str]] = []
        self.anchors: List[str] = []
        self._parse(text.split("\n"))

    def _parse(self, lines: List[str]) -> None:
        numbered = iter(enumerate(lines, 1))
        prose_before = False
        for number, line in numbered:
            fence = FENCE.match(line)
            if fence:
                self._block(number, fence.group(1), fence.group(2), numbered)
            elif line.startswith("    ") and not prose_before:
                self.code.append(Code(number, line.strip(), True))
                continue
            else:
                self._prose(number, line)
            prose_before = bool(line.strip()) and not fence

    def _block(self, start: int, end: str, language: str,
               numbered: Iterator[Tuple[int, str]]) -> None:
        inside = []
        for number, line in numbered:
            if line.strip().startswith(end):
                break
            inside.append(line)
            self.code.append(Code(number, line.strip(), True))
        self.blocks.append((start, language, "\n".join(inside) + "\n"))

    def _prose(self, number: int, line: str) -> None:
        heading = HEADING.match(line)
        if heading:
            word = re.sub(r"[^\w\- ]", "", heading.group(2).lower())
            self.anchors.append(word.replace(" ", "-"))
        self.code += [Code(number, match.group(2).strip(), False) for match in SPAN.finditer(line)]
        bare = SPAN.sub(lambda match: " " * len(match.group(0)), line)
        self.links += [(number, match.group(1)) for match in LINK.finditer(bare)]

# SPDX-License-Identifier: MIT
"""Verdicts of tests and how they are shown and summed up."""

import re
import threading
from dataclasses import dataclass, field
from typing import List, Tuple

from .ui import emit

VERDICT = re.compile(r"^(ok|not ok|skip) - (.*)$")
TABLE = "table: "
SYMBOL = {"ok": "ok  ", "not ok": "FAIL", "skip": "skip"}


@dataclass
class Result:
    """The checks of one test, each (verdict, text), and what else it printed.

    Lines that begin with "table: " are what it found; somebody may make a table of them."""

    name: str
    place: str = ""
    checks: List[Tuple[str, str]] = field(default_factory=list)
    output: List[str] = field(default_factory=list)
    table: List[str] = field(default_factory=list)
    seconds: float = 0.0

    def line(self, text: str) -> None:
        """Take a line that the test printed."""
        match = VERDICT.match(text)
        if match:
            self.checks.append((match.group(1), match.group(2)))
        elif text.startswith(TABLE):
            self.table.append(text[len(TABLE):])
        else:
            self.output.append(text)

    def fail(self, text: str) -> None:
        self.checks.append(("not ok", text))

    def count(self, verdict: str) -> int:
        return sum(1 for found, _ in self.checks if found == verdict)

    @property
    def verdict(self) -> str:
        if self.count("not ok"):
            return "not ok"
        return "ok" if self.count("ok") else "skip"


class Report:
    """Collects results from several threads, prints each as it comes, and the sum."""

    def __init__(self) -> None:
        self.results: List[Result] = []
        self._lock = threading.Lock()

    def add(self, result: Result) -> None:
        with self._lock:
            self.results.append(result)
            for line in _describe(result):
                emit(line)

    def total(self, verdict: str) -> int:
        return sum(result.count(verdict) for result in self.results)

    def close(self) -> int:
        """Print failures and skips again and the closing line; gives the exit status."""
        for verdict, title in (("skip", "Skipped"), ("not ok", "Failed")):
            lines = [f"    {result.place} {result.name}: {text}".rstrip()
                     for result in self.results for found, text in result.checks
                     if found == verdict]
            if lines:
                emit("\n".join([f"{title}:", *lines]))
        print(f"{self.total('ok')} passed, {self.total('not ok')} failed, "
              f"{self.total('skip')} skipped", flush=True)
        return 1 if self.total("not ok") or not self.total("ok") else 0


def _describe(result: Result) -> List[str]:
    counts = f"{result.count('ok')} ok"
    for verdict, word in (("not ok", "failed"), ("skip", "skipped")):
        if result.count(verdict):
            counts += f", {result.count(verdict)} {word}"
    lines = [f"{SYMBOL[result.verdict]} {result.place} {result.name} "
             f"({counts}, {result.seconds:.1f} s)"]
    if result.verdict == "not ok":
        lines += [f"     | {line}" for line in result.output[-40:]]
    lines += [f"     {SYMBOL[found]} {text}" for found, text in result.checks if found != "ok"]
    return lines

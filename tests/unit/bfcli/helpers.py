# SPDX-License-Identifier: MIT
"""What the tests of bfcli share."""

import contextlib
import io
from typing import Callable, List, NamedTuple, Tuple
from unittest import mock

from bfcli import process


class Said(NamedTuple):
    """How a function ended, and what it wrote."""

    result: object
    out: str
    err: str


def said_by(function: Callable, *arguments: object) -> Said:
    """Calls a function with its output caught. A SystemExit is a result too."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            result = function(*arguments)
        except SystemExit as end:
            result = end.code
    return Said(result, out.getvalue(), err.getvalue())


class Programs:
    """Stands in for process.attempt: answers by the program's name, remembers what was run."""

    def __init__(self, **answers: Tuple[int, str]) -> None:
        self.answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self.ran: List[List[str]] = []

    def attempt(self, argv: List[object], **_: object) -> Tuple[int, str]:
        words = [str(word) for word in argv]
        self.ran.append(words)
        for word in words:
            if word in self.answers:
                return self.answers[word]
        return 0, ""

    def patch(self) -> "mock._patch":
        return mock.patch.object(process, "attempt", self.attempt)

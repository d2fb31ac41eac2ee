# SPDX-License-Identifier: MIT
"""Messages to people: steps, progress, verdicts and errors that name thing, value and remedy."""

import sys
import time

EX_USAGE = 64
EX_UNAVAILABLE = 69
EX_SOFTWARE = 70


class BfError(Exception):
    """An error a person can act on: what went wrong and what to do about it."""

    def __init__(self, what: str, remedy: str = "", status: int = 1) -> None:
        super().__init__(what)
        self.remedy = remedy
        self.status = status


def emit(text: str) -> None:
    """Progress goes to stderr, so that stdout carries only what the command was asked for."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def step(text: str) -> None:
    """Announce a step of the work."""
    emit(f"==> {text}")


def note(text: str) -> None:
    """A detail below the current step."""
    emit(f"    {text}")


def warn(text: str) -> None:
    """Something that does not stop the work but must be seen."""
    emit(f"bf: warning: {text}")


def report(error: BfError) -> int:
    """Print an error and give the exit status it stands for."""
    sys.stdout.flush()
    emit(f"bf: {error}")
    if error.remedy:
        emit(f"    remedy: {error.remedy}")
    return error.status


def ask(question: str) -> bool:
    """Yes/no question on the terminal; the default is yes."""
    sys.stderr.write(f"{question} [Y/n] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    return bool(answer) and answer.strip().lower() in ("", "y", "yes")


class Stopwatch:
    """Seconds since it was made, for progress lines."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s"

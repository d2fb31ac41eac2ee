# SPDX-License-Identifier: MIT
"""Running programs of the build machine, bounded in time, with errors that say what failed."""

import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from typing import List, Mapping, Optional, Sequence, Union

from .timing import limit
from .ui import BfError

Argument = Union[str, Path]
TAIL_LINES = 30


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End a process and, where it leads its own session, everything it started."""
    try:
        if os.getsid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    except ProcessLookupError:
        pass
    process.wait()


def with_parent(words: Sequence[str]) -> List[str]:
    """The same command, but killed by the system when bf itself is killed."""
    return [*(("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()), *words]


def _environment(extra: Optional[Mapping[str, str]]) -> dict:
    env = dict(os.environ)
    env.update(extra or {})
    return env


def run(argv: Sequence[Argument], *, seconds: float, what: str, remedy: str = "",
        cwd: Optional[Path] = None, env: Optional[Mapping[str, str]] = None,
        show: bool = False, foreground: bool = False) -> str:
    """Run a program to its end and give its output; raise BfError when it fails."""
    status, output = attempt(argv, seconds=seconds, what=what, cwd=cwd, env=env, show=show,
                             foreground=foreground)
    if status:
        tail = "\n".join(output.splitlines()[-TAIL_LINES:])
        if tail:
            tail = "\n" + tail
        raise BfError(f"{what} failed with status {status}: {shlex.join(map(str, argv))}{tail}",
                      remedy)
    return output


def attempt(argv: Sequence[Argument], *, seconds: float, what: str,
            cwd: Optional[Path] = None, env: Optional[Mapping[str, str]] = None,
            show: bool = False, foreground: bool = False) -> "tuple[int, str]":
    """Run a program and give (exit status, output).

    With show, the output goes to the terminal; with foreground, the program may also ask there.
    """
    words = [str(word) for word in argv]
    sink = None if show else subprocess.PIPE
    try:
        process = subprocess.Popen(words, stdin=None if foreground else subprocess.DEVNULL,
                                   stdout=sink,
                                   stderr=None if show else subprocess.STDOUT,
                                   cwd=cwd, env=_environment(env), start_new_session=not foreground)
    except FileNotFoundError:
        raise BfError(f"{what}: the program '{words[0]}' is not installed",
                      "install the package that has it, or run without --no-install") from None
    try:
        output, _ = process.communicate(timeout=limit(seconds))
    except subprocess.TimeoutExpired:
        end_group(process)
        raise BfError(f"{what} did not end within {limit(seconds):.0f} s",
                      "try again on a quieter machine or network, or set BF_TIMEOUT_SCALE=2"
                      ) from None
    except BaseException:
        end_group(process)
        raise
    return process.returncode, (output or b"").decode(errors="replace")


def filter_bytes(argv: Sequence[Argument], data: bytes, *, seconds: float, what: str) -> bytes:
    """Send bytes through a program."""
    try:
        done = subprocess.run([str(word) for word in argv], input=data, capture_output=True,
                              timeout=limit(seconds), check=False)
    except FileNotFoundError:
        raise BfError(f"{what}: the program '{argv[0]}' is not installed", f"install {argv[0]}"
                      ) from None
    except subprocess.TimeoutExpired:
        raise BfError(f"{what} did not end within {limit(seconds):.0f} s",
                      "set BF_TIMEOUT_SCALE=2") from None
    if done.returncode:
        raise BfError(f"{what} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout

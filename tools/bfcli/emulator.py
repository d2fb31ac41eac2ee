# SPDX-License-Identifier: MIT
"""What the emulators have in common: a process and named byte lines to it."""

import os
import pty
import select
import socket
import subprocess
import time
import tty
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, Optional

from .process import end_group
from .timing import limit
from .ui import BfError

CONNECT_SECONDS = 60.0
POLL_SECONDS = 0.2


@dataclass
class Line:
    """One byte line of the emulated machine; `fd` is our end of it."""

    path: str
    listener: Optional[socket.socket] = None
    fd: int = -1
    mode: str = "file"
    held: int = -1

    def close(self) -> None:
        if self.listener:
            self.listener.close()
            self.listener = None
        for fd in (self.fd, self.held):
            if fd >= 0:
                os.close(fd)
        self.fd = self.held = -1


@dataclass
class Running:
    """A started emulator."""

    process: "subprocess.Popen[bytes]"
    lines: Dict[str, Line] = field(default_factory=dict)
    find_line: Callable[[bytes], Optional[Line]] = lambda said: None
    """Looks in what the emulator says for a line that it has opened by itself."""

    def end(self) -> None:
        """End the emulator and close its lines."""
        end_group(self.process)
        for line in self.lines.values():
            line.close()


def socket_line(work: Path, name: str) -> Line:
    """A line that the emulator connects to as a client."""
    path = str(work / f"{name}.sock")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    return Line(path, listener)


def fifo_line(work: Path, name: str) -> Line:
    """A line that the emulator writes as a file."""
    path = str(work / f"{name}.fifo")
    os.mkfifo(path)
    return Line(path, fd=os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def pty_line() -> Line:
    """A line in both directions that the emulator opens as a terminal."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    return Line(os.ttyname(theirs), fd=ours, mode="term", held=theirs)


def take_connections(process: "subprocess.Popen[bytes]", lines: Dict[str, Line], log: Path) -> None:
    """Accept the emulator's connection on each line, or say why it did not come."""
    deadline = time.monotonic() + limit(CONNECT_SECONDS)
    for name, line in lines.items():
        while not select.select([line.listener], [], [], POLL_SECONDS)[0]:
            if process.poll() is not None or time.monotonic() > deadline:
                end_group(process)
                said = "\n".join(log.read_text(errors="replace").splitlines()[1:][-10:])
                raise BfError(f"the emulator did not open its {name} line\n{said}",
                              "check the --cpu text and the other machine options")
        connection, _ = line.listener.accept()
        line.fd = connection.detach()
        os.set_blocking(line.fd, False)

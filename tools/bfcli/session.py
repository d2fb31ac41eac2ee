# SPDX-License-Identifier: MIT
"""One boot of an emulated workstation, followed from power-on to power-off."""

import errno
import os
import re
import selectors
import sys
import termios
import time
import tty
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional

from .channel import Channel
from .emulator import Running
from .timing import limit

PANIC = re.compile(
    rb"(Kernel panic - not syncing[^\n]*|BAREFRAME PANIC[^\n]*|Oops: [^\n]*|BUG: [^\n]*"
    rb"|general protection fault[^\n]*|>>PANIC<< (?!ACPI control: soft power off)[^\n]*)")
PANIC_LINGER_SECONDS = 3.0
POWER_OFF_SECONDS = 60.0
CHUNK = 65536
WINDOW = 400
ESCAPE = b"\x1d"


@dataclass
class Outcome:
    """How a boot ended. kind: 'off' (orderly), 'panic', 'timeout', 'died' or 'stopped'."""

    kind: str
    detail: str = ""

    @property
    def orderly(self) -> bool:
        return self.kind == "off"


class Handler:
    """Receives what the workstation sends; subclasses override what they need."""

    def __init__(self) -> None:
        self.session: Optional["Session"] = None

    def data(self, data: bytes) -> None:
        """Output between two marks."""

    def mark(self, words: List[str]) -> None:
        """A mark of the workstation's scripts."""


class Session:
    """Moves bytes between the emulator, the log files and a handler until the machine is off."""

    def __init__(self, running: Running, work: Path, handler: Handler,
                 cancelled: Callable[[], bool] = lambda: False) -> None:
        self.running = running
        self.handler = handler
        self._cancelled = cancelled
        self.channel = Channel()
        self.finished = False
        self.started = time.monotonic()
        self._deadline = 0.0
        self._awaited = ""
        self._outcome: Optional[Outcome] = None
        self._window: Dict[str, bytes] = {}
        self._panic: Optional[bytes] = None
        self._selector = selectors.DefaultSelector()
        self._work = work
        self._logs = {name: open(work / f"{name}.log", "wb") for name in running.lines}
        handler.session = self

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def allow(self, seconds: float, awaited: str) -> None:
        """Set the time limit for what is awaited next."""
        self._deadline = time.monotonic() + limit(seconds)
        self._awaited = f"{awaited} within {limit(seconds):.0f} s"

    def stop(self, detail: str) -> None:
        """End the boot at once."""
        self._outcome = Outcome("stopped", detail)

    def follow(self) -> Outcome:
        """Run until the machine is off, fails or exceeds a limit; then end the emulator."""
        try:
            for name, line in self.running.lines.items():
                self._selector.register(line.fd, selectors.EVENT_READ, name)
            while self._outcome is None:
                self._turn()
            return self._outcome
        finally:
            self._selector.close()
            self.running.end()
            for log in self._logs.values():
                log.close()

    def forward_terminal(self) -> Callable[[], None]:
        """Send what is typed to the workstation; gives the function that ends this."""
        terminal = sys.stdin.fileno()
        saved = termios.tcgetattr(terminal)
        tty.setraw(terminal)
        self._selector.register(terminal, selectors.EVENT_READ, "typed")

        def restore() -> None:
            termios.tcsetattr(terminal, termios.TCSADRAIN, saved)
            if terminal in (self._selector.get_map() or {}):  # None when the boot is over
                self._selector.unregister(terminal)
        return restore

    def _typed(self, data: bytes) -> None:
        if ESCAPE in data:
            self.stop("ended by Ctrl-]")
        else:
            os.write(self.running.lines["results"].fd, data)

    def _turn(self) -> None:
        """Wait for output or the time limit once."""
        if self._cancelled():
            self.stop("cancelled")
            return
        wait = max(0.0, self._deadline - time.monotonic())
        ready = self._selector.select(min(wait, 1.0)) if self._selector.get_map() else []
        for key, _ in ready:
            self._read(key.fd, key.data)
        if self._outcome is None and not ready:
            self._look()

    def _read(self, fd: int, name: str) -> None:
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ECONNRESET):
                raise
            data = b""
        if name == "typed" and data:
            self._typed(data)
        elif data:
            self._take(name, data)
        else:
            self._selector.unregister(fd)

    def _take(self, name: str, data: bytes) -> None:
        self._logs[name].write(data)
        self._logs[name].flush()
        if name == "results":
            self._events(data)
        else:
            self._watch(name, data)

    def _add_screen(self, said: bytes) -> None:
        """Read the display too, once the emulator has said where it is."""
        line = None if "screen" in self.running.lines else self.running.find_line(said)
        if line:
            self.running.lines["screen"] = line
            self._logs["screen"] = open(self._work / "screen.log", "wb")
            self._selector.register(line.fd, selectors.EVENT_READ, "screen")

    def _events(self, data: bytes) -> None:
        for kind, value in self.channel.feed(data):
            if kind == "data":
                self.handler.data(value)
            elif value[0] == "end":
                self.finished = True
                self.allow(POWER_OFF_SECONDS, "no power-off")
            else:
                self.handler.mark(value)

    def _watch(self, name: str, data: bytes) -> None:
        """Look for the words of a crash; then only wait for the rest of the report."""
        window = self._window.get(name, b"") + data
        self._window[name] = window[-WINDOW:]
        if name == "emulator":
            self._add_screen(window)
        if name == "screen":
            return
        found = PANIC.search(window)
        if found and self._panic is None:
            self.allow(PANIC_LINGER_SECONDS, "")
        # The line may come in pieces.
        if found and found.group(1).startswith(self._panic or b""):
            self._panic = found.group(1)

    def _look(self) -> None:
        """Nothing to read: is the machine off, or the time over?"""
        gone = self.running.process.poll() is not None and not self._unread()
        late = time.monotonic() >= self._deadline
        if self._panic is not None and (gone or late):
            text = self._panic.decode(errors="replace").strip()
            self._outcome = Outcome("panic", f"the machine crashed: {text}")
        elif gone:
            self._outcome = (Outcome("off") if self.finished else
                             Outcome("died", "the machine went off before it was done"))
        elif late:
            self._outcome = Outcome("timeout", f"{self._awaited}")

    def _unread(self) -> bool:
        """Whether a line still has bytes for us after the emulator has ended."""
        return bool([key for key, _ in self._selector.select(0) if key.data != "typed"])

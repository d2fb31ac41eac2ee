# SPDX-License-Identifier: MIT
"""The results line of the emulated workstation: a byte stream with marks in it."""

from typing import Iterator, List, Tuple, Union

MARK = b"\x01\x02"
Event = Tuple[str, Union[bytes, List[str]]]


class Channel:
    """Splits the stream into ('data', bytes) and ('mark', words) events, in order."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[Event]:
        self._pending += data
        while self._pending:
            before, found, after = self._pending.partition(MARK)
            if not found:
                yield from self._plain()
                return
            line, newline, rest = after.partition(b"\n")
            if before:
                yield "data", before
            if not newline:
                self._pending = found + after
                return
            self._pending = rest
            yield "mark", line.decode(errors="replace").strip().split(" ")

    def _plain(self) -> Iterator[Event]:
        """Data without a mark; a trailing first mark byte waits for the second."""
        held = self._pending[-1:] if self._pending.endswith(MARK[:1]) else b""
        data = self._pending[:len(self._pending) - len(held)]
        self._pending = held
        if data:
            yield "data", data

# SPDX-License-Identifier: MIT
"""bf run: boot a workstation, launch a VMM under its Linux, run a command there."""

import argparse
import os
import re
import shlex
import sys
from pathlib import Path
from typing import BinaryIO, Callable, List, Optional

from . import boot, plan
from .machine import Machine
from .session import Handler, Outcome, Session
from .timing import limit
from .ui import EX_SOFTWARE, EX_USAGE, BfError, emit, note, step

COMMAND_SECONDS = {"amd": 300.0, "intel": 900.0, "amd-bochs": 900.0}
LAUNCH_SECONDS = {"amd": 120.0, "intel": 300.0, "amd-bochs": 300.0}
LOG_TAIL = 15
PANIC_LINE = re.compile(r"^\d+p\[")
FAILED_LAUNCH = EX_SOFTWARE


class RunHandler(Handler):
    """Streams the command's output, keeps the other sections, remembers the exit status."""

    def __init__(self, machine: Machine, seconds: float, work: Path, interactive: bool) -> None:
        super().__init__()
        self.status: Optional[int] = None
        self.failure = ""
        self._machine = machine
        self._seconds = seconds
        self._work = work
        self._interactive = interactive
        self._restore: Optional[Callable[[], None]] = None
        self._sink: Optional[BinaryIO] = None
        self._section = "none"

    def data(self, data: bytes) -> None:
        if self._section in ("command", "launch", "retire", "none"):
            out = sys.stdout if self._section == "command" else sys.stderr
            out.buffer.write(data)
            out.flush()
        if self._sink:
            self._sink.write(data)

    def mark(self, words: List[str]) -> None:
        actions = {"phase": self._phase, "section": self._enter, "exit": self._exit,
                   "failed": self._failed}
        actions.get(words[0], lambda rest: None)(words[1:])

    def _phase(self, words: List[str]) -> None:
        note(f"[{self.session.seconds:6.1f} s] {' '.join(words)}")
        self.session.allow(LAUNCH_SECONDS[self._machine.kind], "no progress")

    def _enter(self, words: List[str]) -> None:
        self._section = words[0]
        if self._sink:
            self._sink.close()
        self._sink = (None if self._section == "none" else
                      open(self._work / f"{self._section}.txt", "ab"))
        if self._section == "command":
            self.session.allow(self._seconds, "the command did not end")
            if self._interactive:
                note("a shell of the workstation: 'exit' ends it, Ctrl-] ends the machine")
                self._restore = self.session.forward_terminal()

    def _exit(self, words: List[str]) -> None:
        self.restore()
        self.status = int(words[0])
        self.session.allow(LAUNCH_SECONDS[self._machine.kind], "the machine was not done")

    def _failed(self, words: List[str]) -> None:
        self.failure = " ".join(words)

    def restore(self) -> None:
        if self._restore:
            self._restore()
            self._restore = None

    def close(self) -> None:
        self.restore()
        if self._sink:
            self._sink.close()


def _guest_plan(options: argparse.Namespace, interactive: bool) -> str:
    """The script for the workstation."""
    lines = []
    if not options.bare:
        name = Path(options.vmm).stem
        launch = shlex.join(["launch", name, options.args])
        lines += [f'mark phase "loading and starting the VMM {name}"',
                  f"if {launch}; then",
                  'mark phase "the VMM runs"']
    lines += ["mark section command"]
    lines += ["interactive" if interactive else "sh /bf/command", "status=$?",
              "mark section none", "mark exit $status"]
    if not options.bare:
        lines += ["vmm_log"]
        if not options.no_stop:
            lines += ['retire || mark failed "the VMM did not stop and unload cleanly"']
        lines += ["else", "vmm_log", 'mark failed "the VMM did not start"', "fi"]
    lines += ["kernel_log" if options.keep else "[ ${status:-1} = 0 ] || kernel_log"]
    return "\n".join(lines) + "\n"


def _verdict(handler: RunHandler, outcome: Outcome) -> "tuple[int, str]":
    """Exit status and reason; no reason means success of everything but the command itself."""
    if not outcome.orderly:
        if outcome.kind == "timeout" and handler.status is not None and handler.session.finished:
            return handler.status or EX_SOFTWARE, f"the machine did not power off: {outcome.detail}"
        return EX_SOFTWARE, outcome.detail
    if handler.failure:
        return handler.status or FAILED_LAUNCH, handler.failure
    if handler.status is None:
        return EX_SOFTWARE, "the command did not run"
    return handler.status, ""


def boot_and_follow(machine: Machine, archive: "plan.initramfs.Archive", work: Path,
                    handler: Handler, interactive: bool = False) -> Outcome:
    """One whole boot with a handler."""
    running = boot.start(machine, archive, work, interactive)
    session = Session(running, work, handler)
    session.allow(boot.BOOT_SECONDS[machine.kind], "Linux did not come up")
    return session.follow()


def _payload(options: argparse.Namespace, command: str) -> plan.Payload:
    payload = plan.Payload(driver=not options.bare, programs=tuple(options.programs),
                           host_programs=tuple(options.host_programs),
                           modules=tuple(options.modules))
    if not options.bare:
        payload.vmms = (options.vmm,)
    payload.files = [("bf/command", command.encode() + b"\n")]
    for entry in options.files:
        source, _, target = entry.partition(":")
        target = target or f"bf/{Path(source).name}"
        if not Path(source).is_file():
            raise BfError(f"--file {source}: no such file", "give SOURCE[:TARGET]", EX_USAGE)
        payload.files.append((target.lstrip("/"), Path(source).read_bytes()))
    return payload


def run(machine: Machine, options: argparse.Namespace) -> int:
    """Boot, launch, run the command; give its exit status."""
    machine.check()
    interactive = options.exec is None and sys.stdin.isatty() and sys.stdout.isatty()
    command = options.exec or ("true" if options.bare else "bfm status")
    archive = plan.archive(machine, _payload(options, command),
                           _guest_plan(options, interactive))
    seconds = options.timeout or COMMAND_SECONDS[machine.kind]
    work = boot.work_folder()
    step(f"Booting the workstation ({machine.title})")
    if machine.gdb:
        note("gdb: target remote 127.0.0.1:1234")
    handler = RunHandler(machine, 1e7 if interactive else seconds, work, interactive)
    try:
        outcome = boot_and_follow(machine, archive, work, handler, interactive)
    except BaseException:
        boot.discard(work)
        raise
    finally:
        handler.close()
    return finish(handler, outcome, work, options.keep)


def finish(handler: RunHandler, outcome: Outcome, work: Path, keep: bool) -> int:
    """Say how the boot ended and where its logs are; gives the exit status."""
    status, reason = _verdict(handler, outcome)
    if reason:
        emit(f"bf: {reason}")
        show_tail(work / "console.log", "the console said last")
        show_lines(emulator_words(work), "the emulator said last")
    if status == 0 and not reason and not keep:
        boot.discard(work)
    else:
        note(f"logs are in {work} (console.log, results.log, emulator.log"
             f"{', vmm-log.txt' if (work / 'vmm-log.txt').exists() else ''})")
    note(f"[{handler.session.seconds:6.1f} s] off; exit status {status}")
    return status


def emulator_words(work: Path) -> List[str]:
    """What the emulator itself complained about."""
    bochs = work / "bochs.log"
    if bochs.exists():
        lines = bochs.read_text(errors="replace").splitlines()
        return [line for line in lines if PANIC_LINE.match(line) and "soft power off" not in line]
    return (work / "emulator.log").read_text(errors="replace").splitlines()[1:][-LOG_TAIL:]


def show_tail(path: Path, title: str) -> None:
    """The last lines of a log, for a first look."""
    if path.exists():
        text = path.read_text(errors="replace").replace("\r", "")
        show_lines(text.splitlines()[-LOG_TAIL:], title)


def show_lines(lines: List[str], title: str) -> None:
    if lines:
        emit("\n".join([f"    {title}:", *(f"    | {line}" for line in lines)]))

# SPDX-License-Identifier: MIT
"""The AMD workstation: QEMU's own emulation (TCG) with SVM, never an accelerator."""

import shlex
import shutil
import subprocess
from typing import List

from .emulator import Line, Running, socket_line, take_connections
from .machine import BootFiles, Machine
from .process import with_parent
from .ui import EX_USAGE, BfError

PROGRAM = "qemu-system-x86_64"
GDB_PORT = 1234


def _cpu(machine: Machine) -> str:
    """The -cpu text: SVM with nested paging, unless the model text itself speaks of SVM."""
    model = machine.model
    return model if "svm" in model else f"{model},+svm,+npt"


def _clock(machine: Machine) -> List[str]:
    if machine.icount:
        return ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
                "-rtc", "base=2024-01-01,clock=vm", "-seed", "1"]
    return ["-accel", "tcg,thread=multi"]


def _serial(name: str, line: Line) -> List[str]:
    return ["-chardev", f"socket,id={name},path={line.path}", "-serial", f"chardev:{name}"]


def command(machine: Machine, boot: BootFiles, lines: "dict[str, Line]") -> List[str]:
    """The whole QEMU command line."""
    words = [PROGRAM, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-machine", "pc", *_clock(machine), "-cpu", _cpu(machine), "-smp", str(machine.smp),
             "-m", str(machine.megabytes), "-kernel", str(boot.kernel.image),
             "-initrd", str(boot.initrd), "-append", boot.cmdline]
    words += _serial("console", lines["console"]) + _serial("results", lines["results"])
    words += ["-chardev", f"socket,id=debug,path={lines['debug'].path}",
              "-device", "isa-debugcon,iobase=0xe9,chardev=debug"]
    if machine.gdb:
        words += ["-gdb", f"tcp:127.0.0.1:{GDB_PORT}"]
    return words


def start(machine: Machine, boot: BootFiles) -> Running:
    """Start QEMU and connect its lines."""
    lines = {name: socket_line(boot.work, name) for name in ("console", "results", "debug")}
    words = command(machine, boot, lines)
    if not shutil.which(PROGRAM):
        raise BfError(f"{PROGRAM} is not installed", "install qemu-system-x86 or give -y", EX_USAGE)
    with open(boot.work / "emulator.log", "wb") as log:
        log.write((shlex.join(words) + "\n").encode())
        log.flush()
        process = subprocess.Popen(with_parent(words), stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, cwd=boot.work, start_new_session=True)
    take_connections(process, lines, boot.work / "emulator.log")
    return Running(process, lines)

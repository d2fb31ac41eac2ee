# SPDX-License-Identifier: MIT
"""Instructions that one CPUID exit takes, under clocks that count instructions."""

import argparse
import threading
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import boot, build, kernels, packages, plan, run
from .machine import Machine
from .ui import BfError, step

EMPTY = "empty_ticks_min"
SECONDS = 900.0


class Column(NamedTuple):
    """One emulator with the target of the project for a default exit there."""

    title: str
    machine: Machine
    target: int


COLUMNS = (
    Column("VMX (Bochs skylake_x)", Machine("intel", "corei7_skylake_x", 1), 80),
    Column("SVM, next-RIP (Bochs trinity_apu)", Machine("amd-bochs", "trinity_apu", 1), 90),
    Column("SVM, decoded (QEMU -icount)", Machine("amd", "", 1, icount=True), 135),
)


class Place(NamedTuple):
    """Where the measured program runs: under this VMM with these arguments."""

    name: str
    vmm: str
    args: str = ""


MEASURE = """\
if launch_steps {vmm} '{args}' >/tmp/launch.out 2>&1; then
	bench_exit | sed 's/^/{name} /'
	retire_steps >/tmp/retire.out 2>&1 || {{ status=1; cat /tmp/retire.out; }}
else
	status=1
	cat /tmp/launch.out
fi
"""
PLAN = """\
mark section command
status=0
bench_exit | sed 's/^/bare /'
{places}
mark section none
mark exit $status
[ $status = 0 ] || {{ vmm_log; kernel_log; }}
"""
Figures = Dict[str, Dict[str, int]]


class BenchHandler(run.RunHandler):
    """Keeps the command's output instead of showing it."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.output = b""

    def data(self, data: bytes) -> None:
        self.output += data

    def figures(self) -> Figures:
        """The program's figures, by where it ran."""
        found: Figures = {}
        for line in self.output.decode(errors="replace").splitlines():
            words = line.split()
            if len(words) == 3 and words[2].isdigit():
                found.setdefault(words[0], {})[words[1]] = int(words[2])
        return found


def _measure(column: Column, places: Sequence[Place]) -> Figures:
    script = PLAN.format(places="".join(MEASURE.format(**place._asdict()) for place in places))
    archive = plan.archive(column.machine, plan.Payload(
        vmms=tuple(dict.fromkeys(place.vmm for place in places)), driver=True,
        programs=("bench_exit",), modules=()), script)
    work = boot.work_folder()
    handler = BenchHandler(column.machine, SECONDS, work, False)
    try:
        outcome = run.boot_and_follow(column.machine, archive, work, handler)
    finally:
        handler.close()
    if not outcome.orderly or handler.status != 0:
        raise BfError(f"{column.title}: {outcome.detail or 'the measurement failed'}\n"
                      + handler.output.decode(errors="replace")[-2000:],
                      f"logs are in {work}")
    boot.discard(work)
    return handler.figures()


def _on_all(places: Sequence[Place]) -> List[Figures]:
    """Measure on all emulators side by side."""
    results: List[Optional[Figures]] = [None] * len(COLUMNS)
    errors: List[BaseException] = []

    def work(index: int) -> None:
        try:
            results[index] = _measure(COLUMNS[index], places)
        except BaseException as error:  # handed to the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(index,), daemon=True)
               for index in range(len(COLUMNS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [figures for figures in results if figures is not None]


def measure(options: argparse.Namespace, places: Sequence[Place]) -> List[Figures]:
    """The figures of the bare machine ("bare") and of each place, for each column."""
    groups = {"build", "module"}
    for column in COLUMNS:
        groups.update(column.machine.package_groups)
    packages.ensure(sorted(groups), options.yes, not options.no_install)
    build.build(["gcc"], [kernels.DEFAULT_SERIES])
    step("Measuring a CPUID exit on three emulators")
    return _on_all(places)


def net(figures: Figures, row: Tuple[str, str]) -> Optional[int]:
    """Ticks that a VMM adds to one CPUID; @p row is a place's name and the figure's."""
    place, key = row
    try:
        return ((figures[place][key] - figures[place][EMPTY])
                - (figures["bare"][key] - figures["bare"][EMPTY]))
    except KeyError:
        return None


def nets(results: List[Figures], row: Tuple[str, str]) -> Tuple[str, ...]:
    """A row of the table."""
    found = [net(figures, row) for figures in results]
    return tuple("?" if value is None else str(value) for value in found)


def table(head: str, rows: Sequence[Tuple[str, Sequence[str]]]) -> str:
    """Rows with one cell a column, in line."""
    rows = [(head, tuple(column.title for column in COLUMNS)), *rows]
    widths = [max(len(row[0]) for row in rows),
              *(max(len(row[1][index]) for row in rows) for index in range(len(COLUMNS)))]
    return "\n".join("  ".join([row[0].ljust(widths[0]),
                                *(cell.rjust(width) for cell, width in zip(row[1], widths[1:]))])
                     for row in rows)

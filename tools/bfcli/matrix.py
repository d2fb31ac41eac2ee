# SPDX-License-Identifier: MIT
"""The matrix: does the same image start, behave like the bare machine and stop, everywhere?"""

from typing import Dict, List, NamedTuple, Tuple

from .cases import Case, load
from .case_runner import Job
from .machine import Machine
from .results import Report, Result
from .ui import emit

CASE = "behave"
COLUMNS = (("start", "starts"), ("behaviour", "bare and under"), ("stop", "stops"),
           ("kernel log", "kernel's log"))


class Row(NamedTuple):
    """A CPU model with the CPU counts and kernels that it is tried with; quick ones first."""

    kind: str
    cpu: str
    smp: Tuple[int, ...]
    kernels: Tuple[str, ...]
    quick: Tuple[Tuple[int, str], ...] = ()


ROWS = (
    Row("amd", "max", (1, 2, 4), ("6.1", "6.12"), ((4, "6.12"),)),
    Row("amd", "max,la57=off", (1, 2, 4), ("6.1", "6.12"), ((2, "6.1"),)),
    Row("amd", "EPYC", (1, 2, 4), ("6.1", "6.12"), ((1, "6.1"),)),
    Row("intel", "corei7_skylake_x", (1, 2), ("6.1", "6.12"), ((1, "6.12"),)),
    Row("intel", "corei7_haswell_4770", (1, 2), ("6.1", "6.12")),
    Row("intel", "corei7_icelake_u", (1, 2), ("6.1", "6.12"), ((1, "6.1"),)),
    Row("intel", "core2_penryn_t9600", (1, 2), ("6.1", "6.12"), ((1, "6.1"),)),
    Row("amd-bochs", "trinity_apu", (1, 2), ("6.1", "6.12"), ((1, "6.1"),)),
)


def machines(quick: bool) -> List[Machine]:
    """The cells of the matrix, or the part of them that every test run can afford."""
    return [Machine(row.kind, row.cpu, smp, kernel=kernel)
            for row in ROWS for kernel in row.kernels for smp in row.smp
            if not quick or (smp, kernel) in row.quick]


def jobs(quick: bool) -> List[Job]:
    case = load((CASE,))[0]
    return [(machine, [case]) for machine in machines(quick)]


def kernels_needed(quick: bool) -> List[str]:
    return sorted({machine.kernel for machine in machines(quick)})


def _cell(result: Result, part: str) -> str:
    found = [verdict for verdict, text in result.checks if part in text]
    if not found:
        return "-"
    return "FAIL" if "not ok" in found else found[0]


def table(cells: "List[Tuple[Machine, Result]]") -> str:
    """The matrix as text."""
    head = ("machine", "cpu", "kernel", "CPUs", *(title for title, _ in COLUMNS))
    rows = [head, tuple("-" * len(word) for word in head)]
    for machine, result in cells:
        rows.append((machine.kind, machine.model, machine.kernel, str(machine.smp),
                     *(_cell(result, part) for _, part in COLUMNS)))
    widths = [max(len(row[index]) for row in rows) for index in range(len(head))]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip()
                     for row in rows)


def show(report: Report, places: Dict[str, Machine]) -> None:
    """Print the table of the matrix cells among the results."""
    order = list(places)
    cells = [(places[result.place], result) for result in report.results
             if result.name == CASE and result.place in places]
    cells.sort(key=lambda cell: order.index(cell[1].place))
    emit(table(cells))

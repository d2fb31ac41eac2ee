# SPDX-License-Identifier: MIT
"""bf bench exit: instructions of one CPUID exit, under clocks that count instructions."""

import argparse
import threading
from typing import Dict, List, NamedTuple, Optional, Tuple

from . import boot, build, kernels, packages, plan, run
from .machine import Machine
from .ui import BfError, note, step

# The targets are for a default exit: no hook anywhere, and a leaf that the VMM passes on as it is.
JUDGED = ("core", "cpuid0_ticks_min")
ROWS = (
    ("core (no hook), leaf 0: passed on", JUDGED),
    ("core (no hook), leaf 1: bits changed", ("core", "cpuid1_ticks_min")),
    ("minimal (one CPUID hook), leaf 0", ("minimal", "cpuid0_ticks_min")),
    ("minimal (one CPUID hook), leaf 1", ("minimal", "cpuid1_ticks_min")),
)
VMMS = ("core", "minimal")
EMPTY = "empty_ticks_min"
SECONDS = 900.0


class Column(NamedTuple):
    """One emulator with the target of the project and what peers cost there."""

    title: str
    machine: Machine
    target: int


COLUMNS = (
    Column("VMX (Bochs skylake_x)", Machine("intel", "corei7_skylake_x", 1), 80),
    Column("SVM, next-RIP (Bochs trinity_apu)", Machine("amd-bochs", "trinity_apu", 1), 90),
    Column("SVM, decoded (QEMU -icount)", Machine("amd", "", 1, icount=True), 135),
)
PEERS = (
    ("Jailhouse 0.12 (no hooks)", ("109", "122", "122")),
    ("ksm", ("130", "-", "-")),
    ("SimpleVisor", ("137", "-", "-")),
    ("BitVisor", ("439", "350", "350")),
    ("Xen 4.17 (PVH dom0)", ("887", "739", "2678")),
    ("KVM 6.1, mitigations off", ("964", "1185", "2810")),
    ("KVM 6.1, default", ("1060", "1316", "2899")),
)
MEASURE = """\
if launch_steps {vmm} '' >/tmp/launch.out 2>&1; then
	bench_exit | sed 's/^/{vmm} /'
	retire_steps >/tmp/retire.out 2>&1 || {{ status=1; cat /tmp/retire.out; }}
else
	status=1
	cat /tmp/launch.out
fi
"""
PLAN = f"""\
mark section command
status=0
bench_exit | sed 's/^/bare /'
{''.join(MEASURE.format(vmm=vmm) for vmm in VMMS)}
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
        found: Figures = {place: {} for place in ("bare", *VMMS)}
        for line in self.output.decode(errors="replace").splitlines():
            words = line.split()
            if len(words) == 3 and words[0] in found and words[2].isdigit():
                found[words[0]][words[1]] = int(words[2])
        return found


def _measure(column: Column) -> Figures:
    archive = plan.archive(column.machine, plan.Payload(
        vmms=VMMS, driver=True, programs=("bench_exit",), modules=()), PLAN)
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


def net(figures: Figures, row: Tuple[str, str]) -> Optional[int]:
    """Ticks that a VMM adds to one CPUID."""
    vmm, key = row
    try:
        return ((figures[vmm][key] - figures[vmm][EMPTY])
                - (figures["bare"][key] - figures["bare"][EMPTY]))
    except KeyError:
        return None


def _nets(results: List[Figures], row: Tuple[str, str]) -> Tuple[str, ...]:
    found = [net(figures, row) for figures in results]
    return tuple("?" if value is None else str(value) for value in found)


def _table(results: List[Figures]) -> str:
    rows = [("net instructions of one CPUID exit", tuple(column.title for column in COLUMNS)),
            *((f"Bareframe {title}", _nets(results, row)) for title, row in ROWS),
            ("target of the first row", tuple(f"<= {column.target}" for column in COLUMNS)), *PEERS]
    widths = [max(len(row[0]) for row in rows),
              *(max(len(row[1][index]) for row in rows) for index in range(len(COLUMNS)))]
    return "\n".join("  ".join([row[0].ljust(widths[0]),
                                *(cell.rjust(width) for cell, width in zip(row[1], widths[1:]))])
                     for row in rows)


def _measure_all() -> List[Figures]:
    """Measure on all emulators side by side."""
    results: List[Optional[Figures]] = [None] * len(COLUMNS)
    errors: List[BaseException] = []

    def work(index: int) -> None:
        try:
            results[index] = _measure(COLUMNS[index])
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


def bench_exit(options: argparse.Namespace) -> int:
    """Measure bare and under the VMM, and print the table."""
    groups = {"build", "module"}
    for column in COLUMNS:
        groups.update(column.machine.package_groups)
    packages.ensure(sorted(groups), options.yes, not options.no_install)
    build.build(["gcc"], [kernels.DEFAULT_SERIES])
    step("Measuring a CPUID exit on three emulators")
    results = _measure_all()
    print(_table(results))
    missed = [column.title for column, figures in zip(COLUMNS, results)
              if (net(figures, JUDGED) or 1 << 30) > column.target]
    note(f"judged: {ROWS[0][0]}; the other rows have no target of their own")
    note("every target is met" if not missed else f"target missed: {'; '.join(missed)}")
    print(f"ticks of every measured leaf (bare / {' / '.join(VMMS)}):")
    for column, figures in zip(COLUMNS, results):
        print(f"  {column.title}: " + ", ".join(
            " ".join([key, "/".join(str(figures[place].get(key, "?"))
                                    for place in ("bare", *VMMS))])
            for key in figures["bare"] if key != "rounds"))
    return 1 if missed else 0

# SPDX-License-Identifier: MIT
"""Descriptions of emulated workstations, and the cells of the matrix."""

import unittest

from bfcli import case_runner, kernels, matrix
from bfcli.machine import DEFAULT_CPU, DEFAULT_MEMORY, KINDS, MOST_CPUS, Machine
from bfcli.results import Report, Result
from bfcli.ui import EX_USAGE, BfError
from helpers import said_by


class Machines(unittest.TestCase):
    """One machine."""

    def test_every_kind_is_described(self) -> None:
        for table in (DEFAULT_CPU, DEFAULT_MEMORY, MOST_CPUS):
            self.assertEqual(set(table), set(KINDS))
        for kind in KINDS:
            machine = Machine(kind)
            machine.check()
            self.assertEqual(machine.emulator, "QEMU" if kind == "amd" else "Bochs")
            self.assertIn(machine.model, machine.title)

    def test_limits(self) -> None:
        for kind, most in MOST_CPUS.items():
            Machine(kind, smp=1).check()
            Machine(kind, smp=most).check()
            for smp in (0, -1, most + 1):
                with self.assertRaisesRegex(BfError, f"--smp {smp}") as caught:
                    Machine(kind, smp=smp).check()
                self.assertEqual(caught.exception.status, EX_USAGE)
                self.assertIn(f"1 to {most}", caught.exception.remedy)
        Machine("amd", memory=128).check()
        with self.assertRaisesRegex(BfError, "--memory 127"):
            Machine("amd", memory=127).check()

    def test_clocks_and_debuggers(self) -> None:
        Machine("amd", smp=1, icount=True).check()
        Machine("amd", gdb=True).check()
        for machine in (Machine("amd", smp=2, icount=True), Machine("intel", smp=1, icount=True),
                        Machine("amd-bochs", gdb=True)):
            with self.assertRaises(BfError):
                machine.check()

    def test_place(self) -> None:
        self.assertEqual(case_runner.place(Machine("amd")), "amd 2-cpu")
        self.assertEqual(case_runner.place(Machine("intel", "penryn", 1, kernel="6.12",
                                                   cmdline=("nopti", "x=1"))),
                         "intel 1-cpu penryn 6.12 nopti x=1")


class Cells(unittest.TestCase):
    """The cells of the matrix."""

    def test_full(self) -> None:
        cells = matrix.machines(False)
        self.assertEqual(len(set(cells)), len(cells))
        self.assertEqual(len(cells), sum(len(row.smp) * len(row.kernels) for row in matrix.ROWS))
        for machine in cells:
            machine.check()
            self.assertIn(machine.kernel, kernels.SERIES)
        self.assertEqual({machine.kind for machine in cells}, set(KINDS))

    def test_quick_is_a_part(self) -> None:
        quick = matrix.machines(True)
        self.assertLess(set(quick), set(matrix.machines(False)))
        self.assertEqual({machine.kind for machine in quick}, set(KINDS))
        self.assertEqual(len(quick), sum(len(row.quick) for row in matrix.ROWS))
        self.assertEqual({machine.kernel for machine in quick}, set(kernels.SERIES))

    def test_jobs(self) -> None:
        for machine, cases in matrix.jobs(True):
            self.assertEqual([case.name for case in cases], [matrix.CASE])
            self.assertIn(machine.kind, cases[0].kinds)
        self.assertEqual(matrix.kernels_needed(False), sorted(kernels.SERIES))


class Table(unittest.TestCase):
    """The matrix as text."""

    def test_verdicts(self) -> None:
        result = Result("behave", "amd 2-cpu")
        for line in ("ok - the VMM starts", "not ok - the same bare and under the VMM",
                     "skip - the VMM stops"):
            result.line(line)
        rows = matrix.table([(Machine("amd", "EPYC"), result)]).splitlines()
        self.assertEqual(rows[0].split()[:4], ["machine", "cpu", "kernel", "CPUs"])
        self.assertEqual(rows[2].split(), ["amd", "EPYC", "6.1", "2", "ok", "FAIL", "skip", "-"])

    def test_only_cells(self) -> None:
        report = Report()
        for name, place in (("behave", "one"), ("behave", "two"), ("other", "one")):
            said_by(report.add, Result(name, place, [("ok", "the VMM starts")]))
        shown = said_by(matrix.show, report, {"two": Machine("amd", "EPYC"),
                                              "one": Machine("intel", "any")}).err
        self.assertEqual([line.split()[0] for line in shown.splitlines()[2:]], ["amd", "intel"])

# SPDX-License-Identifier: MIT
"""Machine-test cases: their headers, the machines that they ask for, how they share boots."""

import re
import shlex
import unittest
from typing import List, Tuple
from unittest import mock

from bfcli import case_runner, cases
from bfcli.machine import KINDS, Machine
from bfcli.results import Report
from bfcli.ui import EX_USAGE, BfError
from helpers import said_by

WHOLE = """\
# SPDX-License-Identifier: MIT
# What this is about: several words.
# machines: amd intel
# smp: amd=4 intel=2
# cpu: amd=max,la57=off
# memory: 1024
# kernel: 6.12
# cmdline: intel=nopti
# vmm: cpuid_count minimal
# args: serial=0x3f8 a='b c'
# launch: no
# programs: hvid  cpuid_loop
# timeout: amd=30
# filter: s/a/x/
# filter-intel: s/b/x/
# shoe-size: 42

. /bf/lib.sh
# smp: 64
"""


class Headers(unittest.TestCase):
    """The comment lines at the head of a script."""

    def setUp(self) -> None:
        self.case = cases.parse("whole", WHOLE)

    def test_machines(self) -> None:
        self.assertEqual(self.case.kinds, ["amd", "intel"])
        self.assertEqual(self.case.machine("amd"),
                         Machine("amd", "max,la57=off", 4, 1024, "6.12"))
        self.assertEqual(self.case.machine("intel"),
                         Machine("intel", "", 2, 1024, "6.12", cmdline=("nopti",)))

    def test_words(self) -> None:
        self.assertEqual(self.case.words("programs"), ("hvid", "cpuid_loop"))
        self.assertEqual(self.case.words("modules", "msr"), ("msr",))
        self.assertFalse(self.case.launched)
        self.assertNotIn("shoe-size", self.case.header)

    def test_per_kind(self) -> None:
        self.assertEqual(self.case.seconds("amd"), 30)
        self.assertEqual(self.case.seconds("intel"), float(cases.DEFAULT_TIMEOUT["intel"]))
        self.assertEqual(self.case.filters("amd"), "s/a/x/")
        self.assertEqual(self.case.filters("intel"), "s/a/x/\ns/b/x/")

    def test_guest_call(self) -> None:
        self.assertEqual(shlex.split(self.case.guest_call("amd")),
                         ["run_case", "whole", "alone", "cpuid_count", "serial=0x3f8 a='b c'",
                          "s/a/x/", "clean"])

    def test_defaults(self) -> None:
        bare = cases.parse("bare", "# Nothing.\ntrue\n")
        self.assertEqual(bare.kinds, ["amd", "intel"])
        self.assertEqual(bare.machine("amd"), Machine("amd", smp=1))
        self.assertTrue(bare.launched)
        self.assertEqual((bare.vmm, bare.guest_call("amd")),
                         ("minimal", "run_case bare launched minimal '' '' clean"))

    def test_ways(self) -> None:
        for header, way in (("# compare: bare", "compare"), ("# launch: no", "alone"),
                            ("# launch: yes", "launched")):
            self.assertEqual(cases.parse("x", header).guest_call("amd").split()[2], way)
        self.assertTrue(cases.parse("x", "# firmware: no-vmx").machine("intel").vmx_locked_off)

    def test_unknown_machine(self) -> None:
        with self.assertRaisesRegex(BfError, "case x: unknown machine 'vax'") as caught:
            cases.parse("x", "# machines: amd vax")
        self.assertEqual(caught.exception.status, EX_USAGE)
        for kind in KINDS:
            self.assertIn(kind, caught.exception.remedy)


class Tree(unittest.TestCase):
    """The cases of the tree."""

    def test_all_load(self) -> None:
        found = cases.load()
        self.assertEqual(len(found), len(list(cases.FOLDER.glob("*.sh"))))
        for case in found:
            for kind in case.kinds:
                case.machine(kind).check()
                self.assertGreater(case.seconds(kind), 0)

    def test_no_key_is_mistyped(self) -> None:
        for path in cases.FOLDER.glob("*.sh"):
            head = re.split(r"^(?=[^#\n])", path.read_text(), 1, re.M)[0]
            for key in re.findall(r"^# ([a-z-]+):(?: |$)", head, re.M):
                self.assertIn(key, cases.KEYS, path.name)

    def test_named(self) -> None:
        self.assertEqual([case.name for case in cases.load(("stress", "behave"))],
                         ["stress", "behave"])
        with self.assertRaisesRegex(BfError, "no machine-test case 'nope'") as caught:
            cases.load(("behave", "nope"))
        self.assertIn("behave", caught.exception.remedy)


class Jobs(unittest.TestCase):
    """Cases that need the same machine share a boot."""

    def test_grouping(self) -> None:
        made = [cases.parse(name, f"# machines: {machines}\n# smp: {smp}\n")
                for name, machines, smp in (("a", "amd", 1), ("b", "amd intel", 2),
                                            ("c", "amd", "amd=2 intel=4"), ("d", "intel", 1))]
        jobs = [(machine.kind, machine.smp, [case.name for case in group])
                for machine, group in case_runner.jobs_of(made)]
        self.assertEqual(sorted(jobs), [("amd", 1, ["a"]), ("amd", 2, ["b", "c"]),
                                        ("intel", 1, ["d"]), ("intel", 2, ["b"])])
        self.assertEqual([smp for _, smp, _ in jobs], [2, 2, 1, 1])

    def test_long_ones_only_where_there_is_time(self) -> None:
        made = [cases.parse("a", "# machines: amd intel\n# long: intel\n"),
                cases.parse("b", "# machines: intel\n")]

        def names(quick: bool) -> List[Tuple[str, List[str]]]:
            return sorted((machine.kind, [case.name for case in group])
                          for machine, group in case_runner.jobs_of(made, quick))

        self.assertEqual(names(False), [("amd", ["a"]), ("intel", ["a", "b"])])
        self.assertEqual(names(True), [("amd", ["a"]), ("intel", ["b"])])

    def test_queues(self) -> None:
        made = [cases.parse(f"c{i}", "") for i in range(case_runner.CASES_A_BOOT + 1)]
        qemu, bochs = case_runner.queues_of(case_runner.jobs_of(made))
        self.assertEqual([len(group) for _, group in qemu], [len(made)])
        self.assertEqual([len(group) for _, group in bochs], [len(made) - 1, 1])
        self.assertEqual([case for _, group in bochs for case in group], made)

    def test_every_job_is_run(self) -> None:
        made = [cases.parse(f"c{i}", "") for i in range(20)]
        ran: List[str] = []
        with mock.patch.object(case_runner, "run_job",
                               side_effect=lambda job, *_: ran.extend(
                                   f"{job[0].kind} {case.name}" for case in job[1])):
            case_runner.run_jobs(case_runner.jobs_of(made), Report())
        self.assertEqual(sorted(ran), sorted(f"{kind} {case.name}" for kind in ("amd", "intel")
                                             for case in made))
        with mock.patch.object(case_runner, "run_job", side_effect=KeyError("x")):
            self.assertRaises(KeyError, case_runner.run_jobs, case_runner.jobs_of(made), Report())

    def test_payload(self) -> None:
        made = [cases.parse("a", "# vmm: one two\n# programs: p\n# modules: msr kvm\n"),
                cases.parse("b", "# programs: q p\n# test-modules: bf_probe\n")]
        payload = case_runner.payload(made)
        self.assertEqual((payload.vmms, payload.programs), (("minimal", "one", "two"), ("p", "q")))
        self.assertEqual((payload.modules, payload.test_modules),
                         (("cpuid", "kvm", "msr"), ("bf_probe",)))
        self.assertEqual([name for name, _ in payload.files],
                         ["bf/lib.sh", "bf/cases/a.sh", "bf/cases/b.sh"])


class Clock:
    """A session that only takes note of what it is asked to wait for."""

    def __init__(self) -> None:
        self.awaited = ""

    def allow(self, _: float, awaited: str) -> None:
        self.awaited = awaited


class Handling(unittest.TestCase):
    """From the workstation's output to results."""

    def setUp(self) -> None:
        made = [cases.parse(name, "") for name in ("first", "second")]
        self.report = Report()
        self.handler = case_runner.CaseHandler(Machine("amd"), made, "here", self.report)
        self.handler.session = Clock()

    def feed(self, *events: object) -> None:
        for event in events:
            if isinstance(event, bytes):
                self.handler.data(event)
            else:
                said_by(self.handler.mark, event.split())

    def test_lines_across_reads(self) -> None:
        self.feed("case-begin first", b"ok - o", b"ne\r\nnoise\nnot ok - t", b"wo\nskip - three\n",
                  "case-end 1")
        result, = self.report.results
        self.assertEqual((result.name, result.place), ("first", "here"))
        self.assertEqual(result.checks, [("ok", "one"), ("not ok", "two"), ("skip", "three")])
        self.assertEqual(result.output, ["noise"])
        self.assertEqual(list(self.handler.pending), ["second"])

    def test_last_line_without_end(self) -> None:
        self.feed("case-begin first", b"ok - one\nok - two", "case-end 0")
        self.assertEqual(self.report.results[0].count("ok"), 2)

    def test_silence_is_no_success(self) -> None:
        self.feed("case-begin first", b"just talk\n", "case-end 0")
        self.assertEqual(self.report.results[0].checks, [("not ok", "the case reported nothing")])

    def test_a_script_that_dies(self) -> None:
        self.feed("case-begin first", b"ok - one\n", "case-end 2")
        self.assertEqual(self.report.results[0].checks[-1],
                         ("not ok", "the script ended with status 2"))

    def test_output_between_cases_counts_for_none(self) -> None:
        self.feed(b"ok - before\n", "case-begin first", b"ok - one\n", "case-end 0",
                  b"not ok - between\n", "case-begin second", b"ok - two\n", "case-end 0")
        self.assertEqual([result.checks for result in self.report.results],
                         [[("ok", "one")], [("ok", "two")]])
        self.assertEqual(self.handler.session.awaited, "nothing followed the case")

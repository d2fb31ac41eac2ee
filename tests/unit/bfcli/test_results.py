# SPDX-License-Identifier: MIT
"""Counting: verdicts of tests, the closing line, the exit status."""

import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bfcli import unit
from bfcli.results import Report, Result
from bfcli.ui import BfError
from helpers import Programs, said_by

# What ctest -V prints, with what it says of itself cut down.
CTEST = """\
UpdateCTestConfiguration from folder
test 1
      Start  1: test_good
test 2
      Start  2: test_bad

1: Test command: somewhere/test_good
2: [==========] Running 3 test(s).
1: [==========] Running 4 test(s).
1: [       OK ] one
2: [  FAILED  ] two
1: [  PASSED  ] 4 test(s).
2: [  PASSED  ] 1 test(s).
2: [  SKIPPED ] 1 test(s), listed below:
2: [  FAILED  ] 1 test(s), listed below:
 1/7 Test #1: test_good ........................   Passed    0.25 sec
 2/7 Test #2: test_bad .........................***Failed    1.50 sec
3: a script without counts
 3/7 Test #3: hot_path .........................   Passed    0.01 sec
 4/7 Test #4: test_crash .......................***Exception: SegFault  0.10 sec
 5/7 Test #5: test_slow ........................***Timeout 120.01 sec
 6/7 Test #6: test_gone ........................***Not Run   0.00 sec
 7/7 Test #7: test_off .........................***Not Run (Disabled)   0.00 sec
"""


class Verdicts(unittest.TestCase):
    """One test."""

    def test_lines(self) -> None:
        result = Result("name")
        for line in ("ok - a", "not ok - b", "skip - c", "ok", "okay - d", " ok - e", "ok - "):
            result.line(line)
        self.assertEqual(result.checks,
                         [("ok", "a"), ("not ok", "b"), ("skip", "c"), ("ok", "")])
        self.assertEqual(result.output, ["ok", "okay - d", " ok - e"])

    def test_worst_counts(self) -> None:
        for verdicts, expected in ((["ok", "not ok", "skip"], "not ok"), (["ok", "skip"], "ok"),
                                   (["skip"], "skip"), ([], "skip")):
            result = Result("name", checks=[(verdict, "x") for verdict in verdicts])
            self.assertEqual(result.verdict, expected)


class Sums(unittest.TestCase):
    """All of them."""

    def close(self, *verdicts: str) -> "tuple[int, str, str]":
        report = Report()
        result = Result("name", "place", [(verdict, f"text {index}")
                                          for index, verdict in enumerate(verdicts)])
        said_by(report.add, result)
        said = said_by(report.close)
        return said.result, said.out, said.err

    def test_success(self) -> None:
        self.assertEqual(self.close("ok", "ok"), (0, "2 passed, 0 failed, 0 skipped\n", ""))

    def test_failures_are_told_again(self) -> None:
        status, out, err = self.close("ok", "not ok", "skip", "not ok")
        self.assertEqual((status, out), (1, "1 passed, 2 failed, 1 skipped\n"))
        for line in ("Skipped:", "    place name: text 2", "Failed:", "    place name: text 1",
                     "    place name: text 3"):
            self.assertIn(line, err.splitlines())

    def test_nothing_passed_is_no_success(self) -> None:
        self.assertEqual(self.close()[:2], (1, "0 passed, 0 failed, 0 skipped\n"))
        self.assertEqual(self.close("skip")[:2], (1, "0 passed, 0 failed, 1 skipped\n"))

    def test_a_failed_test_shows_its_output(self) -> None:
        report, result = Report(), Result("name", "place", [("not ok", "why")], ["its words"])
        shown = said_by(report.add, result).err
        self.assertIn("FAIL place name (0 ok, 1 failed, 0.0 s)", shown)
        self.assertIn("     | its words", shown)
        self.assertIn("     FAIL why", shown)


class Ctest(unittest.TestCase):
    """Reading what ctest prints."""

    def test_counts(self) -> None:
        found = unit._parse("gcc", CTEST)
        counts = {result.name: tuple(result.count(word) for word in ("ok", "not ok", "skip"))
                  for result in found.values()}
        self.assertEqual(counts, {"test_good": (4, 0, 0), "test_bad": (1, 1, 1),
                                  "hot_path": (1, 0, 0), "test_crash": (0, 1, 0),
                                  "test_slow": (0, 1, 0), "test_gone": (0, 1, 0),
                                  "test_off": (0, 0, 1)})
        self.assertEqual((found["2"].place, found["2"].seconds), ("unit gcc", 1.5))
        self.assertIn("[  FAILED  ] two", found["2"].output)
        self.assertEqual(found["3"].output, ["a script without counts"])

    def run_ctest(self, status: int, output: str) -> "list[Result]":
        with tempfile.TemporaryDirectory() as folder, Programs(ctest=(status, output)).patch():
            results = list(unit._test("gcc", Path(folder)))
            self.assertEqual(Path(folder, "unit.log").read_text(), output)
        return results

    def test_no_test_is_an_error(self) -> None:
        with self.assertRaisesRegex(BfError, "ran no unit test"):
            self.run_ctest(8, "No tests were found!!!\n")

    def test_a_status_that_no_test_explains(self) -> None:
        good = CTEST.splitlines()[6] + "\n" + CTEST.splitlines()[15]
        self.assertEqual(self.run_ctest(0, good)[0].verdict, "ok")
        self.assertEqual(self.run_ctest(8, good)[0].verdict, "not ok")

    def test_presets(self) -> None:
        report = Report()
        with mock.patch("bfcli.build.build_preset", side_effect=lambda name: Path(name)), \
                mock.patch("bfcli.unit._test", lambda preset, _: [Result(preset, "unit",
                                                                         [("ok", "x")])]):
            said_by(unit.run, ("gcc", "asan"), report)
        self.assertEqual([result.name for result in report.results], ["gcc", "asan"])


class Runner(unittest.TestCase):
    """The program that runs these very tests, on files that pass, fail, skip and are empty."""

    def run_file(self, text: str) -> "tuple[int, str]":
        runner = Path(__file__).with_name("run.py")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "some.py").write_text("import unittest\n\n\n" + text)
            done = subprocess.run(["python3", "-B", runner, "some"], cwd=folder, text=True,
                                  stdout=subprocess.PIPE, check=False,
                                  env={"PYTHONPATH": folder, "PATH": "/usr/bin:/bin"})
        return done.returncode, "\n".join(line for line in done.stdout.splitlines()
                                          if line.startswith("[  "))

    def test_counts(self) -> None:
        head = "class T(unittest.TestCase):\n"
        good = head + " def test_a(self): pass\n def test_b(self): pass\n"
        self.assertEqual(self.run_file(good), (0, "[  PASSED  ] 2 test(s)."))
        self.assertEqual(self.run_file(good + " def test_c(self): self.fail()\n"
                                       " def test_d(self): self.skipTest('x')\n"),
                         (1, "[  PASSED  ] 2 test(s).\n[  SKIPPED  ] 1 test(s).\n"
                          "[  FAILED  ] 1 test(s)."))
        self.assertEqual(self.run_file("1 / 0\n"), (1, ""))
        self.assertEqual(self.run_file(""), (1, ""))

# SPDX-License-Identifier: MIT
"""Fuzzing: which targets there are, how they are run, and what counts as a finding."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bfcli import build, fuzz, process
from bfcli.paths import ROOT
from bfcli.results import Report
from helpers import said_by


class Fuzzing(unittest.TestCase):
    """From a number of seconds to command lines and verdicts."""

    def test_every_target_is_run(self) -> None:
        names = {path.stem[len("fuzz_"):] for path in (ROOT / "tests" / "fuzz").glob("fuzz_*.c")}
        self.assertEqual(set(fuzz.TARGETS), names)

    def test_command_lines(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            fixed = fuzz.command(folder, "elf", 0)
            self.assertEqual(fixed[0], folder / "fuzz" / "fuzz_elf")
            self.assertIn(f"-runs={fuzz.TARGETS['elf'].runs}", fixed)
            self.assertIn("-seed=1", fixed)
            self.assertFalse((folder / "corpus").exists())
            timed = fuzz.command(folder, "elf", 2.5)
            self.assertIn("-max_total_time=3", timed)
            self.assertEqual(timed[-1], folder / "corpus" / "elf")
            self.assertTrue((folder / "corpus" / "elf").is_dir())

    def verdict(self, status: int, output: str) -> "tuple[str, list[str]]":
        report = Report()
        with tempfile.TemporaryDirectory() as name, \
                mock.patch.object(build, "build_tree", return_value=Path(name)), \
                mock.patch.object(fuzz, "TARGETS", {"elf": fuzz.Target(5, 6)}), \
                mock.patch.object(process, "attempt", return_value=(status, output)):
            said_by(fuzz.run, 0, report)
        return report.results[0].verdict, report.results[0].output

    def test_verdicts(self) -> None:
        self.assertEqual(self.verdict(0, "#5\nDone 5 runs in 0 second(s)\n"), ("ok", []))
        # Ended without having done anything.
        self.assertEqual(self.verdict(0, "")[0], "not ok")
        crash = "noise\n==7== ERROR: libFuzzer: deadly signal\n    #7 0x1 in f a.c:1\n"
        verdict, output = self.verdict(77, crash)
        self.assertEqual(verdict, "not ok")
        self.assertEqual(output, crash.splitlines()[1:])

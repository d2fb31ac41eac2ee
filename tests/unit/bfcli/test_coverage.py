# SPDX-License-Identifier: MIT
"""Coverage: what is counted, what is held to the limits, and what it looks like."""

import json
import tempfile
import unittest
from pathlib import Path

from bfcli import coverage
from bfcli.coverage import Count
from bfcli.paths import ROOT

SUMMARY = {"files": [
    {"filename": "bfvmm/core/a.c", "line_covered": 90, "line_total": 100, "branch_covered": 8,
     "branch_total": 10},
    {"filename": "bfvmm/core/sub/b.c", "line_covered": 10, "line_total": 10, "branch_covered": 0,
     "branch_total": 0},
    {"filename": "bfvmm/corex/c.c", "line_covered": 0, "line_total": 5, "branch_covered": 0,
     "branch_total": 4},
]}


class Counting(unittest.TestCase):
    """From gcovr's numbers to sums."""

    def test_sums(self) -> None:
        counts = coverage.counts_of(SUMMARY)
        core = coverage.within(counts, "bfvmm/core")
        self.assertEqual(list(core), ["bfvmm/core/a.c", "bfvmm/core/sub/b.c"])
        self.assertEqual(coverage.total(core.values()), Count(100, 110, 8, 10))
        self.assertAlmostEqual(coverage.total(core.values()).line_percent, 90.909, 3)
        self.assertEqual(coverage.total(core.values()).branch_percent, 80.0)

    def test_nothing_to_run(self) -> None:
        self.assertEqual((Count().line_percent, Count().branch_percent), (100.0, 100.0))

    def test_table(self) -> None:
        rows = [row.split() for row in coverage.table(coverage.counts_of(SUMMARY)).splitlines()]
        self.assertIn(["bfvmm/core/a.c", "90", "100", "90.0", "8", "10", "80.0"], rows)
        self.assertIn(["bfvmm/core", "100", "110", "90.9", "8", "10", "80.0"], rows)
        self.assertIn(["all", "of", "these", "100", "110", "90.9", "8", "10", "80.0"], rows)
        self.assertNotIn("bfvmm/corex/c.c", [row[0] for row in rows])


class Judging(unittest.TestCase):
    """The limits."""

    def verdicts(self, count: Count, *names: str) -> "list[str]":
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "core").mkdir()
            for name in names:
                (root / "core" / name).touch()
            build = [{"file": f"{root}/core/a.c"}, {"file": f"{root}/core/data.c"}]
            (root / "compile_commands.json").write_text(json.dumps(build))
            tested = coverage.compiled(root, root)
            result = coverage.judge({"core/a.c": count}, tested, root, "core")
        return [verdict for verdict, _ in result.checks]

    def test_limits(self) -> None:
        self.assertEqual(self.verdicts(Count(900, 1000, 80, 100), "a.c"), ["ok", "ok"])
        self.assertEqual(self.verdicts(Count(899, 1000, 80, 100), "a.c"), ["not ok", "ok"])
        self.assertEqual(self.verdicts(Count(900, 1000, 79, 100), "a.c"), ["ok", "not ok"])

    def test_a_source_that_no_test_has(self) -> None:
        full = Count(1, 1, 1, 1)
        self.assertEqual(self.verdicts(full, "a.c", "b.c"), ["ok", "ok", "not ok"])
        self.assertEqual(self.verdicts(full, "a.c", "data.c"), ["ok", "ok"])
        self.assertEqual(self.verdicts(full, "a.c", "note.c", "offsets.c"), ["ok", "ok"])

    def test_an_empty_folder_is_skipped(self) -> None:
        self.assertEqual(self.verdicts(Count(1, 1, 1, 1)), ["skip"])

    def test_sources_of_the_tree(self) -> None:
        found = coverage.sources(ROOT, "bfvmm/core")
        self.assertIn("bfvmm/core/log.c", found)
        self.assertNotIn("bfvmm/core/note.c", found)
        for folder in coverage.SHOWN:
            self.assertTrue((ROOT / folder).is_dir(), folder)

# SPDX-License-Identifier: MIT
"""Running programs, time limits, files and locks."""

import os
import stat
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

from bfcli import build, paths, process, timing
from bfcli.ui import EX_USAGE, BfError
from helpers import said_by


class Process(unittest.TestCase):
    """Programs of the build machine."""

    def test_output_and_status(self) -> None:
        self.assertEqual(process.attempt(["sh", "-c", "echo out; echo err >&2; exit 3"], seconds=60,
                                         what="x"), (3, "out\nerr\n"))
        self.assertEqual(process.run(["echo", Path("a b")], seconds=60, what="x"), "a b\n")

    def test_nothing_can_be_asked(self) -> None:
        self.assertEqual(process.attempt(["cat"], seconds=60, what="x"), (0, ""))

    def test_environment(self) -> None:
        self.assertEqual(process.run(["sh", "-c", "echo $MORE"], seconds=60, what="x",
                                     env={"MORE": "more"}), "more\n")

    def test_failure_says_what_and_how(self) -> None:
        with self.assertRaisesRegex(BfError, r"(?s)the work failed with status 2: sh -c .*\nwhy"
                                    ) as caught:
            process.run(["sh", "-c", "echo why; exit 2"], seconds=60, what="the work", remedy="do")
        self.assertEqual(caught.exception.remedy, "do")

    def test_no_such_program(self) -> None:
        with self.assertRaisesRegex(BfError, "x: the program 'no-such-program' is not installed"):
            process.attempt(["no-such-program"], seconds=60, what="x")

    def test_time_limit(self) -> None:
        with self.assertRaisesRegex(BfError, "x did not end within") as caught:
            process.attempt(["sh", "-c", "sleep 1000 & sleep 1000"], seconds=0.1, what="x")
        self.assertIn("BF_TIMEOUT_SCALE", caught.exception.remedy)

    def test_filter(self) -> None:
        self.assertEqual(process.filter_bytes(["tr", "a", "b"], b"a\0a", seconds=60, what="x"),
                         b"b\0b")
        with self.assertRaisesRegex(BfError, "x failed: tr: missing operand"):
            process.filter_bytes(["tr"], b"", seconds=60, what="x")


class Limits(unittest.TestCase):
    """BF_TIMEOUT_SCALE."""

    def test_scale(self) -> None:
        for text, limit in (("1", 10.0), ("2.5", 25.0)):
            with mock.patch.dict(os.environ, {"BF_TIMEOUT_SCALE": text}):
                self.assertEqual(timing.limit(10), limit)
        for text in ("0", "-1", "fast", ""):
            with mock.patch.dict(os.environ, {"BF_TIMEOUT_SCALE": text}), \
                    self.assertRaisesRegex(BfError, f"BF_TIMEOUT_SCALE is '{text}'") as caught:
                timing.limit(10)
            self.assertEqual(caught.exception.status, EX_USAGE)


class Files(unittest.TestCase):
    """Files that are there whole or not at all."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_folder_appears_at_the_end(self) -> None:
        target = self.folder / "deep" / "target"
        with paths.atomic_dir(target) as work:
            (work / "file").touch()
            self.assertFalse(target.exists())
        self.assertEqual([path.name for path in target.iterdir()], ["file"])
        self.assertEqual(list(target.parent.iterdir()), [target])

    def test_folder_of_failed_work(self) -> None:
        target = self.folder / "target"
        with paths.atomic_dir(target) as work:
            (work / "old").touch()
        with self.assertRaises(ValueError), paths.atomic_dir(target) as work:
            (work / "new").touch()
            raise ValueError
        self.assertEqual([path.name for path in target.iterdir()], ["old"])
        self.assertEqual(list(self.folder.iterdir()), [target])

    def test_file(self) -> None:
        target = self.folder / "deep" / "file"
        paths.atomic_write(target, b"one")
        paths.atomic_write(target, b"two")
        self.assertEqual(target.read_bytes(), b"two")
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o644)
        self.assertEqual(list(target.parent.iterdir()), [target])

    def test_lock(self) -> None:
        order = []
        with mock.patch.object(paths, "cache_dir", return_value=self.folder):
            def second() -> None:
                with paths.locked("work"):
                    order.append("second")

            with paths.locked("work"):
                other = threading.Thread(target=lambda: said_by(second))
                other.start()
                order.append("first")
            other.join()
        self.assertEqual(order, ["first", "second"])

    def test_paths_that_kbuild_does_not_take(self) -> None:
        build._check_paths()
        for name in ("with space", "with:colon"):
            with mock.patch.object(build, "BUILD", Path(name)), \
                    self.assertRaisesRegex(BfError, f"the path '{name}'"):
                build._check_paths()

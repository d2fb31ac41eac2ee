# SPDX-License-Identifier: MIT
"""Package lists, and what is done about a package that is not there."""

import os
import re
import unittest
from unittest import mock

from bfcli import packages
from bfcli.machine import KINDS, Machine
from bfcli.ui import BfError
from helpers import Programs, said_by

ALL_BUT_MAKE = "".join(f"installed {name}\n" for name in packages.GROUPS["build"]
                       if name != "make") + "not-installed make\n"


class Lists(unittest.TestCase):
    """The lists themselves."""

    def test_names(self) -> None:
        for group, names in packages.GROUPS.items():
            self.assertTrue(names, group)
            self.assertEqual(len(set(names)), len(names), group)
            for name in names:
                self.assertRegex(name, r"\A[a-z0-9][a-z0-9.+-]+\Z")

    def test_every_machine_has_its_groups(self) -> None:
        for kind in KINDS:
            self.assertLessEqual(set(Machine(kind).package_groups), set(packages.GROUPS))


class Missing(unittest.TestCase):
    """Asking dpkg."""

    def test_what_is_installed(self) -> None:
        with Programs(dpkg_query=(1, ALL_BUT_MAKE)).patch():
            self.assertEqual(packages.missing(["build"]), ["make"])

    def test_each_name_once(self) -> None:
        programs = Programs(dpkg_query=(1, ""))
        with programs.patch():
            found = packages.missing(["build", "module", "build"])
        self.assertEqual(found, sorted(set(found)))
        self.assertIn("gcc-12", found)
        self.assertEqual(len(programs.ran), 1)

    def test_a_package_that_dpkg_only_knows(self) -> None:
        with Programs(dpkg_query=(1, "config-files gcovr\n")).patch():
            self.assertEqual(packages.missing(["coverage"]), ["gcovr"])

    def test_another_distribution(self) -> None:
        with mock.patch("shutil.which", return_value=None), \
                self.assertRaisesRegex(BfError, "not a Debian system") as caught:
            packages.missing(["coverage"])
        self.assertIn("--no-install", caught.exception.remedy)
        self.assertIn("gcovr", caught.exception.remedy)


class Ensure(unittest.TestCase):
    """Installing."""

    def ensure(self, dpkg: str, *arguments: object, terminal: bool = False, root: bool = True,
               ci: str = "") -> "tuple[Programs, object]":
        programs = Programs(dpkg_query=(1, dpkg))
        with programs.patch(), mock.patch.dict(os.environ, {"CI": ci}), \
                mock.patch("sys.stdin.isatty", return_value=terminal), \
                mock.patch("os.geteuid", return_value=0 if root else 1000):
            said = said_by(packages.ensure, ["build"], *arguments)
        return programs, said

    def installed(self, programs: Programs) -> "list[list[str]]":
        return [words for words in programs.ran if "install" in words]

    def test_nothing_is_missing(self) -> None:
        whole = ALL_BUT_MAKE.replace("not-installed", "installed")
        programs, said = self.ensure(whole, True)
        self.assertEqual((len(programs.ran), said.err), (1, ""))

    def test_not_wanted(self) -> None:
        programs, _ = self.ensure("", True, False)
        self.assertEqual(programs.ran, [])

    def test_yes(self) -> None:
        programs, said = self.ensure(ALL_BUT_MAKE, True)
        updates = [words for words in programs.ran if "update" in words]
        self.assertEqual(len(updates), 1)
        self.assertEqual(len(self.installed(programs)), 1)
        self.assertEqual(self.installed(programs)[0][-1], "make")
        self.assertIn("Installing 1 Debian package", said.err)

    def test_a_gate_is_not_asked(self) -> None:
        programs, _ = self.ensure(ALL_BUT_MAKE, False, ci="1")
        self.assertEqual(len(self.installed(programs)), 1)

    def test_nobody_to_ask(self) -> None:
        with self.assertRaisesRegex(BfError, "missing Debian packages: make") as caught:
            self.ensure(ALL_BUT_MAKE, False)
        self.assertTrue(re.search("-y.*apt-get install make", caught.exception.remedy))

    def test_asking(self) -> None:
        for answer, installs in (("\n", 1), ("y\n", 1), ("Yes\n", 1)):
            with mock.patch("sys.stdin.readline", return_value=answer):
                programs, said = self.ensure(ALL_BUT_MAKE, False, terminal=True)
            self.assertEqual(len(self.installed(programs)), installs)
            self.assertIn("Install 1 Debian package(s): make?", said.err)
        for answer in ("n\n", ""):
            with mock.patch("sys.stdin.readline", return_value=answer), \
                    self.assertRaisesRegex(BfError, "missing Debian packages"):
                self.ensure(ALL_BUT_MAKE, False, terminal=True)

    def test_not_root(self) -> None:
        with mock.patch("shutil.which", lambda name: None if name == "sudo" else name), \
                self.assertRaisesRegex(BfError, "no sudo") as caught:
            self.ensure(ALL_BUT_MAKE, True, root=False)
        self.assertIn("apt-get", caught.exception.remedy)
        with mock.patch("shutil.which", return_value="sudo"):
            programs, _ = self.ensure(ALL_BUT_MAKE, True, root=False)
        self.assertEqual(self.installed(programs)[0][0], "sudo")

    def test_apt_fails(self) -> None:
        programs = Programs(dpkg_query=(1, ALL_BUT_MAKE), install=(100, "E: no such archive"))
        with programs.patch(), mock.patch("os.geteuid", return_value=0), \
                self.assertRaisesRegex(BfError, "status 100.*\n.*no such archive") as caught:
            said_by(packages.ensure, ["build"], True)
        self.assertIn("sources.list", caught.exception.remedy)

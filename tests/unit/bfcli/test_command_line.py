# SPDX-License-Identifier: MIT
"""The command line of ./bf: what is refused, with which words and which exit status."""

import unittest
from unittest import mock

from bfcli import bench_exit, bench_hooks, checks, demo, main, run, testing
from bfcli.ui import EX_USAGE, BfError
from helpers import said_by

COMMANDS = ("demo", "test", "build", "run", "check", "bench")
# (arguments, what the error names)
WRONG = (
    ([], "COMMAND"),
    (["fly"], "'fly'"),
    (["run", "--machine", "vax"], "'vax'"),
    (["run", "--smp", "two"], "'two'"),
    (["run", "--memory", "1.5"], "'1.5'"),
    (["run", "--timeout", "0"], "'0' is not a positive number of seconds"),
    (["run", "--timeout", "-1"], "'-1'"),
    (["run", "--timeout", "nan"], "'nan'"),
    (["run", "--timeout", "inf"], "'inf'"),
    (["run", "--timeout", "soon"], "'soon'"),
    (["run", "--kernel", "2.4"], "'2.4'"),
    (["run", "--loader", "lilo"], "'lilo'"),
    (["run", "--exec"], "--exec"),
    (["run", "--mach", "amd"], "--mach"),
    (["run", "surplus"], "surplus"),
    (["test", "everything"], "'everything'"),
    (["test", "--only", "vax"], "'vax'"),
    (["test", "--case"], "--case"),
    (["test", "fuzz", "--seconds", "0"], "'0' is not a positive number of seconds"),
    (["build", "--kernel", "2.4"], "'2.4'"),
    (["bench"], "{exit,hooks}"),
    (["bench", "wall-time"], "'wall-time'"),
    (["check", "--fast"], "--fast"),
    (["demo", "--smp", "2"], "--smp"),
)
# (arguments, what the error says): refused when acting, before any package or boot.
IMPOSSIBLE = (
    (["run", "--loader", "efi"], "not yet available"),
    (["run", "--smp", "0"], "--smp 0 is out of range"),
    (["run", "--smp", "65"], "64 CPUs"),
    (["run", "--machine", "intel", "--smp", "9"], "8 CPUs"),
    (["run", "--memory", "64"], "--memory 64 is too small"),
    (["run", "--machine", "intel", "--icount"], "--icount does nothing on intel"),
    (["run", "--icount", "--smp", "2"], "--icount with --smp 2"),
    (["run", "--machine", "intel", "--gdb"], "no gdb stub"),
    (["test", "--case", "no_such_case"], "no_such_case"),
    (["check", "no_such_check"], "no_such_check"),
)


class Refused(unittest.TestCase):
    """A usage error names what is wrong, says where help is, and ends with EX_USAGE."""

    def test_wrong_words(self) -> None:
        for arguments, named in WRONG:
            with self.subTest(arguments=arguments):
                said = said_by(main.main, arguments)
                self.assertEqual(said.result, EX_USAGE)
                self.assertIn(named, said.err)
                self.assertIn("--help", said.err)
                self.assertEqual(said.out, "")

    def test_impossible_wishes(self) -> None:
        for arguments, text in IMPOSSIBLE:
            with self.subTest(arguments=arguments), \
                    mock.patch("bfcli.packages.ensure", side_effect=AssertionError("installs")):
                said = said_by(main.main, arguments)
                self.assertEqual(said.result, EX_USAGE)
                self.assertIn(text, said.err)
                self.assertIn("remedy: ", said.err)
                self.assertEqual(said.out, "")


class Accepted(unittest.TestCase):
    """What the parser makes of good words."""

    def parsed(self, module: object, action: str, *arguments: str) -> mock.Mock:
        """The options that a command's action is called with."""
        with mock.patch.object(module, action, return_value=7) as called:
            said = said_by(main.main, list(arguments))
        self.assertEqual(said.result, 7)
        return called.call_args.args[0]

    def test_help(self) -> None:
        for words in ([], *([command] for command in COMMANDS)):
            said = said_by(main.main, [*words, "--help"])
            self.assertEqual(said.result, 0)
            self.assertIn("usage: bf", said.out)
        for command in COMMANDS:
            self.assertIn(f"  {command} ", said_by(main.main, ["--help"]).out)

    def test_run_defaults(self) -> None:
        options = self.parsed(main, "_do_run", "run")
        machine = main.machine_of(options)
        self.assertEqual((machine.kind, machine.model, machine.smp, machine.megabytes),
                         ("amd", "max", 2, 512))
        self.assertEqual((options.vmm, options.args, options.exec, options.timeout),
                         ("minimal", "", None, 0))
        self.assertEqual((options.programs, options.modules), (["*"], ["msr", "cpuid"]))

    def test_run_options(self) -> None:
        options = self.parsed(main, "_do_run", "run", "--machine", "intel", "--smp=1", "--cmdline",
                              "a=1  b", "--modules", "msr,,cpuid kvm", "--timeout", "2.5",
                              "--file", "x", "--file", "y:z", "--args", "serial=1 x")
        machine = main.machine_of(options)
        self.assertEqual((machine.kind, machine.smp, machine.cmdline), ("intel", 1, ("a=1", "b")))
        self.assertEqual(options.modules, ["msr", "cpuid", "kvm"])
        self.assertEqual((options.timeout, options.files), (2.5, ["x", "y:z"]))
        self.assertEqual(options.args, "serial=1 x")

    def test_actions(self) -> None:
        self.assertEqual(self.parsed(testing, "test", "test").what, "default")
        self.assertEqual(self.parsed(demo, "demo", "demo").machine, "amd")
        self.assertEqual(self.parsed(bench_exit, "bench_exit", "bench", "exit").what, "exit")
        self.assertTrue(self.parsed(bench_hooks, "bench_hooks", "bench", "hooks", "-y").yes)
        self.assertEqual(self.parsed(checks, "check", "check", "a", "b").names, ["a", "b"])


class Ends(unittest.TestCase):
    """What main() makes of the ways in which an action ends."""

    def ended(self, error: BaseException) -> "tuple[object, str]":
        with mock.patch.object(demo, "demo", side_effect=error):
            said = said_by(main.main, ["demo"])
        return said.result, said.err

    def test_statuses(self) -> None:
        self.assertEqual(self.ended(BfError("it broke", "mend it", 69)),
                         (69, "bf: it broke\n    remedy: mend it\n"))
        self.assertEqual(self.ended(BfError("it broke")), (1, "bf: it broke\n"))
        self.assertEqual(self.ended(KeyboardInterrupt()), (130, "\nbf: interrupted\n"))


class Parts(unittest.TestCase):
    """Which parts of the tests a command line asks for."""

    def parts(self, *arguments: str) -> "set[str]":
        with mock.patch.object(testing, "test", return_value=0) as called:
            said_by(main.main, ["test", *arguments])
        return testing.parts(called.call_args.args[0])

    def test_parts(self) -> None:
        everything = self.parts("all")
        self.assertEqual(everything, {"unit", "coverage", "fuzz", "machine", "matrix", "sdk"})
        self.assertEqual(self.parts(), everything - {"coverage", "fuzz"})
        self.assertEqual(self.parts("unit"), {"unit"})
        self.assertEqual(self.parts("hooks"), {"hooks"})
        self.assertEqual(self.parts("fuzz", "--seconds", "5"), {"fuzz"})
        self.assertEqual(self.parts("--coverage"), {"coverage"})
        self.assertEqual(self.parts("coverage"), {"coverage"})
        self.assertEqual(self.parts("unit", "--coverage"), {"unit", "coverage"})
        self.assertEqual(self.parts("all", "--coverage"), everything)
        self.assertEqual(self.parts("--case", "x"), {"machine"})
        self.assertEqual(self.parts("--case", "x", "--coverage"), {"machine", "coverage"})

    def test_packages_of_the_parts(self) -> None:
        with mock.patch.object(testing, "test", return_value=0) as called:
            said_by(main.main, ["test", "coverage"])
        groups = testing._groups(called.call_args.args[0], [])
        self.assertEqual(groups, {"build", "unit", "coverage"})

    def test_clang_where_there_is_time(self) -> None:
        for words, wanted in ((["test"], False), (["test", "unit"], False),
                              (["test", "all"], True)):
            with mock.patch.object(testing, "test", return_value=0) as called:
                said_by(main.main, words)
            presets = testing._unit_presets(called.call_args.args[0])
            self.assertEqual("clang" in presets, wanted, words)

    def test_the_short_form(self) -> None:
        for words, quick in ((["test"], True), (["test", "all"], False), (["test", "sdk"], False),
                             (["test", "sdk", "--quick"], True)):
            with mock.patch.object(testing, "test", return_value=0) as called:
                said_by(main.main, words)
            groups = testing._groups(called.call_args.args[0], [])
            self.assertEqual("package" in groups, not quick, words)


class Payload(unittest.TestCase):
    """Files to take along."""

    def test_missing_file(self) -> None:
        with mock.patch.object(main, "_do_run", return_value=0) as called:
            said_by(main.main, ["run", "--file", "no-such-file"])
        with self.assertRaisesRegex(BfError, "no-such-file: no such file") as caught:
            run._payload(called.call_args.args[0], "true")
        self.assertEqual(caught.exception.status, EX_USAGE)

# SPDX-License-Identifier: MIT
"""The command line of bf."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any, List, NoReturn

from . import (artifacts, bench_exit, bench_hooks, build, checks, demo, kernels, new, packages,
               packaging, paths, project, project_testing, run, testing, version)
from .kernels import DEFAULT_SERIES, SERIES
from .machine import KINDS, Machine
from .ui import EX_USAGE, BfError, report

MACHINE_HELP = ("amd: QEMU with SVM; intel: Bochs with VMX; amd-bochs: Bochs with SVM "
                "(default: amd)")
DEFAULT_VMM = "minimal"


def _common(for_projects: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    if for_projects:  # _find_project() has looked at it
        parser.add_argument("--project", metavar="DIR", help="the project to work on (default: "
                            "the one around the current folder)")
    parser.add_argument("-y", "--yes", action="store_true",
                        help="install missing Debian packages without asking")
    parser.add_argument("--no-install", action="store_true",
                        help="do not look for missing Debian packages")
    return parser


def _machine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--machine", choices=KINDS, default="amd", help=MACHINE_HELP)
    parser.add_argument("--cpu", default="", help="QEMU's -cpu text or Bochs' CPU model")
    parser.add_argument("--smp", type=int, default=2, metavar="N",
                        help="number of CPUs (default: 2)")
    parser.add_argument("--memory", type=int, default=0, metavar="MiB",
                        help="size of the memory (default: 512, on Bochs 256)")
    parser.add_argument("--kernel", choices=SERIES, default=DEFAULT_SERIES,
                        help="Debian's stable kernel or the one of its backports")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number of seconds")
    return value


def _words(text: str) -> List[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _add_run(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("run", parents=[common], help="boot an emulated workstation, "
                                 "launch a VMM under its Linux and run a command there")
    _machine_options(parser)
    parser.add_argument("--loader", choices=("linux", "efi"), default="linux",
                        help="what launches the VMM; efi is not yet available")
    parser.add_argument("--vmm", default=None if project.current() else DEFAULT_VMM,
                        help="name of a built VMM, or an image's path (default: " + (
                            "the project's only one)" if project.current() else
                            f"{DEFAULT_VMM})"))
    parser.add_argument("--args", default="", help="command line of the VMM (key=value ...)")
    parser.add_argument("--bare", action="store_true", help="boot without launching a VMM")
    parser.add_argument("--exec", metavar="COMMAND", help="what to run in the control VM "
                        "(default: a shell on a terminal, else 'bfm status')")
    parser.add_argument("--timeout", type=_seconds, default=0, metavar="SECONDS",
                        help="time limit of the command (default: 300, on Bochs 900)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    parser.add_argument("--no-stop", action="store_true",
                        help="leave the VMM running at the end; power off under it")
    parser.add_argument("--gdb", action="store_true", help="gdb stub on port 1234 (amd)")
    parser.add_argument("--icount", action="store_true",
                        help="QEMU counts one tick per instruction (amd, 1 CPU)")
    parser.add_argument("--cmdline", default="", help="more words for the kernel's command line")
    parser.add_argument("--programs", type=_words, default=["*"], metavar="NAME,...",
                        help="test programs to take along (default: all that are built)")
    parser.add_argument("--modules", type=_words, default=["msr", "cpuid"], metavar="NAME,...",
                        help="modules of Debian's kernel to load (default: msr,cpuid)")
    parser.add_argument("--host-programs", type=_words, default=[], metavar="NAME,...",
                        help="programs of this machine to take along, e.g. stress-ng")
    parser.add_argument("--file", dest="files", action="append", default=[],
                        metavar="SOURCE[:TARGET]", help="a file to take along (default: to /bf)")
    parser.set_defaults(action=_do_run)


def _add_demo(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("demo", parents=[common], help="install, build, boot, launch a "
                                 "VMM under the running Linux, show it, stop it")
    parser.add_argument("--machine", choices=KINDS, default="amd", help=MACHINE_HELP)
    parser.set_defaults(action=demo.demo)


def _add_build(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("build", parents=[common],
                                 help="build VMMs, tools, tests and the Linux driver")
    parser.add_argument("--preset", default="gcc", help="CMake preset: gcc, clang, asan")
    for_project = paths.INSTALLED or project.current()
    default = "none, bf run does it" if for_project else DEFAULT_SERIES
    parser.add_argument("--kernel", action="append", choices=SERIES, metavar="SERIES",
                        help="build the driver for this kernel (default: "
                             f"{default}; may be repeated)")
    parser.add_argument("--no-module", action="store_true", help="leave the Linux driver out")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the tools' output")
    parser.set_defaults(action=_do_build)


def _do_build(options: argparse.Namespace) -> int:
    if paths.INSTALLED:
        project.required()
    default = [] if project.current() else [DEFAULT_SERIES]
    series = [] if options.no_module else (options.kernel or default)
    groups = ["build", "unit"] + (["module"] if series else [])
    _install(options, groups + (["clang"] if options.preset == "clang" else []))
    build.build([options.preset], series, options.verbose)
    return 0


def _add_new(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    del common  # nothing is installed for it
    parser = commands.add_parser("new", help="make a project of your own: an extension, a VMM "
                                 "with it, tests")
    parser.add_argument("name", metavar="NAME", help="of the extension and the VMM: an identifier "
                        "of C")
    parser.add_argument("--path", metavar="DIR", help="the folder to make (default: NAME here)")
    parser.set_defaults(action=new.new)


def _add_project_test(commands: "argparse._SubParsersAction",
                      common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("test", parents=[common],
                                 help="the project's unit tests and machine tests")
    parser.add_argument("what", nargs="?", choices=project_testing.KINDS, default="unit",
                        help="unit: on the mock machine, plain and under sanitizers; machine: the "
                        "scripts in tests/machine/cases, on emulated machines; all: both "
                        "(default: unit)")
    parser.add_argument("--case", dest="cases", action="append", default=[], metavar="NAME",
                        help="only this machine test (may be repeated)")
    parser.add_argument("--only", action="append", choices=KINDS, metavar="MACHINE",
                        help="only on this machine (may be repeated)")
    parser.set_defaults(action=project_testing.test)


def _add_package(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("package", parents=[common], help="make Debian packages: the "
                                 "SDK, bfm, the driver's source for DKMS")
    parser.add_argument("--no-lint", action="store_true", help="do not run lintian over them")
    parser.set_defaults(action=packaging.package)


def _add_test(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("test", parents=[common],
                                 help="unit tests and tests on emulated machines")
    parser.add_argument("what", nargs="?", choices=testing.KINDS, default="default",
                        help="unit: on the mock machine; coverage: what of the VMM these run; "
                        "fuzz: inputs that nobody thought of; machine: on emulated machines; "
                        "matrix: the same image on many of these; sdk: what is installed, the "
                        "tutorial, and projects outside of the tree; "
                        "all: everything (default: all, with the short form of matrix and sdk)")
    parser.add_argument("--coverage", action="store_true",
                        help="show the coverage, alone or besides what is named")
    parser.add_argument("--case", dest="cases", action="append", default=[], metavar="NAME",
                        help="only this machine test (may be repeated)")
    parser.add_argument("--only", action="append", choices=KINDS, metavar="MACHINE",
                        help="only on this machine (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="matrix, sdk: the short form")
    parser.add_argument("--seconds", type=_seconds, default=0, metavar="N",
                        help="fuzz: so long for each target (default: the same inputs each time)")
    parser.set_defaults(action=testing.test)


def _add_check(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("check", parents=[common],
                                 help="style, dependencies, forbidden instructions and so on")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these checks")
    parser.add_argument("--no-build", action="store_true", help="check what is already built")
    parser.set_defaults(action=checks.check)


def _add_bench(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("bench", parents=[common],
                                 help="measure instruction-exactly, beside other hypervisors")
    whats = parser.add_subparsers(dest="what", required=True, metavar="{exit,hooks}")
    for what, action, text in (
            ("exit", bench_exit.bench_exit, "the cost of one CPUID exit"),
            ("hooks", bench_hooks.bench_hooks, "the same with 0 to 8 hooks on it")):
        whats.add_parser(what, parents=[common], help=text).set_defaults(action=action)


def machine_of(options: argparse.Namespace) -> Machine:
    return Machine(options.machine, options.cpu, options.smp, options.memory, options.kernel,
                   getattr(options, "icount", False), getattr(options, "gdb", False),
                   tuple(getattr(options, "cmdline", "").split()))


def _install(options: argparse.Namespace, groups: List[str]) -> None:
    packages.ensure(groups, options.yes, not options.no_install)


def _do_run(options: argparse.Namespace) -> int:
    if options.loader == "efi":
        raise BfError("--loader efi is not yet available in this version",
                      "use --loader linux", EX_USAGE)
    machine = machine_of(options)
    machine.check()
    if options.vmm is None:
        options.vmm = _only_vmm(options.bare)
    groups = list(machine.package_groups)
    if _makes_driver(options):
        groups += ["module"]
    if "stress-ng" in options.host_programs:
        groups.append("stress")
    _install(options, groups)
    if _makes_driver(options):
        build.ensure_module(kernels.get(machine.kernel))
    return run.run(machine, options)


def _makes_driver(options: argparse.Namespace) -> bool:
    """Outside of the tree nobody builds the driver but who wants it."""
    return not options.bare and (paths.INSTALLED or project.current() is not None)


def _only_vmm(bare: bool) -> str:
    names = artifacts.project_vmms()
    if len(names) != 1 and not bare:
        raise BfError("say which VMM: the project has " + (", ".join(names) or "none built"),
                      "give --vmm NAME" if names else f"run: {paths.BF} build", EX_USAGE)
    return names[0] if names else DEFAULT_VMM


def _parser() -> argparse.ArgumentParser:
    """The parser for where we are: in a project, in the source tree, or in neither."""
    parser = _Parser(prog="bf", description="Bareframe's front door.",
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=version.text())
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    if paths.INSTALLED or project.current():
        adders = [_add_new, _add_build, _add_project_test, _add_run]
        adders += [] if project.current() else [_add_demo]
    else:
        adders = [_add_demo, _add_test, _add_build, _add_run, _add_new, _add_check, _add_bench,
                  _add_package]
    for add in adders:
        add(commands, _common(add in PROJECT_COMMANDS))
    return parser


PROJECT_COMMANDS = (_add_build, _add_test, _add_project_test, _add_run)


def _find_project(arguments: List[str]) -> None:
    """Look for the project before the rest is parsed: the commands depend on it."""
    named = None
    for word, following in zip(arguments, [*arguments[1:], ""]):
        if word == "--project" or word.startswith("--project="):
            named = following if word == "--project" else word.partition("=")[2]
    project.use(project.at(named) if named else project.around(Path.cwd()))


class _Parser(argparse.ArgumentParser):
    """An argument parser that guesses nothing; its errors end with the status of a usage error."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, surplus = super().parse_known_args(args, namespace)
        if surplus:
            self.error("unrecognized arguments: " + " ".join(surplus))
        return found, surplus

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise BfError(message, f"see: {self.prog} --help", EX_USAGE)


def _terminate(number: int, frame: object) -> NoReturn:
    """End like an interrupt does, so that emulators end and temporary files go, but only once."""
    for again in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(arguments: List[str]) -> int:
    """Parse, act, and turn errors into messages and exit statuses."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    try:
        _find_project(arguments)
        options = _parser().parse_args(arguments)
        return options.action(options)
    except BfError as error:
        return report(error)
    except KeyboardInterrupt:
        sys.stderr.write("\nbf: interrupted\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141

# SPDX-License-Identifier: MIT
"""The command line of ./bf."""

import argparse
import os
import sys
from typing import List

from . import packages, run
from .kernels import DEFAULT_SERIES, SERIES
from .machine import KINDS, Machine
from .ui import EX_USAGE, BfError, report


def _common() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-y", "--yes", action="store_true",
                        help="install missing Debian packages without asking")
    parser.add_argument("--no-install", action="store_true",
                        help="do not look for missing Debian packages")
    return parser


def _machine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--machine", choices=KINDS, default="amd",
                        help="amd: QEMU with SVM; intel: Bochs with VMX; amd-bochs: Bochs with SVM")
    parser.add_argument("--cpu", default="", help="QEMU's -cpu text or Bochs' CPU model")
    parser.add_argument("--smp", type=int, default=2, metavar="N", help="number of CPUs")
    parser.add_argument("--memory", type=int, default=0, metavar="MiB", help="size of the memory")
    parser.add_argument("--kernel", choices=SERIES, default=DEFAULT_SERIES,
                        help="Debian's stable kernel or the one of its backports")


def _words(text: str) -> List[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _add_run(commands: "argparse._SubParsersAction", common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("run", parents=[common], help="boot an emulated workstation, "
                                 "launch a VMM under its Linux and run a command there")
    _machine_options(parser)
    parser.add_argument("--loader", choices=("linux", "efi"), default="linux")
    parser.add_argument("--vmm", default="minimal", help="name of a built VMM, or an image's path")
    parser.add_argument("--args", default="", help="command line of the VMM (key=value ...)")
    parser.add_argument("--bare", action="store_true", help="boot without launching a VMM")
    parser.add_argument("--exec", metavar="COMMAND", help="what to run in the control VM "
                        "(default: a shell on a terminal, else 'bfm status')")
    parser.add_argument("--timeout", type=float, default=0, metavar="SECONDS",
                        help="time limit of the command")
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
    groups = list(machine.package_groups)
    if "stress-ng" in options.host_programs:
        groups.append("stress")
    _install(options, groups)
    return run.run(machine, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bf", description="Bareframe's front door.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = _common()
    _add_run(commands, common)
    return parser


class _Usage(argparse.ArgumentParser):
    pass


def main(arguments: List[str]) -> int:
    """Parse, act, and turn errors into messages and exit statuses."""
    try:
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

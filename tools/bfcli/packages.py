# SPDX-License-Identifier: MIT
"""Distribution packages: what each kind of work needs, and installing what is missing."""

import os
import shutil
import sys
from typing import Dict, Iterable, List, Tuple

from . import process
from .ui import BfError, ask, note, step

GROUPS: Dict[str, Tuple[str, ...]] = {
    # The presets build the unit tests too.
    "build": ("cmake", "gcc", "g++", "libc6-dev", "libcmocka-dev", "binutils", "make"),
    "clang": ("clang", "lld", "libclang-rt-dev"),
    "module": ("gcc-12", "make", "libc6-dev", "binutils", "libelf1"),
    "guest": ("busybox-static", "kmod", "xz-utils", "zstd"),
    "amd": ("qemu-system-x86",),
    "intel": ("bochs", "bochs-term", "bochsbios", "vgabios", "gcc", "binutils"),
    "unit": ("libcmocka-dev",),
    "coverage": ("gcovr",),
    "stress": ("stress-ng",),
    "package": ("dpkg-dev", "lintian", "dkms"),
    "check": ("clang-format", "clang-tidy", "doxygen", "git", "file"),
}
UPDATE_SECONDS = 300
INSTALL_SECONDS = 1200


def missing(groups: Iterable[str]) -> List[str]:
    """The packages of these groups that are not installed."""
    wanted = sorted({name for group in groups for name in GROUPS[group]})
    if not shutil.which("dpkg-query"):
        raise BfError("this is not a Debian system (no dpkg-query)",
                      "use Debian 12, or install these yourself and pass --no-install: "
                      + " ".join(wanted))
    _, output = process.attempt(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *wanted],
        seconds=60, what="asking dpkg for installed packages")
    present = {line.split()[1] for line in output.splitlines() if line.startswith("installed ")}
    return [name for name in wanted if name not in present]


def _may_install(names: List[str], assume_yes: bool) -> bool:
    if assume_yes or os.environ.get("CI"):
        return True
    if not sys.stdin.isatty():
        return False
    return ask(f"Install {len(names)} Debian package(s): {' '.join(names)}?")


def _as_root(argv: List[str]) -> List[str]:
    if os.geteuid() == 0:
        return argv
    if not shutil.which("sudo"):
        raise BfError("installing packages needs root, and there is no sudo",
                      "as root run: " + " ".join(argv))
    return ["sudo", *argv]


def _apt(arguments: List[str], seconds: float, what: str) -> None:
    process.run(_as_root(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments]),
                seconds=seconds, what=what, foreground=True,
                remedy="check the network and /etc/apt/sources.list, then run the command again")


def ensure(groups: Iterable[str], assume_yes: bool, install: bool = True) -> None:
    """Install what is missing of these groups, after asking where a person can answer."""
    if not install:
        return
    names = missing(groups)
    if not names:
        return
    command = "apt-get install " + " ".join(names)
    if not _may_install(names, assume_yes):
        raise BfError(f"missing Debian packages: {' '.join(names)}",
                      f"run again with -y, or as root: {command}")
    step(f"Installing {len(names)} Debian package(s)")
    note(" ".join(names))
    _apt(["update", "-qq"], UPDATE_SECONDS, "apt-get update")
    _apt(["install", "-y", "-qq", "--no-install-recommends", *names], INSTALL_SECONDS,
         "apt-get install")

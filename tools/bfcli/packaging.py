# SPDX-License-Identifier: MIT
"""bf package: Debian packages through CPack, looked at by lintian."""

import argparse
from pathlib import Path
from typing import List

from . import build, packages, process, sdk
from .paths import ROOT
from .ui import BfError, note, step

SECONDS = 600


def make() -> List[Path]:
    """Build the tree and make the packages; gives their files."""
    folder = build.build_tree(sdk.PRESET)
    step("Making Debian packages")
    for old in (folder / "packages").glob("*.deb"):
        old.unlink()
    process.run(["cpack", "-G", "DEB", "--config", folder / "CPackConfig.cmake"], cwd=folder,
                seconds=SECONDS, what="making Debian packages")
    found = sorted((folder / "packages").glob("*.deb"))
    if not found:
        raise BfError(f"CPack left no package in {folder}/packages")
    return found


def lint(files: List[Path]) -> None:
    """Let lintian look at packages; errors and warnings fail."""
    process.run(["lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning", *files],
                seconds=SECONDS, what="lintian", cwd=ROOT,
                remedy="set right what lintian names; cmake/deb has the packages' own files")


def package(options: argparse.Namespace) -> int:
    """Make the packages and say where they are."""
    groups = ["build", "unit"] + ([] if options.no_lint else ["package"])
    packages.ensure(groups, options.yes, not options.no_install)
    files = make()
    if not options.no_lint:
        step("Looking at them with lintian")
        lint(files)
    for path in files:
        note(f"{path} ({path.stat().st_size >> 10} KiB)")
    return 0

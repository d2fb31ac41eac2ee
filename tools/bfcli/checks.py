# SPDX-License-Identifier: MIT
"""bf check: every executable in tools/checks is a check that exits non-zero on a finding."""

import argparse
import os
from typing import List

from . import build, packages, process
from .paths import BUILD, ROOT
from .results import Report, Result
from .ui import EX_USAGE, BfError, Stopwatch, step

FOLDER = ROOT / "tools" / "checks"
SECONDS = 1200
SKIPPED = 77


def _names() -> List[str]:
    if not FOLDER.is_dir():
        raise BfError(f"there are no checks: {FOLDER} is not there", "check out the whole tree",
                      EX_USAGE)
    return sorted(path.name for path in FOLDER.iterdir()
                  if path.is_file() and os.access(path, os.X_OK))


def check(options: argparse.Namespace) -> int:
    """Run all checks, or the named ones, and list the verdicts."""
    names = _names()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        raise BfError(f"no check '{unknown[0]}'", "use some of: " + ", ".join(names), EX_USAGE)
    packages.ensure(["build", "unit", "check", "clang"], options.yes, not options.no_install)
    if not options.no_build:
        build.build_preset("gcc")
    report = Report()
    for name in options.names or names:
        step(f"Check {name}")
        watch = Stopwatch()
        status, output = process.attempt([FOLDER / name], cwd=ROOT, seconds=SECONDS,
                                         what=f"check {name}", env={"BF_BUILD_DIR": str(BUILD)})
        result = Result(name, "check", output=output.splitlines(), seconds=watch.seconds)
        verdict = "ok" if status == 0 else "skip" if status == SKIPPED else "not ok"
        last = output.strip().splitlines()[-1:] or [""]
        result.checks.append((verdict, last[0] if status == SKIPPED else
                              name if status == 0 else f"{name} ended with status {status}"))
        report.add(result)
    return report.close()

# SPDX-License-Identifier: MIT
"""bf test: unit tests, coverage, fuzzing, machine tests on both emulators, the matrix, the SDK."""

import argparse
from typing import Iterable, List, Set

from . import (build, case_runner, cases, coverage, fuzz, hook_table, kernels, matrix, packages,
               sdk_testing, unit)
from .case_runner import Job
from .results import Report
from .ui import Stopwatch, note, step

# Left to "all", or to be asked for by name, so that the default ends within 25 minutes.
SLOW = {"coverage", "fuzz"}
KINDS = ("default", "unit", "coverage", "fuzz", "machine", "matrix", "sdk", "all", "hooks")


def parts(options: argparse.Namespace) -> Set[str]:
    """What is to be run: words in KINDS between "default" and "all", which have the table of hooks
    in their unit and machine tests, or "hooks" for that table alone."""
    if options.cases:
        chosen = {"machine"}
    elif options.what in ("default", "all"):
        # --coverage alone asks for nothing but that.
        alone = options.coverage and options.what == "default"
        chosen = set() if alone else set(KINDS) - {"default", "all", "hooks"}
        if options.what == "default":
            chosen -= SLOW
    else:
        chosen = {options.what}
    return chosen | ({"coverage"} if options.coverage else set())


def _quick(options: argparse.Namespace) -> bool:
    """Whether the short form of a part will do."""
    return options.quick or options.what == "default"


def _unit_presets(options: argparse.Namespace) -> List[str]:
    """The builds whose unit tests are run: the second compiler only where there is time."""
    return [*unit.PRESETS] + (["clang"] if options.what == "all" else [])


def _groups(options: argparse.Namespace, jobs: Iterable[Job]) -> Set[str]:
    groups = {"build"}
    if parts(options) & {"unit", "coverage", "hooks"}:
        groups.add("unit")
    if "clang" in _unit_presets(options):
        groups.add("clang")
    if "coverage" in parts(options):
        groups.add("coverage")
    if "fuzz" in parts(options):
        groups.update({"unit", "clang"})
    if "sdk" in parts(options):
        groups.update(sdk_testing.groups(_quick(options)))
    for machine, chosen in jobs:
        groups.update(machine.package_groups)
        groups.add("module")
        if any("stress-ng" in case.words("host-programs") for case in chosen):
            groups.add("stress")
    return groups


def _jobs(options: argparse.Namespace) -> "tuple[List[Job], List[Job]]":
    """(case jobs, matrix jobs)"""
    chosen: List[Job] = []
    cells: List[Job] = []
    if "machine" in parts(options):
        chosen = case_runner.jobs_of(cases.load(tuple(options.cases)),
                                     _quick(options) and not options.cases)
    if "hooks" in parts(options):
        chosen = case_runner.jobs_of(cases.load((hook_table.CASE,)))
    if "matrix" in parts(options):
        cells = matrix.jobs(_quick(options))
    kinds = options.only or ("amd", "intel", "amd-bochs")
    return ([job for job in chosen if job[0].kind in kinds],
            [job for job in cells if job[0].kind in kinds])


def _say_left(options: argparse.Namespace) -> None:
    """Name the cases that the short form leaves out."""
    if "machine" not in parts(options) or options.cases or not _quick(options):
        return
    left = [f"{case.name} ({kind})" for case in cases.load() for kind in case.kinds
            if case.is_long(kind)]
    if left:
        note("left to 'bf test machine' and 'bf test all': " + ", ".join(left))


def _build(options: argparse.Namespace, jobs: List[Job]) -> None:
    build.build_preset("gcc")
    for series in sorted({machine.kernel for machine, _ in jobs}):
        build.build_module(kernels.get(series))
    for series in sorted({machine.kernel for machine, chosen in jobs
                          if any(case.words("test-modules") for case in chosen)}):
        build.build_test_modules(kernels.get(series))


def test(options: argparse.Namespace) -> int:
    """Run the chosen tests; the exit status is non-zero when any failed."""
    watch = Stopwatch()
    chosen, cells = _jobs(options)
    packages.ensure(sorted(_groups(options, chosen + cells)), options.yes, not options.no_install)
    report = Report()
    if chosen or cells:
        _build(options, chosen + cells)
    if "unit" in parts(options):
        unit.run(_unit_presets(options), report)
    if "coverage" in parts(options):
        coverage.run(report)
    if "fuzz" in parts(options):
        fuzz.run(options.seconds, report)
    if "hooks" in parts(options):
        hook_table.run_mock(report)
    if chosen or cells:
        step("Machine tests on QEMU and Bochs, side by side")
        _say_left(options)
        case_runner.run_jobs(chosen + cells, report)
    if "hooks" in parts(options):
        hook_table.show(report)
    if cells:
        step("Matrix: the same image, started, compared with the bare machine, stopped")
        matrix.show(report, {case_runner.place(machine): machine for machine, _ in cells})
    if "sdk" in parts(options):
        sdk_testing.run(options, _quick(options), report)
    note(f"done in {watch}")
    return report.close()

# SPDX-License-Identifier: MIT
"""bf test in a project: its tests on the mock machine, and its cases on emulated machines."""

import argparse
from typing import List

from . import build, case_runner, cases, kernels, packages, project, unit
from .case_runner import Job
from .machine import KINDS as MACHINES
from .results import Report
from .ui import EX_USAGE, BfError, Stopwatch, note, step

KINDS = ("unit", "machine", "all")


def _jobs(options: argparse.Namespace) -> List[Job]:
    if options.what == "unit" and not options.cases:
        return []
    chosen = cases.load(tuple(options.cases))
    if not chosen and options.what == "machine":
        raise BfError("the project has no machine test", "put one into tests/machine/cases",
                      EX_USAGE)
    return [job for job in case_runner.jobs_of(chosen)
            if job[0].kind in (options.only or MACHINES)]


def _machine_tests(jobs: List[Job], report: Report) -> None:
    build.build_preset("gcc")
    for kernel in {job[0].kernel for job in jobs}:
        build.ensure_module(kernels.get(kernel))
        if any(case.words("test-modules") for machine, chosen in jobs for case in chosen
               if machine.kernel == kernel):
            build.build_test_modules(kernels.get(kernel))
    step("Machine tests on QEMU and Bochs, side by side")
    case_runner.run_jobs(jobs, report)


def test(options: argparse.Namespace) -> int:
    """Run the chosen tests of the project; the exit status is non-zero when any failed."""
    project.required()
    watch, report, jobs = Stopwatch(), Report(), _jobs(options)
    groups = {"build", "unit"} | ({"module"} if jobs else set())
    for machine, _ in jobs:
        groups.update(machine.package_groups)
    packages.ensure(sorted(groups), options.yes, not options.no_install)
    if options.what in ("unit", "all") and not options.cases:
        unit.run(unit.PRESETS, report)
    if jobs:
        _machine_tests(jobs, report)
    note(f"done in {watch}")
    return report.close()

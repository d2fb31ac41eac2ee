# SPDX-License-Identifier: MIT
"""bf demo: from nothing to a VMM under a running Linux, step by step."""

import argparse

from . import boot, build, kernels, packages, plan, run
from .machine import Machine
from .paths import INSTALLED
from .ui import emit, step

VMM = "cpuid_count"
SECONDS = {"amd": 300.0, "intel": 900.0, "amd-bochs": 900.0}
PLAN = """\
mark section command
sh /bf/demo.sh
status=$?
mark section none
mark exit $status
[ $status = 0 ] || { vmm_log; kernel_log; }
"""


def demo(options: argparse.Namespace) -> int:
    """Install, build, boot, launch, look, stop, twice."""
    machine = Machine(options.machine, smp=2)
    packages.ensure(["build", "module", *machine.package_groups], options.yes,
                    not options.no_install)
    if INSTALLED:
        build.ensure_module(kernels.get(machine.kernel))
    else:
        build.build(["gcc"], [machine.kernel])
    archive = plan.archive(machine, plan.Payload(vmms=(VMM,), driver=True,
                                                 programs=("hvid", "cpuid_loop")), PLAN)
    work = boot.work_folder()
    step(f"Booting the workstation ({machine.title})")
    handler = run.RunHandler(machine, SECONDS[machine.kind], work, False)
    try:
        outcome = run.boot_and_follow(machine, archive, work, handler)
    except BaseException:
        boot.discard(work)
        raise
    finally:
        handler.close()
    status = run.finish(handler, outcome, work, False)
    emit("Demo: the VMM ran under the running Linux, twice, and left it sound."
         if status == 0 else "Demo: FAILED, see above.")
    return status

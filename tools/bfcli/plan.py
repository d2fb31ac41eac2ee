# SPDX-License-Identifier: MIT
"""The scripts that the emulated workstation follows, and what goes into its initramfs."""

import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Tuple

from . import artifacts, initramfs, kernels
from .machine import Machine
from .ui import EX_USAGE, BfError


@dataclass
class Payload:
    """What is put into the workstation besides busybox."""

    vmms: Tuple[str, ...] = ()
    driver: bool = False
    programs: Tuple[str, ...] = ()
    modules: Tuple[str, ...] = ("msr", "cpuid")
    test_modules: Tuple[str, ...] = ()
    host_programs: Tuple[str, ...] = ()
    files: List["tuple[str, bytes]"] = field(default_factory=list)


def archive(machine: Machine, payload: Payload, plan: str) -> initramfs.Archive:
    """The initramfs of a boot."""
    kernel = kernels.get(machine.kernel)
    result = initramfs.base()
    modules = initramfs.add_modules(result, kernel, payload.modules)
    if payload.driver:
        result.file("bf/bareframe.ko", artifacts.driver(kernel).read_bytes(), 0o644)
        result.file("bf/bfm", artifacts.bfm().read_bytes())
    for name in payload.test_modules:
        module = artifacts.test_module(kernel, name)
        result.file(f"bf/{name}.ko", module.read_bytes(), 0o644)
    for name in payload.vmms:
        result.file(f"bf/{Path(name).stem}.elf", artifacts.vmm(name).read_bytes(), 0o644)
    for program in artifacts.programs(payload.programs):
        result.file(f"bf/{program.name}", program.read_bytes())
    for name in payload.host_programs:
        initramfs.add_host_program(result, host_program(name))
    for path, data in payload.files:
        result.file(path, data)
    load = f"load_modules {shlex.join(modules)}\n" if modules else ""
    result.file("bf/plan", (load + plan).encode())
    return result


def host_program(name: str) -> Path:
    """A program of the build machine by name or path."""
    found = shutil.which(name)
    if not found:
        raise BfError(f"the host program '{name}' is not installed",
                      "install it or leave it out", EX_USAGE)
    return Path(found).resolve()

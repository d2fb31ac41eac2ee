# SPDX-License-Identifier: MIT
"""The Intel workstation (and a second AMD one): Bochs, booted from a small ISO."""

from .emulator import Running
from .machine import BootFiles, Machine

KERNEL_CMDLINE = ("nokaslr",)


def start(machine: Machine, boot: BootFiles) -> Running:
    raise NotImplementedError

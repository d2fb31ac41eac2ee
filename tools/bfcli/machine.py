# SPDX-License-Identifier: MIT
"""What an emulated workstation is made of."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Tuple

from .kernels import Kernel
from .ui import EX_USAGE, BfError

KINDS = ("amd", "intel", "amd-bochs")
DEFAULT_CPU = {"amd": "max", "intel": "corei7_skylake_x", "amd-bochs": "trinity_apu"}
DEFAULT_MEMORY = {"amd": 512, "intel": 256, "amd-bochs": 256}
SMALLEST_MEMORY = 128
MOST_CPUS = {"amd": 64, "intel": 8, "amd-bochs": 8}


@dataclass(frozen=True)
class Machine:
    """An emulated workstation. `cpu` may be empty for the default model of the kind."""

    kind: str
    cpu: str = ""
    smp: int = 2
    memory: int = 0
    kernel: str = "6.1"
    icount: bool = False
    gdb: bool = False
    cmdline: Tuple[str, ...] = field(default=())
    vmx_locked_off: bool = False  # the firmware has disabled VT-x (intel)

    @property
    def model(self) -> str:
        return self.cpu or DEFAULT_CPU[self.kind]

    @property
    def megabytes(self) -> int:
        return self.memory or DEFAULT_MEMORY[self.kind]

    @property
    def emulator(self) -> str:
        return "QEMU" if self.kind == "amd" else "Bochs"

    @property
    def package_groups(self) -> Tuple[str, ...]:
        return ("guest", "amd") if self.kind == "amd" else ("guest", "intel")

    @property
    def title(self) -> str:
        return (f"{self.emulator}, {self.model}, {self.smp} CPU(s), {self.megabytes} MiB, "
                f"kernel {self.kernel}")

    def check(self) -> None:
        """Refuse what cannot work before any work is done."""
        if not 1 <= self.smp <= MOST_CPUS[self.kind]:
            raise BfError(f"--smp {self.smp} is out of range",
                          f"{self.kind} takes 1 to {MOST_CPUS[self.kind]} CPUs", EX_USAGE)
        if self.megabytes < SMALLEST_MEMORY:
            raise BfError(f"--memory {self.megabytes} is too small for Debian's kernel",
                          f"give at least {SMALLEST_MEMORY} MiB", EX_USAGE)
        if self.icount and self.kind != "amd":
            raise BfError(f"--icount does nothing on {self.kind}",
                          "leave it out: Bochs always counts one tick per instruction", EX_USAGE)
        if self.icount and self.smp != 1:
            raise BfError(f"--icount with --smp {self.smp}: QEMU counts exactly with 1 CPU only",
                          "give --smp 1", EX_USAGE)
        if self.gdb and self.kind != "amd":
            raise BfError(f"--gdb: Debian's Bochs ({self.kind}) has no gdb stub",
                          "use --machine amd", EX_USAGE)


@dataclass(frozen=True)
class BootFiles:
    """What one boot starts from."""

    kernel: Kernel
    initrd: Path
    work: Path
    cmdline: str
    interactive: bool = False

# SPDX-License-Identifier: MIT
"""Machine-test cases: shell scripts with a header that says what machine they need."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

from . import project
from .machine import KINDS, Machine
from .paths import ROOT
from .ui import EX_USAGE, BfError

FOLDER = ROOT / "tests" / "machine" / "cases"
LIBRARY = ROOT / "tests" / "machine" / "lib.sh"
HEADER = re.compile(r"^# ([a-z-]+):[ \t]*(.*)$")
KEYS = ("machines", "smp", "memory", "cpu", "kernel", "cmdline", "firmware", "vmm", "args",
        "launch", "programs", "host-programs", "modules", "test-modules", "timeout", "compare",
        "long", "filter", *(f"filter-{kind}" for kind in KINDS), "kernel-log")
DEFAULT_TIMEOUT = {"amd": "120", "intel": "400", "amd-bochs": "400"}
DEFAULT_VMM = "minimal"


@dataclass(frozen=True)
class Case:
    """One script with its header."""

    name: str
    script: str
    header: Dict[str, str] = field(default_factory=dict, hash=False)

    def value(self, key: str, kind: str, default: str = "") -> str:
        """A header value, where 'amd=4 intel=2' gives different machines different values."""
        text = self.header.get(key, default)
        chosen = dict(re.findall(r"(?:^|\s)(amd-bochs|amd|intel)=(\S*)", text))
        return chosen.get(kind, default) if chosen else text

    @property
    def kinds(self) -> List[str]:
        return self.header.get("machines", "amd intel").split()

    def machine(self, kind: str) -> Machine:
        """The machine that this case needs."""
        return Machine(kind, self.value("cpu", kind), int(self.value("smp", kind, "1")),
                       int(self.value("memory", kind, "0")), self.value("kernel", kind, "6.1"),
                       cmdline=tuple(self.value("cmdline", kind).split()),
                       vmx_locked_off=self.header.get("firmware") == "no-vmx")

    @property
    def launched(self) -> bool:
        return self.header.get("launch", "yes") == "yes"

    @property
    def compared(self) -> bool:
        return self.header.get("compare", "") == "bare"

    @property
    def vmm(self) -> str:
        return self.header.get("vmm", DEFAULT_VMM)

    def is_long(self, kind: str) -> bool:
        """Whether the case is left out on this kind of machine where there is little time."""
        return kind in self.words("long")

    def words(self, key: str, default: str = "") -> Tuple[str, ...]:
        return tuple(self.header.get(key, default).split())

    def seconds(self, kind: str) -> float:
        return float(self.value("timeout", kind, DEFAULT_TIMEOUT[kind]))

    def filters(self, kind: str) -> str:
        """What both outputs of a comparison go through, on this kind of machine."""
        return "\n".join(self.header[key] for key in ("filter", f"filter-{kind}")
                         if key in self.header)

    def guest_call(self, kind: str) -> str:
        """The line of the workstation's plan that runs this case."""
        way = "compare" if self.compared else "launched" if self.launched else "alone"
        return shlex.join(["run_case", self.name, way, Path(self.vmm.split()[0]).stem,
                           self.header.get("args", ""), self.filters(kind),
                           self.header.get("kernel-log", "clean")])


def parse(name: str, text: str) -> Case:
    """Read the header: the comment lines before the first line of code."""
    header: Dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            break
        match = HEADER.match(line)
        if match and match.group(1) in KEYS:
            header[match.group(1)] = match.group(2).strip()
    case = Case(name, text, header)
    unknown = [kind for kind in case.kinds if kind not in KINDS]
    if unknown:
        raise BfError(f"case {name}: unknown machine '{unknown[0]}'",
                      f"use some of: {', '.join(KINDS)}", EX_USAGE)
    return case


def load(names: "tuple[str, ...]" = ()) -> List[Case]:
    """All cases, or the named ones."""
    own = project.current()
    folder = own / "tests" / "machine" / "cases" if own else FOLDER
    found = {path.stem: path for path in sorted(folder.glob("*.sh"))}
    missing = [name for name in names if name not in found]
    if missing:
        raise BfError(f"no machine-test case '{missing[0]}'",
                      "use some of: " + (", ".join(found) or f"none, {folder} has no case"),
                      EX_USAGE)
    return [parse(name, found[name].read_text()) for name in (names or found)]

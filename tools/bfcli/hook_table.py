# SPDX-License-Identifier: MIT
"""bf test hooks: every hook, on both vendors, on the mock machine and on the emulated ones."""

import re
from typing import Dict, List

from . import process
from .artifacts import build_dir
from .results import Report, Result
from .ui import emit, step

CASE = "hooks"
TEST = "test_hook_table"
SECONDS = 120.0
COLUMNS = ("VMX mock", "VMX machine", "SVM mock", "SVM machine")
ROW = re.compile(r"hook (\S+)\s+(VMX|SVM) (mock|machine)\s+([^:]*)(?:: (.*))?$")
PASSED = re.compile(r"\[\s*(OK|FAILED)\s*\] (\w+)$")


def run_mock(report: Report) -> None:
    """The half that needs no machine."""
    step("Hooks on the mock machine")
    result = Result(TEST, "mock")
    status, output = process.attempt([build_dir() / "gcc" / "tests" / "unit" / TEST],
                                     seconds=SECONDS, what=TEST)
    for line in output.splitlines():
        result.line(line)
        ended = PASSED.match(line)
        if ended:
            result.checks.append(("ok" if ended.group(1) == "OK" else "not ok", ended.group(2)))
    if status and not result.count("not ok"):
        result.fail(f"{TEST} ended with status {status}")
    report.add(result)


def _cells(lines: List[str]) -> "tuple[Dict[str, Dict[str, str]], List[str]]":
    """(hook to column to word, remarks)"""
    table: Dict[str, Dict[str, str]] = {}
    remarks: List[str] = []
    for line in lines:
        found = ROW.match(line)
        if not found:
            remarks.append(line)
            continue
        name, vendor, place, what, why = found.groups()
        table.setdefault(name, {})[f"{vendor} {place}"] = what.split(";")[0].strip()
        if why:
            remarks.append(f"{name}, {vendor} {place}: {what.strip()}: {why}")
    return table, remarks


def show(report: Report) -> None:
    """Print the table of all that has run."""
    table, remarks = _cells([line for result in report.results for line in result.table])
    columns = [column for column in COLUMNS if any(column in row for row in table.values())]
    width = max((len(name) for name in table), default=0)
    emit("  ".join(["hook".ljust(width), *(column.ljust(12) for column in columns)]).rstrip())
    for name, row in table.items():
        emit("  ".join([name.ljust(width), *(row.get(column, "-").ljust(12)
                                             for column in columns)]).rstrip())
    emit("\n".join(remarks))

# SPDX-License-Identifier: MIT
"""Unit tests through ctest, plain and under the sanitizers, counted test by test."""

import re
from pathlib import Path
from typing import Dict, Iterable

from . import build, process
from .paths import ROOT
from .results import Report, Result
from .ui import BfError, Stopwatch, step

PRESETS = ("gcc", "asan")
SECONDS = 900
DONE = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.*\s*(.*?)\s+([\d.]+) sec")
CMOCKA = re.compile(r"^(\d+): \[\s*(PASSED|FAILED|SKIPPED)\s*\] (\d+) test\(s\)")
VERDICTS = {"PASSED": "ok", "FAILED": "not ok", "SKIPPED": "skip"}


def run(presets: Iterable[str], report: Report) -> None:
    """Build and test each preset."""
    for preset in presets:
        folder = build.build_preset(preset)
        step(f"Unit tests, preset {preset}")
        for result in _test(preset, folder):
            report.add(result)


def _test(preset: str, folder: Path) -> Iterable[Result]:
    watch = Stopwatch()
    status, output = process.attempt(
        ["ctest", "--test-dir", folder, "-V", "--parallel", str(build.jobs())], cwd=ROOT,
        seconds=SECONDS, what=f"unit tests of preset {preset}")
    (folder / "unit.log").write_text(output)
    results = list(_parse(preset, output).values())
    if not results:
        raise BfError(f"ctest ran no unit test in {folder} (status {status})",
                      f"see {folder}/unit.log")
    if status and not any(result.count("not ok") for result in results):
        results[-1].fail(f"ctest ended with status {status} after {watch}")
    return results


def _parse(preset: str, output: str) -> Dict[str, Result]:
    """One result per test program; its checks are CMocka's tests."""
    counts: Dict[str, Dict[str, int]] = {}
    lines: Dict[str, list] = {}
    results: Dict[str, Result] = {}
    for line in output.splitlines():
        number, _, text = line.partition(": ")
        if number.isdigit():
            lines.setdefault(number, []).append(text)
        summary = CMOCKA.match(line)
        if summary:
            sums = counts.setdefault(summary.group(1), {})
            word = VERDICTS[summary.group(2)]
            sums[word] = sums.get(word, 0) + int(summary.group(3))
        done = DONE.match(line)
        if done:
            number, name, verdict, seconds = done.groups()
            results[number] = _result(preset, name, verdict, counts.get(number, {}))
            results[number].seconds = float(seconds)
            results[number].output = lines.get(number, [])
    return results


def _result(preset: str, name: str, verdict: str, sums: Dict[str, int]) -> Result:
    result = Result(name, f"unit {preset}")
    for word, amount in sums.items():
        result.checks += [(word, name)] * amount
    passed = verdict.startswith("Passed")
    if not sums and passed:
        result.checks.append(("ok", name))
    elif verdict.lstrip("*").startswith(("Skipped", "Not Run (Disabled)")):
        result.checks.append(("skip", f"{name}: {verdict}"))
    elif not passed and not result.count("not ok"):
        result.fail(f"{name}: {verdict.lstrip('*')}")
    return result

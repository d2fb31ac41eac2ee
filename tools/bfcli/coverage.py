# SPDX-License-Identifier: MIT
"""bf test coverage: how much of the VMM the unit tests run, as gcovr counts it."""

import json
import os
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Set, Tuple

from . import build, process, unit
from .paths import BUILD, ROOT
from .results import Report, Result
from .ui import Stopwatch, emit, note, step

PRESET = "coverage"
SECONDS = 300
# What fails below these percentages, and what is only shown.
LINES, BRANCHES = 90.0, 80.0
JUDGED = ("bfvmm/core", "bfvmm/mem", "bfvmm/sched", "bfvmm/vm")
SHOWN = ("bfvmm/include", "bfvmm/arch/x86_64/common", "bfvmm/arch/x86_64/vmx",
         "bfvmm/arch/x86_64/svm", "bfdrivers/common", "bfdrivers/bfm")
# What only an image or the build has any use for; neither has a line that could run.
NO_CODE = ("note.c", "offsets.c")
HEAD = ("file", "lines", "of", "%", "branches", "of", "%")


class Count(NamedTuple):
    """Lines and branches: those that ran, and all."""

    lines: int = 0
    line_total: int = 0
    branches: int = 0
    branch_total: int = 0

    def plus(self, other: "Count") -> "Count":
        return Count(*(mine + its for mine, its in zip(self, other)))

    @property
    def line_percent(self) -> float:
        return 100.0 * self.lines / self.line_total if self.line_total else 100.0

    @property
    def branch_percent(self) -> float:
        return 100.0 * self.branches / self.branch_total if self.branch_total else 100.0


Counts = Dict[str, Count]


def counts_of(summary: Dict[str, Any]) -> Counts:
    """File name -> count, from gcovr's JSON summary."""
    return {entry["filename"]: Count(entry["line_covered"], entry["line_total"],
                                     entry["branch_covered"], entry["branch_total"])
            for entry in summary["files"]}


def within(counts: Counts, folder: str) -> Counts:
    return {name: count for name, count in sorted(counts.items())
            if name.startswith(folder + "/")}


def total(counts: Iterable[Count]) -> Count:
    found = Count()
    for count in counts:
        found = found.plus(count)
    return found


def sources(root: Path, folder: str) -> List[str]:
    """The C files of a folder that have code, relative to the root."""
    return sorted(str(path.relative_to(root)) for path in (root / folder).rglob("*.c")
                  if path.name not in NO_CODE)


def compiled(folder: Path, root: Path) -> Set[str]:
    """The sources that the tests are built from, relative to the root. Some are data alone."""
    entries = json.loads((folder / "compile_commands.json").read_text())
    return {os.path.relpath(entry["file"], root) for entry in entries}


def judge(counts: Counts, tested: Set[str], root: Path, folder: str) -> Result:
    """Holds one folder to the limits; a source that no test has is a failure too."""
    result = Result(folder, PRESET)
    wanted = sources(root, folder)
    if not wanted:
        result.checks.append(("skip", f"{folder} has no source"))
        return result
    found = total(within(counts, folder).values())
    for what, percent, least in (("lines", found.line_percent, LINES),
                                 ("branches", found.branch_percent, BRANCHES)):
        result.checks.append(("ok" if percent >= least else "not ok",
                              f"{folder}: {percent:.1f} % of the {what} run, "
                              f"at least {least:.0f} % wanted"))
    for name in wanted:
        if name not in tested:
            result.fail(f"{name} is in no unit test")
    return result


def _row(name: str, count: Count) -> Tuple[str, ...]:
    return (name, str(count.lines), str(count.line_total), f"{count.line_percent:.1f}",
            str(count.branches), str(count.branch_total), f"{count.branch_percent:.1f}")


def table(counts: Counts) -> str:
    """Files and sums of the judged folders, then the sums of the others."""
    rows: List[Tuple[str, ...]] = [HEAD]
    judged = [within(counts, folder) for folder in JUDGED]
    for folder, files in zip(JUDGED, judged):
        rows += [_row("  " + name, count) for name, count in files.items()]
        rows += [_row(folder, total(files.values()))] if files else []
    rows.append(_row("all of these", total(count for files in judged
                                           for count in files.values())))
    for folder in SHOWN:
        files = within(counts, folder)
        rows += [_row(f"{folder} (not judged)", total(files.values()))] if files else []
    widths = [max(len(row[index]) for row in rows) for index in range(len(HEAD))]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *(
        word.rjust(width) for word, width in zip(row[1:], widths[1:]))]) for row in rows)


def _gcovr(folder: Path) -> Dict[str, Any]:
    """Runs gcovr once over the counters, and makes the page and the summary from what it found."""
    page, summary, raw = folder / "report" / "index.html", folder / "summary.json", folder / "raw"
    page.parent.mkdir(exist_ok=True)
    filters = [word for name in (*JUDGED, *SHOWN) for word in ("--filter", f"{ROOT}/{name}/")]
    process.run(["gcovr", "--root", ROOT, *filters, "-j", str(build.jobs()), "--json", raw, folder],
                cwd=ROOT, seconds=SECONDS, what="reading the coverage counters",
                remedy=f"remove {folder} and run again")
    process.run(["gcovr", "--root", ROOT, "--add-tracefile", raw, "--html-details", page,
                 "--json-summary", summary], cwd=ROOT, seconds=SECONDS,
                what="making the coverage report")
    note(f"every line: {page}")
    return json.loads(summary.read_text())


def run(report: Report) -> None:
    """Build with counters, run the unit tests, show what they ran, and hold it to the limits."""
    folder = BUILD / PRESET
    for counter in folder.rglob("*.gcda"):
        counter.unlink()
    unit.run([PRESET], report)
    watch = Stopwatch()
    step("Coverage of the unit tests, by gcovr, nothing left out")
    counts = {name: count for name, count in counts_of(_gcovr(folder)).items()
              if (ROOT / name).is_file()}
    emit(table(counts))
    for name in JUDGED:
        result = judge(counts, compiled(folder, ROOT), ROOT, name)
        result.seconds = watch.seconds
        report.add(result)

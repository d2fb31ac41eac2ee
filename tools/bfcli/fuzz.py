# SPDX-License-Identifier: MIT
"""bf test fuzz: libFuzzer on the targets of tests/fuzz, a fixed number of inputs or for a time."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, NamedTuple

from . import build, process
from .results import Report, Result
from .ui import Stopwatch, note, step

PRESET = "fuzz"
SEED = 1
SECONDS = 600
DONE = re.compile(r"^Done (\d+) runs in ", re.M)
# What is of use of the words of libFuzzer and the sanitizers.
TOLD = re.compile(r"^(==\d+==|SUMMARY:|\s+#\d+ 0x|.*runtime error:|artifact_prefix=|Base64:)")


class Target(NamedTuple):
    """How much of a target is enough for a test that is the same each time."""

    runs: int
    longest: int  # input, in bytes


TARGETS: Dict[str, Target] = {
    "bfm": Target(20000, 200),
    "elf": Target(5000, 400),
    "emulate": Target(100000, 64),
    "hypercall": Target(500, 200),
    "insn": Target(100000, 32),
    "ioctl": Target(4000, 400),
    "option": Target(5000, 600),
    "s2": Target(500, 200),
    "walk": Target(10000, 400),
}


def command(folder: Path, name: str, seconds: float) -> List[object]:
    """The command line for a target. With a time limit it goes on from what it has found before."""
    target, findings = TARGETS[name], folder / "findings"
    words: List[object] = [folder / PRESET / f"fuzz_{name}", f"-max_len={target.longest}",
                           "-len_control=0", "-timeout=60",
                           f"-artifact_prefix={findings}/{name}-"]
    if seconds:
        corpus = folder / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        return [*words, f"-max_total_time={int(seconds + 0.5)}", corpus]
    return [*words, f"-seed={SEED}", f"-runs={target.runs}"]


def _run(folder: Path, name: str, seconds: float, report: Report) -> None:
    result, watch = Result(name, PRESET), Stopwatch()
    words = command(folder, name, seconds)
    status, output = process.attempt(words, seconds=seconds + SECONDS, what=f"fuzzing {name}")
    done = DONE.search(output)
    if status == 0 and done:
        result.checks.append(("ok", f"{done.group(1)} inputs"))
    else:
        result.output = [line for line in output.splitlines() if TOLD.match(line)]
        result.fail(f"an input breaks it (status {status}); give it the file that it names: "
                    f"{words[0]}")
    result.seconds = watch.seconds
    report.add(result)


def run(seconds: float, report: Report) -> None:
    """Build all targets and feed each: with a fixed sequence of inputs, or for some seconds."""
    folder = build.build_tree(PRESET)
    (folder / "findings").mkdir(exist_ok=True)
    step("Fuzzing: " + (f"{seconds:g} s a target" if seconds else "the same inputs each time"))
    with ThreadPoolExecutor(build.jobs()) as pool:
        for done in [pool.submit(_run, folder, name, seconds, report) for name in TARGETS]:
            done.result()
    if seconds:
        note(f"what leads to new code is kept in {folder}/corpus")

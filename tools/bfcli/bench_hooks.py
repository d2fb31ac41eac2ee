# SPDX-License-Identifier: MIT
"""bf bench hooks: what each further hook adds to an exit."""

import argparse
from itertools import pairwise
from typing import List, Optional

from . import bench
from .ui import note

COUNTS = (0, 1, 2, 4, 8)
KEY = "cpuid0_ticks_min"
PER_HOOK = 15  # instructions, that of the hook itself included


def name(hooks: int) -> str:
    """What the figures of so many hooks are kept under."""
    return f"hooks{hooks}"


PLACES = tuple(bench.Place(name(count), "many_hooks", f"hooks={count}") for count in COUNTS)


def slopes(figures: bench.Figures) -> List[Optional[float]]:
    """Instructions a hook, between one number of hooks and the next; the first hook is apart."""
    costs = [bench.net(figures, (name(count), KEY)) for count in COUNTS[1:]]
    return [None if low is None or high is None else (high - low) / (more - fewer)
            for (low, high), (fewer, more) in zip(pairwise(costs), pairwise(COUNTS[1:]))]


def holds(figures: bench.Figures) -> bool:
    """Linear: each hook costs what any other does; and not more than it may."""
    found = slopes(figures)
    return all(slope is not None and 0 < slope <= PER_HOOK for slope in found) and \
        len(set(found)) == 1


def bench_hooks(options: argparse.Namespace) -> int:
    """Measure with several numbers of hooks, and print the table."""
    results = bench.measure(options, PLACES)
    rows = [(f"{count} hooks on CPUID", bench.nets(results, (name(count), KEY)))
            for count in COUNTS]
    for index, (fewer, more) in enumerate(pairwise(COUNTS[1:])):
        cells = [slopes(figures)[index] for figures in results]
        rows.append((f"each hook from {fewer} to {more}",
                     tuple("?" if cell is None else f"{cell:g}" for cell in cells)))
    print(bench.table("net instructions of one CPUID exit", rows))
    missed = [column.title for column, figures in zip(bench.COLUMNS, results)
              if not holds(figures)]
    note(f"wanted: each hook behind the first adds the same, at most {PER_HOOK} instructions")
    note("so it is" if not missed else f"not so: {'; '.join(missed)}")
    return 1 if missed else 0

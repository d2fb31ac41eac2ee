# SPDX-License-Identifier: MIT
"""bf bench exit: what a CPUID exit costs, beside what it costs with other hypervisors."""

import argparse

from . import bench
from .ui import note

# The targets are for a default exit: no hook anywhere, and a leaf that the VMM passes on as it is.
JUDGED = ("core", "cpuid0_ticks_min")
ROWS = (
    ("core (no hook), leaf 0: passed on", JUDGED),
    ("core (no hook), leaf 1: bits changed", ("core", "cpuid1_ticks_min")),
    ("minimal (one CPUID hook), leaf 0", ("minimal", "cpuid0_ticks_min")),
    ("minimal (one CPUID hook), leaf 1", ("minimal", "cpuid1_ticks_min")),
)
PLACES = (bench.Place("core", "core"), bench.Place("minimal", "minimal"))
PEERS = (
    ("Jailhouse 0.12 (no hooks)", ("109", "122", "122")),
    ("ksm", ("130", "-", "-")),
    ("SimpleVisor", ("137", "-", "-")),
    ("BitVisor", ("439", "350", "350")),
    ("Xen 4.17 (PVH dom0)", ("887", "739", "2678")),
    ("KVM 6.1, mitigations off", ("964", "1185", "2810")),
    ("KVM 6.1, default", ("1060", "1316", "2899")),
)


def bench_exit(options: argparse.Namespace) -> int:
    """Measure bare and under the VMM, and print the table."""
    results = bench.measure(options, PLACES)
    rows = [(f"Bareframe {title}", bench.nets(results, row)) for title, row in ROWS]
    rows.append(("target of the first row",
                 tuple(f"<= {column.target}" for column in bench.COLUMNS)))
    print(bench.table("net instructions of one CPUID exit", [*rows, *PEERS]))
    missed = [column.title for column, figures in zip(bench.COLUMNS, results)
              if (bench.net(figures, JUDGED) or 1 << 30) > column.target]
    note(f"judged: {ROWS[0][0]}; the other rows have no target of their own")
    note("every target is met" if not missed else f"target missed: {'; '.join(missed)}")
    places = ("bare", *(place.name for place in PLACES))
    print(f"ticks of every measured leaf ({' / '.join(places)}):")
    for column, figures in zip(bench.COLUMNS, results):
        print(f"  {column.title}: " + ", ".join(
            " ".join([key, "/".join(str(figures[place].get(key, "?")) for place in places)])
            for key in figures["bare"] if key != "rounds"))
    return 1 if missed else 0

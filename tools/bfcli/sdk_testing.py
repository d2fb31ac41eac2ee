# SPDX-License-Identifier: MIT
"""bf test sdk: install the SDK, hide the source tree, and work as a user of it does."""

import argparse
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, Sequence

from . import build, cage, kernels, packaging, process, sdk, tutorial_testing, version
from .kernels import DEFAULT_SERIES
from .paths import ROOT, cache_dir
from .results import Report, Result
from .tutorial_testing import CLEAN
from .ui import BfError, Stopwatch, note, step

SESSIONS = ROOT / "tests" / "sdk"
GROUPS = ("build", "unit", "clang", "module", "guest", "amd", "intel")
MACHINES = ("amd", "intel")
SESSION_SECONDS = 1200
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def groups(quick: bool) -> List[str]:
    """The groups of Debian packages that the test needs."""
    return [*GROUPS] + ([] if quick else ["package"])


class Place:
    """A folder outside of the tree with an SDK, the sessions, and an empty folder to work in."""

    def __init__(self, base: Path) -> None:
        self.base, self.work, self.here = base, base / "work", base / "sessions"
        self.prefix = base / "a place" / "bareframe"
        self.work.mkdir()
        shutil.copytree(SESSIONS, self.here)
        self.hides = ""

    def install(self) -> None:
        """Install, and then move what is installed: nothing may know where it was."""
        first = self.base / "first"
        process.run(["cmake", "--install", build.build_tree(sdk.PRESET), "--prefix", first],
                    cwd=ROOT, seconds=120, what="installing the SDK")
        self.prefix.parent.mkdir()
        first.rename(self.prefix)

    def environment(self, **more: object) -> Dict[str, str]:
        """What a session finds."""
        path = f"{self.prefix / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {"HERE": str(self.here), "SDK": str(self.prefix), "TREE": str(ROOT), "PATH": path,
                **{name: str(value) for name, value in more.items()}}

    def can_hide(self) -> bool:
        """Whether the tree can be hidden, with all that is still needed out of it."""
        apart = not any(ROOT in path.parents for path in (self.base, cache_dir()))
        return apart and cage.works(cage.hiding(ROOT, ["true"]))


def _session(place: Place, argv: Sequence[object], name: str, where: str, report: Report,
             environment: Dict[str, str]) -> None:
    """Run one script and take its verdicts."""
    result, watch = Result(name, where), Stopwatch()
    status, output = process.attempt([*CLEAN, *argv], cwd=place.work, seconds=SESSION_SECONDS,
                                     what=f"session {name}", env=environment)
    for line in output.splitlines():
        result.line(line)
    if not result.checks:
        result.fail(f"the session reported nothing and ended with status {status}")
    result.seconds = watch.seconds
    report.add(result)


def _sessions(place: Place, kinds: List[str], report: Report) -> None:
    """The project, and the tutorial beside it: an emulator keeps one CPU busy."""
    hidden = place.can_hide()
    if not hidden:
        result = Result("hidden tree", "sdk")
        result.checks.append(("skip", "the source tree stays visible: no mount namespaces here, "
                              "or the cache is inside of the tree"))
        report.add(result)

    def caged(argv: List[object]) -> List[object]:
        return [*cage.hiding(ROOT, argv)] if hidden else argv

    def project() -> None:
        for script in ("project", "machine"):
            _session(place, caged(["sh", place.here / f"{script}.sh"]), script, "sdk", report,
                     place.environment(MACHINES=" ".join(kinds)))

    step("The SDK: the tutorial, and a project" + (", without the source tree" if hidden else ""))
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(project),
                     pool.submit(tutorial_testing.run, place.base / "reader", caged, kinds,
                                 report)]:
            done.result()


def _packages(place: Place, report: Report) -> None:
    """Make the packages; install, use and remove them in a view of the system."""
    result, watch = Result("lintian", "packages"), Stopwatch()
    debs = packaging.make()
    step("The packages: lintian, then dpkg in a view of this system")
    try:
        packaging.lint(debs)
        result.checks.append(("ok", "lintian finds nothing"))
    except BfError as error:
        result.output += str(error).splitlines()
        result.fail("lintian finds something")
    result.seconds = watch.seconds
    report.add(result)
    for path in debs:
        shutil.copy(path, place.base)
    scratch, kernel = place.base / "scratch", kernels.get(DEFAULT_SERIES)
    scratch.mkdir()

    def in_view(*argv: object) -> List[str]:
        return cage.in_view(scratch, (place.base, cache_dir()), ROOT, argv)

    if os.geteuid() or not place.can_hide() or not cage.works(in_view("true")):
        result = Result("packages", "packages")
        result.checks.append(("skip", "dpkg is not run: that needs root and overlay mounts"))
        report.add(result)
        return
    _session(place, in_view("sh", place.here / "packages.sh"), "packages", "packages", report,
             {**place.environment(DEBS=place.base, RELEASE=kernel.release, HEADERS=kernel.headers,
                                  VERSION=version.release()), "PATH": SYSTEM_PATH})


def run(options: argparse.Namespace, quick: bool, report: Report) -> None:
    """The whole test, or without the packages, in a folder that is removed afterwards."""
    machines = [kind for kind in MACHINES if kind in (options.only or MACHINES)]
    base = Path(tempfile.mkdtemp(prefix="bf-sdk-"))
    try:
        place = Place(base)
        place.install()
        _sessions(place, machines, report)
        if not quick:
            _packages(place, report)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    note("the SDK's folder is removed")

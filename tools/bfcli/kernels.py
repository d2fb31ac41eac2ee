# SPDX-License-Identifier: MIT
"""Debian kernels with their headers, unpacked into the cache and never installed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

from . import process
from .apt import Archive, newest
from .paths import atomic_dir, cache_dir, locked
from .ui import EX_USAGE, BfError, note, step

SERIES = ("6.1", "6.12")
DEFAULT_SERIES = "6.1"
KERNEL_DEPENDS = re.compile(r"(?:^|, )(linux-(?:headers|kbuild|compiler)-[a-z0-9.+-]+)")


@dataclass(frozen=True)
class Kernel:
    """One unpacked kernel: image, modules and a tree to build modules against."""

    series: str
    release: str
    root: Path

    @property
    def image(self) -> Path:
        return self.root / "boot" / f"vmlinuz-{self.release}"

    @property
    def modules(self) -> Path:
        return self.root / "lib" / "modules" / self.release / "kernel"

    @property
    def headers(self) -> Path:
        return self.root / "usr" / "src" / f"linux-headers-{self.release}"

    def module(self, name: str) -> Path:
        """The file of a loadable module, which may be compressed."""
        wanted = name.replace("_", "-")
        for path in self.modules.rglob("*.ko*"):
            if path.name.split(".ko")[0].replace("_", "-") == wanted:
                return path
        raise BfError(f"kernel {self.release} has no module '{name}'",
                      f"look below {self.modules} for the names it has", EX_USAGE)


def _cached(series: str) -> Optional[Kernel]:
    """The newest unpacked kernel of a series, if there is one."""
    folder = cache_dir("kernels")
    names = [path.name for path in folder.iterdir()
             if path.name.startswith(series + ".") and not path.name.startswith(".")]
    if not names:
        return None
    release = max(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
    return Kernel(series, release, folder / release)


def _pick_release(archive: Archive, series: str) -> Dict[str, str]:
    """Image and headers (package -> version) of the newest kernel of a series."""
    known = archive.versions("linux-image-amd64")
    metas = {version: known[version] for version in known if version.startswith(series + ".")}
    if not metas:
        raise BfError(f"Debian's archive has no kernel of series {series}",
                      f"use one of: {', '.join(SERIES)}")
    version = newest(list(metas))
    match = re.search(r"linux-image-(\S+)", metas[version])
    if not match:
        raise BfError(f"linux-image-amd64 {version} names no kernel package",
                      "report this: Debian's packaging has changed")
    image = match.group(0)
    packages = {image: version}
    _add_with_depends(archive, image.replace("linux-image-", "linux-headers-"), version, packages)
    return packages


def _add_with_depends(archive: Archive, name: str, version: str, packages: Dict[str, str]) -> None:
    """Add a package and, through its Depends, the other packages of the kernel's own source."""
    known = archive.versions(name)
    if not known:
        raise BfError(f"Debian's archive has no package {name}", "run again later")
    chosen = version if version in known else newest(list(known))
    packages[name] = chosen
    for other in KERNEL_DEPENDS.findall(known[chosen]):
        if other not in packages:
            _add_with_depends(archive, other, version, packages)


def _relocate_headers(root: Path, release: str) -> None:
    """Make the header tree work from where it is: no absolute path to /usr may stay."""
    sources = root / "usr" / "src"
    for makefile in sources.glob("linux-headers-*/Makefile"):
        text = makefile.read_text()
        if "include /usr/src/" in text:
            makefile.write_text(re.sub(r"include /usr/src/([^/\s]+)/",
                                       r"include $(dir $(lastword $(MAKEFILE_LIST)))../\1/", text))
    common = f"linux-headers-{release.replace('-amd64', '-common')}"
    (sources / f"linux-headers-{release}" / "source").symlink_to(f"../{common}")
    build = root / "lib" / "modules" / release
    for name, target in (("build", f"linux-headers-{release}"), ("source", common)):
        link = build / name
        if link.is_symlink():
            link.unlink()
        link.symlink_to(Path("../../../usr/src") / target)


def _unpack(debs: List[Path], root: Path) -> None:
    for deb in debs:
        process.run(["dpkg", "-x", deb, root], seconds=300, what=f"unpacking {deb.name}",
                    remedy="check the free disk space")
        deb.unlink()


def _fetch(series: str) -> Kernel:
    archive = Archive()
    step(f"Unpacking Debian's kernel {series} and its headers into the cache (once)")
    packages = _pick_release(archive, series)
    release = next(name for name in packages if name.startswith("linux-image-"))
    release = release[len("linux-image-"):]
    target = cache_dir("kernels") / release
    with atomic_dir(target) as work:
        note(f"downloading {', '.join(sorted(packages))}")
        debs = archive.download(packages, work)
        note("unpacking")
        _unpack(debs, work)
        _relocate_headers(work, release)
    archive.clean()
    return Kernel(series, release, target)


def get(series: str) -> Kernel:
    """The kernel of a series, from the cache or from Debian's archive."""
    if series not in SERIES:
        raise BfError(f"unknown kernel '{series}'", f"use one of: {', '.join(SERIES)}", EX_USAGE)
    found = _cached(series)
    if found:
        return found
    with locked("kernels"):
        return _cached(series) or _fetch(series)

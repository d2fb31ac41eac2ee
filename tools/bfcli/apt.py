# SPDX-License-Identifier: MIT
"""A private view of the Debian archive: own sources, lists and cache, nothing of the system's."""

import re
import shutil
from functools import cmp_to_key
from pathlib import Path
from typing import Dict, List, Tuple

from . import process
from .paths import atomic_write, cache_dir
from .ui import BfError, note

ARCHIVE = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
UPDATE_SECONDS = 240
DOWNLOAD_SECONDS = 900
QUERY_SECONDS = 60


def _mirrors() -> Tuple[str, str]:
    """The archive and security mirrors that the system already uses, or Debian's own."""
    archive, security = ARCHIVE, SECURITY
    status, output = process.attempt(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)",
         "Created-By: Packages"], seconds=QUERY_SECONDS, what="asking apt for its mirrors")
    for line in output.splitlines() if status == 0 else ():
        uri, _, codename = line.partition(" ")
        if codename == "bookworm":
            archive = uri.rstrip("/")
        elif codename == "bookworm-security":
            security = uri.rstrip("/")
    return archive, security


def _sources() -> str:
    archive, security = _mirrors()
    signed = f"[arch=amd64 signed-by={KEYRING}]"
    return "".join(f"deb {signed} {uri} {suite} main\n" for uri, suite in (
        (archive, "bookworm"), (archive, "bookworm-updates"),
        (security, "bookworm-security"), (archive, "bookworm-backports")))


class Archive:
    """Queries and downloads through apt with a state folder of our own."""

    def __init__(self) -> None:
        self.base = cache_dir("apt")
        for name in ("lists/partial", "archives/partial", "etc"):
            (self.base / name).mkdir(parents=True, exist_ok=True)
        self.sources = self.base / "etc" / "sources.list"
        self.fresh = False

    def _options(self) -> List[str]:
        values: Dict[str, object] = {
            "Dir::Etc::SourceList": self.sources,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State::Lists": self.base / "lists",
            "Dir::Cache": self.base,
            "Dir::Cache::Archives": self.base / "archives",
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            "APT::Sandbox::User": "",
            "APT::Update::Post-Invoke-Success": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "30",
            "Debug::NoLocking": "1",
        }
        return [word for key, value in values.items() for word in ("-o", f"{key}={value}")]

    def refresh(self) -> None:
        """Fetch the package lists, once per run."""
        if self.fresh:
            return
        note("reading Debian's package lists into the cache")
        atomic_write(self.sources, _sources().encode())
        process.run(["apt-get", *self._options(), "update", "-qq"], seconds=UPDATE_SECONDS,
                    what="reading Debian's package lists",
                    remedy="check the network (deb.debian.org must be reachable)")
        self.fresh = True

    def versions(self, package: str) -> Dict[str, str]:
        """Version -> Depends of every version of a package in the archive."""
        self.refresh()
        _, output = process.attempt(
            ["apt-cache", *self._options(), "show", "--all-versions", package],
            seconds=QUERY_SECONDS, what=f"asking apt about {package}")
        found: Dict[str, str] = {}
        for record in output.split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", record, re.M))
            # The installed copy on this system has a Status field; it is not from the archive.
            if "Version" in fields and "Status" not in fields:
                found[fields["Version"]] = fields.get("Depends", "")
        return found

    def download(self, packages: Dict[str, str], folder: Path) -> List[Path]:
        """Download the given versions of packages into a folder."""
        self.refresh()
        words = [f"{name}={version}" for name, version in sorted(packages.items())]
        process.run(["apt-get", *self._options(), "download", "-qq", *words], cwd=folder,
                    seconds=DOWNLOAD_SECONDS, what=f"downloading {', '.join(words)}",
                    remedy="check the network and the free disk space, then run again")
        files = sorted(folder.glob("*.deb"))
        if len(files) != len(packages):
            raise BfError(f"apt-get download left {len(files)} of {len(packages)} packages "
                          f"in {folder}", "run the command again")
        return files

    def clean(self) -> None:
        """Drop the package lists (some 50 MB) when the work is done."""
        shutil.rmtree(self.base, ignore_errors=True)


def newest(versions: List[str]) -> str:
    """The highest of some Debian versions."""
    def compare(left: str, right: str) -> int:
        status, _ = process.attempt(["dpkg", "--compare-versions", left, "gt", right],
                                    seconds=QUERY_SECONDS, what="comparing versions")
        return 1 if status == 0 else -1
    return sorted(versions, key=cmp_to_key(compare))[-1]

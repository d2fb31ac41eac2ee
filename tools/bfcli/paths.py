# SPDX-License-Identifier: MIT
"""Where things are: the source tree or what is installed of it, its build folder, the cache."""

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional

from .ui import note

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BF_BUILD_DIR") or ROOT / "build").resolve()
GUEST_FILES = Path(__file__).resolve().parent / "guest"
INSTALLED = (ROOT / "install.json").is_file()
BF = "bf" if INSTALLED else "./bf"


def cache_dir(*parts: str) -> Path:
    """A folder below the user's cache, made when it does not exist."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    path = Path(base, "bareframe", *parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def atomic_dir(target: Path) -> Iterator[Path]:
    """A temporary sibling folder that becomes `target` only when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield work
        work.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def atomic_write(target: Path, data: bytes) -> None:
    """Write a file so that readers see the old or the new content, never a part."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(name, 0o644)
        os.rename(name, target)
    except BaseException:
        os.unlink(name)
        raise


@contextmanager
def locked(name: str, folder: Optional[Path] = None) -> Iterator[None]:
    """Hold a lock of a folder, or of the cache: one process at a time does the named work."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with open((folder or cache_dir()) / f".{name}.lock", "w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"waiting for another ./bf that does the same work ({name})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield

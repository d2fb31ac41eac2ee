# SPDX-License-Identifier: MIT
"""Running a command where something of this system is hidden or may be changed at will.

By mount namespaces: nothing outlives the command, nobody else sees it. Not every system lets
everybody make one.
"""

import os
from pathlib import Path
from typing import List, Sequence

from . import process

SECONDS = 60
HIDE = 'mount -t tmpfs none "$0" && exec "$@"'
# A copy-on-write view of the whole system, in memory; then the shared folders up to "--".
VIEW = """\
mount -t tmpfs none "$0" && mkdir "$0/upper" "$0/work" "$0/view" || exit
mount -t overlay none -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/view" || exit
hidden=$1
shift
for folder in /proc /dev /sys; do mount --rbind $folder "$0/view$folder" || exit; done
while [ "$1" != -- ]; do
	mkdir -p "$0/view$1" && mount --rbind "$1" "$0/view$1" || exit
	shift
done
shift
mkdir -p "$0/view$hidden" && mount -t tmpfs none "$0/view$hidden" && exec chroot "$0/view" "$@"
"""


def _unshare() -> List[str]:
    return ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])


def hiding(folder: Path, argv: Sequence[object]) -> List[str]:
    """The command, but to it the folder is empty."""
    return [*_unshare(), "sh", "-c", HIDE, str(folder), *map(str, argv)]


def in_view(scratch: Path, shared: Sequence[Path], hidden: Path,
            argv: Sequence[object]) -> List[str]:
    """The command in a view of the system: it may change all and changes nothing but the shared
    folders. The hidden one is empty there. `scratch` is an empty folder that the view needs."""
    return [*_unshare(), "sh", "-c", VIEW, str(scratch), str(hidden), *map(str, shared), "--",
            *map(str, argv)]


def works(argv: Sequence[object]) -> bool:
    """Whether a command made by the above ends well."""
    status, _ = process.attempt(argv, seconds=SECONDS, what="trying a mount namespace")
    return status == 0

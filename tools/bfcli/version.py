# SPDX-License-Identifier: MIT
"""Which Bareframe this is."""

import re
from typing import Dict

from . import sdk
from .paths import INSTALLED, ROOT

NUMBER = re.compile(r'^#define BF_(VERSION_TEXT|API_MAJOR|API_MINOR)\s+"?([\d.]+)"?', re.M)


def _said() -> Dict[str, str]:
    if INSTALLED:
        return sdk.installation()
    header = (ROOT / "bfsdk" / "include" / "bareframe" / "version.h").read_text()
    found = dict(NUMBER.findall(header))
    return {"release": found["VERSION_TEXT"],
            "api": f"{found['API_MAJOR']}.{found['API_MINOR']}"}


def release() -> str:
    """The number of the release."""
    return _said()["release"]


def text() -> str:
    """Release, API version, and where it is."""
    where = f"installed in {sdk.prefix()}" if INSTALLED else f"source tree {ROOT}"
    return f"bf: Bareframe {release()}, API {_said()['api']}, {where}"

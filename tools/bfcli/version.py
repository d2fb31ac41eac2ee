# SPDX-License-Identifier: MIT
"""Which Bareframe this is."""

import re

from . import sdk
from .paths import INSTALLED, ROOT

NUMBER = re.compile(r'^#define BF_(VERSION_TEXT|API_MAJOR|API_MINOR)\s+"?([\d.]+)"?', re.M)


def text() -> str:
    """Release, API version, and where it is."""
    if INSTALLED:
        said = sdk.installation()
        return f"bf: Bareframe {said['release']}, API {said['api']}, installed in {sdk.prefix()}"
    header = (ROOT / "bfsdk" / "include" / "bareframe" / "version.h").read_text()
    found = dict(NUMBER.findall(header))
    return (f"bf: Bareframe {found['VERSION_TEXT']}, API {found['API_MAJOR']}."
            f"{found['API_MINOR']}, source tree {ROOT}")

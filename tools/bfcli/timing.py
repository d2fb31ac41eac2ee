# SPDX-License-Identifier: MIT
"""Time limits. BF_TIMEOUT_SCALE stretches all of them on a slow or loaded machine."""

import os

from .ui import EX_USAGE, BfError


def scale() -> float:
    """The factor for every time limit."""
    text = os.environ.get("BF_TIMEOUT_SCALE", "1")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise BfError(f"BF_TIMEOUT_SCALE is '{text}', not a positive number",
                      "unset it or set it to a number such as 2", EX_USAGE)
    return value


def limit(seconds: float) -> float:
    """A time limit in seconds after scaling."""
    return seconds * scale()

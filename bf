#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Front door of Bareframe for people: run './bf --help'."""

import os
import sys

if sys.version_info < (3, 9):
    sys.exit("bf: needs Python 3.9 or newer, this is %d.%d" % sys.version_info[:2])

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "tools"))
sys.dont_write_bytecode = True

from bfcli.main import main  # noqa: E402 (the path must be set first)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

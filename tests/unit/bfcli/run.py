# SPDX-License-Identifier: MIT
"""Runs the tests of one file and counts them in the words of CMocka: python3 run.py test_NAME."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "tools")]


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
    result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(suite)
    bad = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    skipped = {test.id() for test, _ in result.skipped}
    for word, amount in (("PASSED", max(0, result.testsRun - len(bad) - len(skipped))),
                         ("SKIPPED", len(skipped)), ("FAILED", len(bad))):
        if amount:
            print(f"[  {word}  ] {amount} test(s).")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Implementation of the ./bf command: one concern per file, standard library only."""

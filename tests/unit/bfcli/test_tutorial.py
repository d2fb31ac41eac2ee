# SPDX-License-Identifier: MIT
"""The tutorial's runner: what it makes of a text, and that it sees what is wrong."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bfcli import tutorial, tutorial_testing
from bfcli.results import Report, Result
from bfcli.tutorial import Command, Edit, Wrong, compare

TEXT = """\
# A text
<!-- in the tree -->
```console
$ make it
```

```console
$ look \\
    --closely
a … b
…
$ go
```
<!-- status: 3 -->
```console
$ false
```
<!-- below: a.c: two -->
```c
	three
```
"""


class Reading(unittest.TestCase):
    """From a text to steps."""

    def test_steps(self) -> None:
        self.assertEqual(tutorial.steps(TEXT), [
            Command(4, "make it", [], 0, True),
            Command(8, "look --closely", ["a … b", "…"]),
            Command(12, "go"),
            Command(16, "false", [], 3),
            Edit(19, "below", "a.c", "two", "\tthree\n"),
        ])

    def test_every_block_has_a_meaning(self) -> None:
        for block in ("```c\nint a;\n```", "```console\nno command\n```", "```console\n$ a\n",
                      "<!-- below: a.c -->\n```c\nx\n```", "<!-- write -->\n```c\nx\n```",
                      "<!-- shown: a.c -->\n\n```c\nx\n```"):
            with self.subTest(block=block), self.assertRaises(Wrong):
                tutorial.steps(f"text\n{block}\n" if block.endswith("```") else block)

    def test_the_tutorial_itself(self) -> None:
        steps = tutorial.steps(tutorial_testing.TEXT.read_text())
        said = [step.text for step in steps if isinstance(step, Command)]
        for wanted in ("bf new probe", "bf build", "bf test"):
            self.assertIn(wanted, said)
        for machine in ("amd", "intel"):
            self.assertTrue(any(f"bf run --machine {machine}" in text for text in said))


class Comparing(unittest.TestCase):
    """What is shown, and what was said."""

    def test_same(self) -> None:
        for shown, said in (([], "anything\n"), (["a", "b"], "a\nb\n"), (["a…c"], "abc\r\n"),
                            (["a", "…"], "a\nb\nc\n"), (["…", "c"], "a\nb\nc\n"),
                            (["a", "…", "c"], "a\nb\nc\n"), (["a", "…", "b"], "a\nb\n"),
                            (["x.y"], "x.y"), (["…"], ""), (["a"], "a  \n")):
            with self.subTest(shown=shown):
                self.assertEqual(compare(shown, said), "")

    def test_different(self) -> None:
        for shown, said, missing in (
                (["a"], "", "a"), (["a"], "b\n", "a"), (["a", "b"], "b\na\n", "a"),
                (["a", "b"], "a\nx\nb\n", "b"), (["x.y"], "xzy\n", "x.y"), (["ab"], "abc\n", "ab"),
                (["…", "b", "a"], "a\nb\n", "a"), (["a"], "a\nb\n", "nothing behind 'a'")):
            with self.subTest(shown=shown, said=said):
                self.assertEqual(compare(shown, said), missing)


class Editing(unittest.TestCase):
    """Edits of files."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "a.c").write_text("one\ntwo\nfour\n")

    def edited(self, kind: str, anchor: str, text: str) -> str:
        tutorial.apply(Edit(1, kind, "a.c", anchor, text), self.folder)
        return (self.folder / "a.c").read_text()

    def test_edits(self) -> None:
        self.assertEqual(self.edited("below", "wo", "three\n"), "one\ntwo\nthree\nfour\n")
        self.assertEqual(self.edited("above", "one", "zero\n"), "zero\none\ntwo\nthree\nfour\n")
        self.assertEqual(self.edited("write", "", "new\n"), "new\n")
        self.assertEqual(self.edited("shown", "", "new\n"), "new\n")

    def test_what_does_not_fit(self) -> None:
        for kind, anchor in (("above", "five"), ("below", "o"), ("shown", "")):
            with self.subTest(kind=kind), self.assertRaises(Wrong):
                self.edited(kind, anchor, "text\n")
        with self.assertRaisesRegex(Wrong, "there is no b.c"):
            tutorial.apply(Edit(1, "shown", "b.c", "", "x\n"), self.folder)


class Doing(unittest.TestCase):
    """Commands run one after the other, as in one shell."""

    def done(self, text: str) -> Result:
        report = Report()
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(tutorial_testing, "TEXT", tutorial_testing.ROOT / "text.md"), \
                mock.patch.object(Path, "read_text", autospec=True,
                                  side_effect=self.reader(text)), \
                mock.patch("bfcli.results.emit"):
            tutorial_testing.run(Path(folder) / "reader", lambda argv: argv, ["amd"], report)
        return report.results[0]

    def reader(self, text: str) -> "object":
        read = Path.read_text
        return lambda path, *more: text if path.name == "text.md" else read(path, *more)

    def test_state_is_kept(self) -> None:
        result = self.done("""
```console
$ mkdir sub && cd sub
$ export WORD="two words"
$ echo "$WORD in ${PWD##*/}"
two words in sub
$ echo "$HOME"
…/reader/home
```
<!-- write: file -->
```c
text
```
```console
$ cat file
text
```
""")
        self.assertEqual([verdict for verdict, _ in result.checks], ["ok"] * 6)

    def test_it_ends_at_what_is_wrong(self) -> None:
        for block, named in (("$ false\n$ true", "status 1, not 0"),
                             ("$ echo a\nb\n$ true", ": b")):
            with self.subTest(block=block):
                result = self.done(f"```console\n{block}\n```\n")
                self.assertEqual(len(result.checks), 1)
                self.assertEqual(result.verdict, "not ok")
                self.assertIn(named, result.checks[0][1])

    def test_machines_that_are_not_wanted(self) -> None:
        result = self.done("```console\n$ false --machine intel\n$ true --machine amd\n```\n")
        self.assertEqual(result.checks, [("ok", "line 3: true --machine amd")])

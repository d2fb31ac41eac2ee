# SPDX-License-Identifier: MIT
"""Makes docs/hooks.md of the public headers and of what the program hook_tables prints.

    python3 tests/unit/hook_reference.py build/gcc/tests/unit/hook_tables docs/hooks.md

With --check as the last word it compares instead, and fails if the file is not up to date.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Dict, List, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "bfsdk" / "include" / "bareframe"
COMMENT = r"/\*\*(?P<doc>(?:[^*]|\*(?!/))*)\*/\n"
STRUCT = re.compile(COMMENT + r"struct (?P<name>\w+) \{\n(?P<body>.*?)\n\};\n"
                    r"(?P<ranges>(?:\n?#define BF_\w+[^\n]*\n)*)", re.S)
RANGE = re.compile(r"#define (BF_\w+(?:\(first, last\))?)")
FIELD = re.compile(r"^\t(?P<type>[\w ]+?) (?P<names>\w+(?:\[\d+\])?(?:, \w+)*);"
                   r"(?:\s*/\*\*<\s*(?P<text>.*?)\s*\*/)?", re.M | re.S)
FUNCTION = re.compile(COMMENT + r"(?P<text>(?:int|void) (?P<name>bf_(?:hook|unhook)\w*)\([^;]*\));")
HANDLER = re.compile(r"typedef (?:enum bf_verdict|void) \(\*(\w+)\)\([^;]*\);")
HEAD = """\
<!-- SPDX-License-Identifier: MIT -->
# Hooks

Made from the headers of `bareframe/` and the VMM's tables by `tests/unit/hook_reference.py`.
[extensions.md](extensions.md) explains verdicts, priorities and contexts;
[exits.md](exits.md) has the raw exits of each vendor and what happens by default.

## Typed hooks

Each is two functions, of the same form:

```c
int bf_hook_NAME(struct bf_ext *ext, enum bf_vm_set vms, struct bf_range range, bf_NAME_fn fn,
		 void *ctx, int priority, struct bf_hook **handle);
int bf_hook_NAME_post(...); /* the same */
```

`bf_hook_NAME` runs `fn` before the default. Verdicts: `BF_PASS` (inputs may have been changed),
`BF_SKIP` (the results are given), `BF_DONE`, `BF_INJECT`, `BF_STOP`. `bf_hook_NAME_post` runs it
when the default has made its results, which it may change; its verdict is `BF_PASS`. Both return 0,
`BF_EINVAL`, `BF_ENOMEM`, or `BF_ENOTSUP` where the CPU cannot make such exits.

The columns VMX and SVM say for which keys of the range a recent CPU of that vendor has exits.

| hook | exit reason | highest key | VMX | SVM |
| --- | --- | --- | --- | --- |
"""


class Typed(NamedTuple):
    """A line of hook_tables."""

    name: str
    io: str
    reason: str
    last: int
    vmx: str
    svm: str


def tables(program: str) -> List[Typed]:
    """What the VMM's tables say."""
    said = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = []
    for line in said.splitlines():
        name, io, reason, last, vmx, svm = line.split("\t")
        rows.append(Typed(name, io, reason, int(last, 16), vmx.split(" ", 1)[1],
                          svm.split(" ", 1)[1]))
    return rows


def plain(doc: str) -> List[str]:
    """The paragraphs of a comment, in Markdown."""
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in doc.strip().split("\n")]
    text = "\n".join(line.replace("\t", " ") for line in lines)
    text = re.sub(r"(?m)\s*(@(?:param|return)\b|^- )", r"\n\n\1", text)
    text = re.sub(r"[@\\](?:c|p) (\w[\w.>-]*\w|\w)", r"`\1`", text).replace("\\#", "#")
    text = re.sub(r"@param\s+(\w+)", r"- `\1`:", text)
    text = re.sub(r"@return", "- returns", text)
    text = re.sub(r"(?<![`\w])(bf_\w+\(\)|BF_[A-Z]\w+)(?![`\w])", r"`\1`", text)
    return [re.sub(r"\s+", " ", part) for part in re.split(r"\n\s*\n", text) if part.strip()]


def wrapped(doc: str) -> str:
    """The same, ready to print; list items stay together."""
    parts, before = [], ""
    for part in plain(doc):
        item = part.startswith("- ")
        parts.append("" if item and before.startswith("- ") else "\n")
        parts.append(textwrap.fill(part, 100, subsequent_indent="  " if item else "",
                                   break_long_words=False, break_on_hyphens=False) + "\n")
        before = part
    return "".join(parts)


def fields(body: str) -> str:
    """A table of the members of a structure."""
    rows = "\n| field | type | meaning |\n| --- | --- | --- |\n"
    for match in FIELD.finditer(body):
        text = " ".join(plain(match["text"])) if match["text"] else ""
        for name in match["names"].split(", "):
            bare, bracket, count = name.partition("[")
            kind = match["type"] + (f"[{count}" if bracket else "")
            rows += f"| `{bare}` | `{kind}` | {text.replace('|', chr(92) + '|')} |\n"
    return rows


class Struct(NamedTuple):
    """A structure with its comment, and the macros for ranges that follow it."""

    doc: str
    body: str
    ranges: List[str]


def structures(text: str) -> Dict[str, Struct]:
    return {match["name"]: Struct(match["doc"], match["body"], RANGE.findall(match["ranges"]))
            for match in STRUCT.finditer(text)}


def typed_sections(rows: List[Typed], known: Dict[str, Struct]) -> str:
    text = ""
    for row in rows:
        last = f"{row.last:#x}" if row.last > 9 else str(row.last)
        text += (f"| [`bf_hook_{row.name}`](#bf_hook_{row.name}) | `{row.reason}` | {last} | "
                 f"{row.vmx} | {row.svm} |\n")
    for row in rows:
        struct = known[row.io]
        ranges = ", ".join(f"`{name}`" for name in struct.ranges or ["BF_RANGE_ALL"])
        text += f"\n### bf_hook_{row.name}\n" + wrapped(
            f"bf_hook_{row.name}() and bf_hook_{row.name}_post() at {row.reason}, with "
            f"`struct {row.io}`. Ranges: {ranges}. Keys with exits on VMX: {row.vmx}; on SVM: "
            f"{row.svm}.")
        text += wrapped(struct.doc) + fields(struct.body)
    return text


def other_sections(text: str, known: Dict[str, Struct]) -> str:
    """The functions that are not made from the list, with the structures of their handlers."""
    handlers = {match.group(1): match.group(0) for match in HANDLER.finditer(text)}
    result, shown = "\n## Other hooks\n", set()
    for match in FUNCTION.finditer(text):
        if match["name"] == "bf_hook_typed":
            continue
        code, kind = match["text"] + ";\n", re.search(r"\b(bf_\w+_fn) fn\b", match["text"])
        handler = handlers[kind.group(1)] if kind else ""
        result += f"\n### {match['name']}\n\n```c\n{code}{handler}{chr(10) * bool(handler)}```\n"
        result += wrapped(match["doc"])
        for name in re.findall(r"struct (\w+) \*", handler):
            if name in known and name not in shown:
                shown.add(name)
                result += f"\n`struct {name}`:\n" + fields(known[name].body)
    return result


def main(arguments: List[str]) -> int:
    """Write the page, or compare."""
    if len(arguments) < 2:
        sys.exit(__doc__)
    text = "\n".join((HEADERS / f"{name}.h").read_text() for name in ("typed", "hook", "s2"))
    known, page = structures(text), Path(arguments[1])
    made = HEAD + typed_sections(tables(arguments[0]), known) + other_sections(text, known)
    if arguments[2:] != ["--check"]:
        page.write_text(made)
    elif page.read_text() != made:
        print(f"{page} is not up to date; run: python3 {sys.argv[0]} {arguments[0]} {page}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

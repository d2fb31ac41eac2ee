# SPDX-License-Identifier: MIT
"""Finds locked operations and fences on the default exit path of a test binary.

usage: hot_path.py BINARY

Follows direct calls from the backends' C entries and from the slots that they reach by pointer.
What runs on rarer paths, and the mock that stands for the processor, ends the walk.
"""
import re
import subprocess
import sys

ROOTS = ("bf_vmx_exit", "bf_svm_exit_nrip", "bf_svm_exit_decode", "bf_default_cpuid")
COLD = re.compile(r"^(bf_hw_\w+|mock_\w+|other_\w+|patched|bf_vmx_advance_slowly|bf_svm_advance|"
                  r"bf_svm_step_flags|bf_exit_verdict|bf_\w*pending|bf_this_pcpu|"
                  r"__\w+|\w+@plt)$")
BAD = re.compile(r"^(lock\b|xchg\s.*\(|[lms]fence\b|cmpxchg|xadd)")


def functions(binary):
    """Maps each function to its instructions."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", binary], check=True,
                          capture_output=True, text=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.+)>:$", line)
        if head:
            # Static functions can share a name: one of them bad is bad enough.
            name = head[1]
            found.setdefault(name, [])
        elif name and "\t" in line:
            found[name].append(line.split("\t", 1)[1].strip())
    return found


def main():
    code = functions(sys.argv[1])
    todo, seen, bad = list(ROOTS), set(), []
    for root in ROOTS:
        if root not in code:
            sys.exit(f"{root} is not in {sys.argv[1]}: the list of roots is stale")
    while todo:
        name = todo.pop()
        if name in seen or COLD.match(name) or name not in code:
            continue
        seen.add(name)
        for insn in code[name]:
            if BAD.match(insn):
                bad.append(f"{name}: {insn}")
            target = re.match(r"(?:call|jmp)\s+[0-9a-f]+ <([^+>]+)>", insn)
            if target:
                todo.append(target[1])
    print(f"default exit path: {', '.join(sorted(seen))}")
    for line in bad:
        print(f"locked operation in {line}")
    print(f"{len(bad)} locked operations in {len(seen)} functions")
    sys.exit(1 if bad else 0)


main()

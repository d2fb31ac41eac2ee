# SPDX-License-Identifier: MIT
"""What one boot is made of, and how its end is judged."""

import struct
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from bfcli import bench, bench_exit, bench_hooks, boot, initramfs, kernels, run
from bfcli.channel import Channel
from bfcli.machine import Machine
from bfcli.session import PANIC, Outcome
from bfcli.ui import BfError

MARKED = b"hello\n\x01\x02phase one two\nrest\x01\x02end\n"


def entries(archive: bytes) -> "dict[str, tuple[int, bytes]]":
    """Name -> (mode, data) of a 'newc' archive, read as the kernel does."""
    found, at = {}, 0
    while True:
        assert archive[at:at + 6] == b"070701", at
        head = [int(archive[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = archive[at + 110:at + 110 + head[11] - 1].decode()
        at = (at + 110 + head[11] + 3) & ~3
        if name == "TRAILER!!!":
            return found
        assert name not in found, name
        found[name] = (head[1], archive[at:at + head[6]])
        at = (at + head[6] + 3) & ~3


class Channels(unittest.TestCase):
    """Marks in the byte stream of the workstation."""

    def events(self, *chunks: bytes) -> "list[tuple[str, object]]":
        channel, found = Channel(), []
        for chunk in chunks:
            for kind, value in channel.feed(chunk):
                if kind == "data" and found and found[-1][0] == "data":
                    found[-1] = ("data", found[-1][1] + value)
                else:
                    found.append((kind, value))
        return found

    def test_however_it_is_cut(self) -> None:
        whole = [("data", b"hello\n"), ("mark", ["phase", "one", "two"]), ("data", b"rest"),
                 ("mark", ["end"])]
        self.assertEqual(self.events(MARKED), whole)
        self.assertEqual(self.events(*(bytes([byte]) for byte in MARKED)), whole)
        for cut in range(len(MARKED)):
            self.assertEqual(self.events(MARKED[:cut], MARKED[cut:]), whole)

    def test_a_lone_first_byte_is_data(self) -> None:
        self.assertEqual(self.events(b"a\x01", b"b"), [("data", b"a\x01b")])


class Archives(unittest.TestCase):
    """The initramfs."""

    def test_entries(self) -> None:
        archive = initramfs.Archive()
        archive.file("a/b/c", b"12345", 0o644)
        archive.file("a/b/c", b"second")
        archive.symlink("a/l", "b/c")
        archive.device("dev/null", 1, 3)
        found = entries(archive.render())
        self.assertEqual(list(found), ["a", "a/b", "a/b/c", "a/l", "dev/null"])
        self.assertEqual(found["a/b/c"], (0o100644, b"12345"))
        self.assertEqual(found["a/l"], (0o120777, b"b/c"))
        self.assertEqual((found["a"][0], found["dev/null"][0]), (0o040755, 0o020600))

    def test_modules_come_after_what_they_need(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder, f"{name}.ko") for name in ("top", "middle", "base")}
            for name, needs in (("top", b"middle,base"), ("middle", b"base"), ("base", b"")):
                files[name].write_bytes(b"\0depends=" + needs + b"\0" + name.encode())
            kernel = SimpleNamespace(module=files.__getitem__)
            archive = initramfs.Archive()
            self.assertEqual(initramfs.add_modules(archive, kernel, ["top", "base"]),
                             ["base", "middle", "top"])
        self.assertIn("bf/modules/middle.ko", entries(archive.render()))


class Kernels(unittest.TestCase):
    """Which kernel is taken."""

    def test_newest_by_number(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("6.1.0-9-amd64", "6.1.0-37-amd64", "6.12.1-amd64", ".6.1.0-99.part"):
                Path(folder, name).mkdir()
            with mock.patch.object(kernels, "cache_dir", return_value=Path(folder)):
                self.assertEqual(kernels.get("6.1").release, "6.1.0-37-amd64")
                self.assertEqual(kernels.get("6.12").release, "6.12.1-amd64")

    def test_unknown(self) -> None:
        with self.assertRaisesRegex(BfError, "unknown kernel '2.4'"):
            kernels.get("2.4")

    def test_module(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            kernel = kernels.Kernel("6.1", "r", Path(folder))
            kernel.modules.mkdir(parents=True)
            (kernel.modules / "kvm-amd.ko.xz").touch()
            self.assertEqual(kernel.module("kvm_amd").name, "kvm-amd.ko.xz")
            with self.assertRaisesRegex(BfError, "has no module 'kvm'"):
                kernel.module("kvm")

    def test_command_line(self) -> None:
        self.assertIn("nokaslr", boot._cmdline(Machine("amd", smp=1, icount=True)).split())
        self.assertNotIn("nokaslr", boot._cmdline(Machine("amd")).split())
        self.assertEqual(boot._cmdline(Machine("intel", cmdline=("a=1", "b"))).split()[-2:],
                         ["a=1", "b"])


class Verdicts(unittest.TestCase):
    """How a run is judged."""

    def verdict(self, outcome: Outcome, status: object = None, failure: str = "",
                finished: bool = True) -> "tuple[int, str]":
        return run._verdict(SimpleNamespace(status=status, failure=failure,
                                            session=SimpleNamespace(finished=finished)), outcome)

    def test_table(self) -> None:
        off, late = Outcome("off"), Outcome("timeout", "no power-off")
        self.assertEqual(self.verdict(off, 0), (0, ""))
        self.assertEqual(self.verdict(off, 3), (3, ""))
        self.assertEqual(self.verdict(off), (run.EX_SOFTWARE, "the command did not run"))
        self.assertEqual(self.verdict(off, 0, "no stop"), (run.FAILED_LAUNCH, "no stop"))
        self.assertEqual(self.verdict(off, 5, "no stop"), (5, "no stop"))
        self.assertEqual(self.verdict(Outcome("panic", "boom"), 0), (run.EX_SOFTWARE, "boom"))
        self.assertEqual(self.verdict(late, 0)[0], run.EX_SOFTWARE)
        self.assertEqual(self.verdict(late, 4)[0], 4)
        self.assertEqual(self.verdict(late, 4, finished=False)[0], run.EX_SOFTWARE)

    def test_words_of_a_crash(self) -> None:
        for text in (b"Kernel panic - not syncing: x", b"BAREFRAME PANIC on CPU 0: x",
                     b"Oops: 0000 [#1]", b"BUG: unable to handle page fault",
                     b"00001p[CPU0 ] >>PANIC<< exception(): 3rd"):
            self.assertTrue(PANIC.search(text), text)
        for text in (b"all is well", b">>PANIC<< ACPI control: soft power off"):
            self.assertFalse(PANIC.search(text), text)


class Bench(unittest.TestCase):
    """Net costs."""

    def test_net(self) -> None:
        figures = {"bare": {"empty_ticks_min": 10, "cpuid0_ticks_min": 110},
                   "core": {"empty_ticks_min": 12, "cpuid0_ticks_min": 192}}
        self.assertEqual(bench.net(figures, bench_exit.JUDGED), 80)
        del figures["core"]["cpuid0_ticks_min"]
        self.assertIsNone(bench.net(figures, bench_exit.JUDGED))
        self.assertEqual(bench.nets([figures], bench_exit.JUDGED), ("?",))

    def test_hooks(self) -> None:
        def figures(*costs: int) -> bench.Figures:
            return {place: {bench.EMPTY: 3, bench_hooks.KEY: 3 + cost} for place, cost in
                    zip(("bare", *map(bench_hooks.name, bench_hooks.COUNTS)), (1, *costs))}

        self.assertTrue(bench_hooks.holds(figures(80, 300, 315, 345, 405)))
        for costs in ((80, 300, 316, 348, 412), (80, 300, 315, 344, 404), (80, 300, 300, 300, 300),
                      (80, 300, 315, 345)):
            self.assertFalse(bench_hooks.holds(figures(*costs)), costs)


class Flat(unittest.TestCase):
    """A kernel laid out in memory."""

    def test_segments(self) -> None:
        from bfcli import kernel_image
        base, elf = kernel_image.LOAD_ADDRESS, bytearray(0x200)
        struct.pack_into("<QQ", elf, 24, base + 4, 64)
        struct.pack_into("<HH", elf, 54, 56, 2)
        for number, (kind, offset, address, size) in enumerate(
                ((1, 0x100, base, 8), (1, 0x108, base + 0x10, 8))):
            struct.pack_into("<IIQQQQ", elf, 64 + 56 * number, kind, 5, offset, 0, address, size)
        elf[0x100:0x110] = b"AAAAAAAABBBB\0\0\0\0"
        image, entry = kernel_image._flatten(bytes(elf))
        self.assertEqual((image, entry), (b"A" * 8 + b"\0" * 8 + b"BBBB", base + 4))

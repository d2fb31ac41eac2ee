# SPDX-License-Identifier: MIT
"""Running machine-test cases: cases that need the same machine share its boot."""

import threading
import time
from collections import deque
from pathlib import Path
from typing import Deque, Dict, List, Optional, Sequence, Tuple

from . import boot, plan
from .cases import LIBRARY, Case
from .machine import Machine
from .results import Report, Result
from .session import Handler, Outcome, Session
from .ui import BfError, emit

BETWEEN_SECONDS = 120.0
CASES_A_BOOT = 6  # of Bochs
Job = Tuple[Machine, List[Case]]


class CaseHandler(Handler):
    """Turns the workstation's output into one result per case."""

    def __init__(self, machine: Machine, cases: Sequence[Case], place: str, report: Report) -> None:
        super().__init__()
        self.pending: Dict[str, Case] = {case.name: case for case in cases}
        self.current: Optional[Result] = None
        self._machine = machine
        self._place = place
        self._report = report
        self._partial = b""
        self._started = 0.0

    def data(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        if self.current:
            self.current.line(line.decode(errors="replace").rstrip("\r"))

    def mark(self, words: List[str]) -> None:
        if words[0] == "case-begin":
            case = self.pending.pop(words[1])
            self.current = Result(case.name, self._place)
            self._started = time.monotonic()
            self.session.allow(case.seconds(self._machine.kind), "the case did not end")
        elif words[0] == "case-end" and self.current:
            if self._partial:
                self.data(b"\n")
            if words[1] != "0" and not self.current.count("not ok"):
                self.current.fail(f"the script ended with status {words[1]}")
            self.finish()
            self.session.allow(BETWEEN_SECONDS, "nothing followed the case")
        elif words[0] == "phase":
            self.session.allow(BETWEEN_SECONDS, "no case began")

    def finish(self) -> None:
        """The current case is over."""
        result, self.current = self.current, None
        result.seconds = time.monotonic() - self._started
        if not result.checks:
            result.fail("the case reported nothing")
        self._report.add(result)


def payload(cases: Sequence[Case]) -> plan.Payload:
    """What these cases need in the initramfs."""
    def union(key: str, default: str = "") -> Tuple[str, ...]:
        return tuple(sorted({word for case in cases for word in case.words(key, default)}))
    vmms = {name for case in cases for name in case.words("vmm", case.vmm)}
    files = [("bf/lib.sh", LIBRARY.read_bytes())]
    files += [(f"bf/cases/{case.name}.sh", case.script.encode()) for case in cases]
    return plan.Payload(vmms=tuple(sorted(vmms)), driver=True, programs=union("programs"),
                        host_programs=union("host-programs"),
                        modules=union("modules", "msr cpuid"),
                        test_modules=union("test-modules"), files=files)


def _plan(kind: str, cases: Sequence[Case]) -> str:
    return ". /bf/cases.sh\n" + "".join(case.guest_call(kind) + "\n" for case in cases)


def place(machine: Machine) -> str:
    """A machine in few words, for the lines of the report."""
    words = [machine.kind, f"{machine.smp}-cpu"]
    if machine.cpu:
        words.append(machine.cpu)
    if machine.kernel != "6.1":
        words.append(machine.kernel)
    return " ".join([*words, *machine.cmdline])


def _boot(machine: Machine, cases: Sequence[Case], report: Report,
          cancel: threading.Event) -> "tuple[CaseHandler, Outcome, Path]":
    handler = CaseHandler(machine, cases, place(machine), report)
    archive = plan.archive(machine, payload(cases), _plan(machine.kind, cases))
    work = boot.work_folder()
    running = boot.start(machine, archive, work)
    session = Session(running, work, handler, cancel.is_set)
    session.allow(boot.BOOT_SECONDS[machine.kind], "Linux did not come up")
    return handler, session.follow(), work


def run_job(job: Job, report: Report, cancel: threading.Event) -> None:
    """Run the cases of one machine; a case that ends the machine costs only itself."""
    machine, cases = job
    while cases and not cancel.is_set():
        begun = time.monotonic()
        emit(f"==> {place(machine)}: booting for {', '.join(case.name for case in cases)}")
        handler, outcome, work = _boot(machine, cases, report, cancel)
        left = list(handler.pending.values())
        if outcome.orderly:
            boot.discard(work)
            for case in left:
                _fail(report, case, machine, "the case did not run", begun)
            return
        if handler.current:
            handler.current.fail(f"{outcome.detail}; logs are in {work}")
            handler.finish()
        elif len(left) == len(cases) or not left:
            _blame(report, machine, left or cases[-1:], outcome, work, begun)
            return
        cases = left


def _blame(report: Report, machine: Machine, cases: Sequence[Case], outcome: Outcome, work: Path,
           begun: float) -> None:
    """The machine failed before the first case or after the last."""
    for case in cases:
        _fail(report, case, machine, f"{outcome.detail}; logs are in {work}", begun)


def _fail(report: Report, case: Case, machine: Machine, text: str, begun: float) -> None:
    result = Result(case.name, place(machine), seconds=time.monotonic() - begun)
    result.fail(text)
    report.add(result)


def jobs_of(cases: Sequence[Case], quick: bool = False) -> List[Job]:
    """Group cases by the machine that they need; without the long ones if it is to be quick."""
    groups: Dict[Machine, List[Case]] = {}
    for case in cases:
        for kind in case.kinds:
            if not (quick and case.is_long(kind)):
                groups.setdefault(case.machine(kind), []).append(case)
    return sorted(groups.items(), key=lambda job: (-job[0].smp, job[0].kernel, job[0].model))


def _split(job: Job) -> List[Job]:
    """The same on several boots, so that two of them can run side by side."""
    machine, cases = job
    return [(machine, cases[at:at + CASES_A_BOOT]) for at in range(0, len(cases), CASES_A_BOOT)]


def queues_of(jobs: Sequence[Job]) -> "Tuple[Deque[Job], Deque[Job]]":
    """QEMU's jobs, which may use several CPUs of this machine, and Bochs', which use one each."""
    return (deque(job for job in jobs if job[0].kind == "amd"),
            deque(part for job in jobs if job[0].kind != "amd" for part in _split(job)))


def run_jobs(jobs: Sequence[Job], report: Report) -> None:
    """Run all jobs, two at a time: one runs QEMU's and then helps with Bochs'."""
    cancel = threading.Event()
    qemu, bochs = queues_of(jobs)
    errors: List[BaseException] = []

    def lane(*queues: "Deque[Job]") -> None:
        try:
            for queue in queues:
                while queue and not errors:
                    try:
                        job = queue.popleft()
                    except IndexError:  # the other lane was faster
                        break
                    run_job(job, report, cancel)
        except BaseException as error:  # handed to the main thread
            errors.append(error)

    threads = [threading.Thread(target=lane, args=mine) for mine in ((qemu, bochs), (bochs,))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        cancel.set()
        for thread in threads:
            thread.join()
        raise
    if errors:
        raise errors[0]

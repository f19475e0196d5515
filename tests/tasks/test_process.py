"""Work in a process of its own: results, faults, and being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from explorer.network.errors import UserError
from explorer.tasks.job import Context, Mailbox, Stopped, StopToken
from explorer.tasks.process import ProcessFailed, ProcessJob, Reporter


def add(report: Reporter, a: int, b: int) -> int:
    print("this must not reach the parent's standard output")
    report.progress(0.5, "adding")
    report.record(("term", a))
    report.record(("term", b))
    report.show("frame")
    return a + b


def refuse(report: Reporter) -> None:
    raise UserError("the file is empty; choose another")


def break_down(report: Reporter) -> None:
    raise ZeroDivisionError("division\nby zero")


def unpicklable(report: Reporter) -> Any:
    return lambda: None


def vanish(report: Reporter) -> None:
    os._exit(7)


def spin(report: Reporter) -> None:
    """Looks at no token, and has a child of its own."""
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    report.record((os.getpid(), child.pid))
    while True:
        pass


def run(job: ProcessJob, token: StopToken | None = None, wake: Any = lambda: None) -> tuple[Any, list[Any]]:
    mailbox = Mailbox(wake)
    result = job.run(Context(mailbox, token or StopToken()))
    return result, mailbox.drain(everything=True)[0]


def test_result_progress_and_events_come_back(capfd: pytest.CaptureFixture[str]) -> None:
    result, events = run(ProcessJob("Adding", add, (2, 3)))
    assert result == 5
    assert events[:2] == [("term", 2), ("term", 3)]
    assert {str(event) for event in events[2:]} == {"Progress(fraction=0.5, message='adding')", "frame"}
    assert capfd.readouterr().out == ""


def test_a_user_error_stays_one() -> None:
    with pytest.raises(UserError, match="the file is empty; choose another"):
        run(ProcessJob("Reading", refuse))


def test_a_fault_names_itself_and_brings_its_traceback() -> None:
    with pytest.raises(ProcessFailed, match=r"^ZeroDivisionError: division\n") as caught:
        run(ProcessJob("Dividing", break_down))
    assert "in break_down" in caught.value.__notes__[0]


def test_a_result_that_does_not_pickle_is_a_fault() -> None:
    with pytest.raises(ProcessFailed):
        run(ProcessJob("Returning", unpicklable))


def test_a_process_that_vanishes_is_told_of() -> None:
    with pytest.raises(ProcessFailed, match=r"'Leaving' ended without a result \(exit code 7\)"):
        run(ProcessJob("Leaving", vanish))


def gone(pid: int) -> bool:
    """True once the process is dead, be it that nobody has collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until_gone(*pids: int) -> None:
    for _ in range(1000):
        if all(map(gone, pids)):
            return
        time.sleep(0.01)
    raise AssertionError(f"still running: {[pid for pid in pids if not gone(pid)]}")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_spinning_process_and_its_child_are_killed() -> None:
    token = StopToken()
    mailbox = Mailbox(lambda: started.set())
    started = threading.Event()
    caught: list[BaseException] = []

    def work() -> None:
        try:
            ProcessJob("Spinning", spin).run(Context(mailbox, token))
        except Stopped as stopped:
            caught.append(stopped)

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(30)
    ((parent, child),) = mailbox.drain()[0]
    assert not gone(parent)
    assert not gone(child)
    token.stop()
    thread.join(10)
    assert len(caught) == 1
    wait_until_gone(parent, child)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_does_not_outlive_its_parent(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "from explorer.tasks.inline import run_inline\n"
        "from explorer.tasks.process import ProcessJob\n"
        "from tests.tasks.test_process import spin\n"
        "if __name__ == '__main__':\n"
        "    run_inline(ProcessJob('Spinning', spin), lambda pids: print(*pids, flush=True))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        worker, grandchild = map(int, parent.stdout.readline().split())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until_gone(worker, grandchild)

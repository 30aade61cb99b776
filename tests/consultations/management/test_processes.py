"""Process groups, tested with real processes."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from consultations.management.processes import (
    ChildExited,
    ProcessGroup,
    StopRequested,
    is_responding,
)

SLEEP_COMMAND = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def children():
    """A process group without signal handlers, which belong to the test runner here."""
    family = ProcessGroup()
    yield family
    family.stop()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_exited_child_is_reported_with_its_exit_code(children, tmp_path):
    children.start("worker", [sys.executable, "-c", "raise SystemExit(7)"], cwd=tmp_path)
    with pytest.raises(ChildExited) as caught:
        children.wait()
    assert (caught.value.child.name, caught.value.code) == ("worker", 7)


def test_stop_ends_all_children(children, tmp_path):
    first = children.start("one", SLEEP_COMMAND, cwd=tmp_path).process
    second = children.start("two", SLEEP_COMMAND, cwd=tmp_path).process
    children.stop()
    assert [first.returncode, second.returncode] == [-signal.SIGTERM, -signal.SIGTERM]


def test_unresponsive_child_is_killed(children, tmp_path, monkeypatch):
    monkeypatch.setattr("consultations.management.processes.STOP_TIMEOUT_SECONDS", 0.2)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "open('ready', 'w').close(); time.sleep(60)"
    )
    process = children.start("deaf", [sys.executable, "-c", deaf], cwd=tmp_path).process
    assert children.wait_until((tmp_path / "ready").exists, seconds=20)
    children.stop()
    assert process.returncode == -signal.SIGKILL


def test_child_output_goes_to_its_log(children, tmp_path):
    log = tmp_path / "web.log"
    script = "import sys; print('hello'); sys.exit('bye')"
    children.start("web", [sys.executable, "-c", script], cwd=tmp_path, log=log)
    with pytest.raises(ChildExited):
        children.wait()
    assert sorted(log.read_text().split()) == ["bye", "hello"]


def test_wait_until_times_out(children, tmp_path):
    children.start("one", SLEEP_COMMAND, cwd=tmp_path)
    assert children.wait_until(lambda: False, seconds=0.2) is False


def test_closed_port_is_not_responding():
    assert is_responding(address="127.0.0.1", port=1, host="127.0.0.1") is False


def test_second_stop_signal_is_ignored():
    family = ProcessGroup()
    with pytest.raises(StopRequested):
        family.request_stop(signal.SIGINT, None)
    family.request_stop(signal.SIGINT, None)


PARENT_SCRIPT = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from consultations.management.processes import ProcessGroup, StopRequested

    try:
        with ProcessGroup() as children:
            sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
            child = children.start("sleeper", sleeper, cwd=Path("."))
            print(child.process.pid, flush=True)
            children.wait()
    except StopRequested:
        print("stopped", flush=True)
    """
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_children_end_with_their_parent(number):
    if number == signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux ends a child when its parent was killed")
    project = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT_SCRIPT], cwd=project, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(number)
    said, _ = parent.communicate(timeout=30)
    assert said.strip() == ("" if number == signal.SIGKILL else "stopped")
    # The system may take a moment to reap a killed parent's child.
    poll = ProcessGroup()
    assert poll.wait_until(lambda: not is_running(child) or is_zombie(child), seconds=20)


def is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False

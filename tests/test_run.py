"""The run file: private, one process at a time, of a version, and nothing sent without its intention in it."""

from __future__ import annotations

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import RunError, Stopped, Unsafe
from orderdesk_batch.run import VERSION, Run, listing, new_run, prune_runs
from orderdesk_batch.sandbox import Sandbox

Sheet = Callable[..., str]
ROWS = "\n".join(f"{7000001 + n},T{n}" for n in range(12))


@pytest.fixture
def run(desk: Desk, sheet: Sheet) -> Path:
    """A run of twelve shipments, planned and not sent."""
    return Path(str(desk.plan("shipments", sheet(f"order.id,tracking_number\n{ROWS}"), batch_size=3).run))


@pytest.fixture(autouse=True)
def sent(box: Sandbox) -> Iterator[list[Any]]:
    """The requests so far."""
    return box.requests  # type: ignore[return-value]


def writes(box: Sandbox) -> int:
    return sum(seen.method != "GET" for seen in box.requests)


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_a_run_can_be_read_by_its_owner_alone(desk: Desk, run: Path) -> None:
    assert run.stat().st_mode & 0o077 == 0
    desk.apply(run, yes=True)
    for path in run.parent.glob("*.run*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_commit_to_a_run_that_is_sent_waits_for_the_disk(desk: Desk, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note, seen = Run.note_steps, set()

    def look(self: Run, steps: Any) -> None:
        seen.add((*self._db.execute("pragma synchronous").fetchone(), *self._db.execute("pragma journal_mode").fetchone()))
        note(self, steps)

    monkeypatch.setattr(Run, "note_steps", look)
    desk.apply(run, yes=True)
    assert seen == {(2, "delete")}  # full: synced to the disk, the file and what would roll it back


def test_a_run_is_one_file_whole_after_each_commit(desk: Desk, run: Path, tmp_path: Path, box: Sandbox) -> None:
    copies: list[Path] = []
    note, one_by_one = Run.note_steps, threading.Lock()

    def copy(self: Run, steps: Any) -> None:
        with one_by_one:  # no copy while another thread commits
            note(self, steps)
            copies.append(tmp_path / f"copy-{len(copies)}.run")
            copies[-1].write_bytes(run.read_bytes())

    Run.note_steps = copy  # type: ignore[method-assign]
    try:
        desk.apply(run, yes=True)
    finally:
        Run.note_steps = note  # type: ignore[method-assign]
    assert 2 <= len(copies) <= 8  # of four calls, before and after; those that leave or come back together share one
    done = []
    for one in copies:
        with Run.open(one) as file:
            done.append(file.results()["done"])
    assert done == sorted(done) and done[-1] == 12


@pytest.mark.parametrize("version", [VERSION + 1, 0, "x", None])
def test_a_run_of_another_version_is_refused_in_clear_words(run: Path, version: object) -> None:
    db = sqlite3.connect(run)
    db.execute("update meta set value = ? where name = 'version'", (f'"{version}"' if isinstance(version, str) else str(version or "null"),))
    db.commit()
    db.close()
    with pytest.raises(RunError, match="another version"):
        Run.open(run)


@pytest.mark.parametrize("content", [b"", b"order,tracking\n1,2\n", b"SQLite format 3\0" + b"x" * 2000])
def test_what_is_no_run_is_refused_in_clear_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.run"
    path.write_bytes(content)
    with pytest.raises(RunError, match="not a run"):
        Run.open(path)
    with pytest.raises(RunError, match="no such run"):
        Run.open(tmp_path / "gone.run")


def test_a_damaged_run_is_told_and_left_out_of_the_list(desk: Desk, run: Path) -> None:
    db = sqlite3.connect(run)
    db.execute("update changes set body = x'00'")
    db.commit()
    db.close()
    with pytest.raises(RunError, match="damaged"):
        desk.apply(run, yes=True)


def test_the_second_process_is_told_who_has_the_run(run: Path, desk: Desk, box: Sandbox) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys,pathlib; from orderdesk_batch.run import Run; r=Run.open(pathlib.Path(sys.argv[1])); r.hold();"
         " print('held', flush=True); sys.stdin.read()", str(run)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(RunError, match=f"process {holder.pid}"):
        desk.apply(run, yes=True)
    assert writes(box) == 0
    holder.kill()  # the lock goes with its process, even so
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    assert desk.apply(run, yes=True).results["done"] == 12


def test_who_planned_before_another_process_sent_does_not_send_again(run: Path, desk: Desk, box: Sandbox) -> None:
    """Between the look at a run and the yes of a person, another process may have applied it."""

    def somebody_else(plan: object) -> bool:
        with Desk(desk.store, folder=desk.home) as other:
            other.apply(run, yes=True)
        return True

    with pytest.raises(Unsafe, match="someone else meanwhile"):
        desk.apply(run, ask=somebody_else)
    assert sum(len(box.order(7000001 + n)["order_shipments"]) for n in range(6)) == 6


def test_a_run_that_is_taken_away_ends_the_sending(run: Path, desk: Desk, box: Sandbox) -> None:
    desk.store.on_request = lambda call: run.unlink(missing_ok=True)
    desk.store.workers = 1
    plan = desk.apply(run, yes=True)
    assert isinstance(plan.halted, RunError) and "taken away" in str(plan.halted)
    assert writes(box) == 1
    assert plan.exit_code == 2


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_full_disk_ends_the_sending_and_nothing_leaves_without_its_intention(
    run: Path, desk: Desk, box: Sandbox, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Run.note_steps
    count = 0

    def full(self: Run, steps: Any) -> None:
        nonlocal count
        count += 1
        if count >= at:
            raise RunError(f"{self.path}: the journal can't be written (database or disk is full).")
        note(self, steps)

    desk.store.workers = 1
    with monkeypatch.context() as patch:
        patch.setattr(Run, "note_steps", full)
        plan = desk.apply(run, yes=True)
    assert isinstance(plan.halted, RunError)
    assert writes(box) == at // 2
    with Run.open(run) as file:
        states = [change.state for change in file.plan().writing()]
    assert 3 * writes(box) <= sum(state in ("begun", "done") for state in states)
    assert desk.resume(run, yes=True, settle=0).results["done"] == 12
    assert sum(len(box.order(7000001 + n)["order_shipments"]) for n in range(6)) == 6


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limits on files there")
def test_a_file_that_may_not_grow_ends_in_a_sentence_not_in_a_crash(run: Path, box: Sandbox, tmp_path: Path) -> None:
    limit = run.stat().st_size // 512 * 512
    code = (
        "import resource,signal,sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit // 2}, {limit // 2}));"
        "from orderdesk_batch.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "apply", str(run), "--yes"], capture_output=True, text=True, timeout=60,
        env={**os.environ, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key, "ORDERDESK_BASE_URL": box.url},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "can't be" in done.stderr and "damaged" not in done.stderr
    assert writes(box) == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_ends_before_anything_is_sent(run: Path, desk: Desk, box: Sandbox) -> None:  # pragma: no cover
    run.parent.chmod(0o500)
    try:
        with pytest.raises(RunError, match="can't be written; nothing was sent"):
            desk.apply(run, yes=True)
    finally:
        run.parent.chmod(0o700)
    assert writes(box) == 0


def test_a_plan_that_can_not_be_saved_leaves_nothing_behind(desk: Desk, sheet: Sheet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be saved"):
        desk.plan("shipments", sheet(f"order.id,tracking_number\n{ROWS}"), run=tmp_path / "file" / "x.run")
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".run", ".part")] == []


def test_stopping_finishes_what_is_in_flight_and_resume_goes_on(run: Path, desk: Desk, box: Sandbox) -> None:
    desk.store.workers = 1
    desk.store.on_request = lambda call: desk.store.stop.set()
    plan = desk.apply(run, yes=True)
    assert isinstance(plan.halted, Stopped) and plan.exit_code == 130
    assert plan.results == {"done": 3, "failed": 0, "stale": 0, "unknown": 0, "waiting": 9}
    desk.store.on_request = None
    desk.store.stop.clear()
    assert desk.resume(run, yes=True).results["done"] == 12


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_command_after_the_calls_in_flight(number: int, run: Path, desk: Desk, box: Sandbox) -> None:
    box.bucket().size, box.bucket().rate = 2, 4
    box.bucket().fill()
    environment = {**os.environ, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key, "ORDERDESK_BASE_URL": box.url}
    command = subprocess.Popen(
        [sys.executable, "-m", "orderdesk_batch", "apply", str(run), "--yes", "--batch-size", "1"], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not writes(box):
        assert command.poll() is None, command.communicate()
        time.sleep(0.01)
    command.send_signal(number)
    _, said = command.communicate(timeout=30)
    assert command.returncode == 130, said
    assert "Traceback" not in said
    box.bucket().size = box.bucket().rate = 10**6
    box.bucket().fill()
    assert desk.resume(run, yes=True).results["done"] == 12
    assert sum(len(box.order(7000001 + n)["order_shipments"]) for n in range(6)) == 6


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="terminals are others there")
def test_ctrl_c_at_the_question_ends_the_command_at_once_and_nothing_is_sent(run: Path, box: Sandbox) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key, "ORDERDESK_BASE_URL": box.url}
    command = subprocess.Popen(
        [sys.executable, "-m", "orderdesk_batch", "apply", str(run)], env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 4096)
    for _ in range(10):  # one that comes in the very moment before the answer is waited for is lost, in any program
        command.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            command.wait(3)
            break
    assert command.returncode == 130
    os.close(ours)
    assert not writes(box)


def test_a_run_of_another_store_is_refused(run: Path, desk: Desk, box: Sandbox) -> None:
    db = sqlite3.connect(run)
    db.execute("update meta set value = '\"4711\"' where name = 'store_id'")
    db.commit()
    db.close()
    for verb in (desk.apply, desk.resume, desk.undo):
        with pytest.raises(Unsafe, match="not of this one"):
            verb(run, yes=True)
    assert writes(box) == 0


def test_an_old_run_is_said_to_be_old(run: Path, desk: Desk) -> None:
    desk.apply(run, yes=True)
    db = sqlite3.connect(run)
    db.execute("update meta set value = ? where name = 'at'", (str(time.time() - 20 * 86400),))
    db.execute("update steps set state = 'waiting' where change = 1")
    db.commit()
    db.close()
    assert "20 days old" in str(desk.resume(run, yes=True).problems[0])


def test_many_threads_note_their_steps_and_none_is_lost(run: Path) -> None:
    with Run.open(run) as file:
        file.hold()
        plan = file.plan()
        changes = list(plan.writing())

        def note(change: Any) -> None:
            change.steps[0].state = "done"
            file.note_steps([(change, change.steps[0])])

        threads = [threading.Thread(target=note, args=(change,)) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert file.results()["done"] == 12


def test_a_new_run_never_takes_the_name_of_one_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter(["0001", "0001", "0001", "0002"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(letters))
    one = new_run(tmp_path, "orders", 1.8e9)
    one.touch()
    other = new_run(tmp_path, "orders", 1.8e9)
    assert one != other and one.name[:-8] == other.name[:-8]


def test_runs_are_listed_newest_first_and_pruned_by_age(desk: Desk, run: Path, sheet: Sheet) -> None:
    newer = Path(str(desk.plan("shipments", sheet("order.id,tracking_number\n7000001,X1")).run))
    folder = desk.home / "runs"
    assert [Path(one["run"]).name for one in listing(folder)] == [newer.name, run.name]
    db = sqlite3.connect(run)
    db.execute("update meta set value = ? where name = 'at'", (str(time.time() - 100 * 86400),))
    db.commit()
    db.close()
    assert prune_runs(folder, "90d") == 1
    assert [Path(one["run"]).name for one in listing(folder)] == [newer.name]


def test_rows_that_can_not_be_repeated_are_remembered_before_they_are_sent(desk: Desk, sheet: Sheet, box: Sandbox) -> None:
    """A process that is killed while it sends has no chance to remember them afterwards."""
    path = sheet("id,stock_change\n300001,+5\n300002,-1")
    remembered: list[int] = []

    def note(call: Any) -> None:
        if call.method == "PUT":
            remembered.append(len(Desk(desk.store, folder=desk.home).memory.get("once", {})))

    desk.store.on_request = note
    desk.upload("inventory", path, yes=True)
    assert remembered == [2]
    desk.store.on_request = None
    assert {problem.code for problem in desk.plan("inventory", path).errors} == {"again"}


def test_rows_that_were_not_sent_after_all_may_be_uploaded_again(desk: Desk, sheet: Sheet, box: Sandbox) -> None:
    path = sheet("id,stock_change\n300001,+5")
    plan = desk.plan("inventory", path)
    desk.store.stop.set()
    assert desk.apply(str(plan.run), yes=True).results["waiting"] == 1
    desk.store.stop.clear()
    assert desk.plan("inventory", path).errors == []

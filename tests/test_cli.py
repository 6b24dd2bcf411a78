"""The command line's contract: what it prints, where, and what it ends with."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.cli import COMMANDS, run
from orderdesk_batch.run import Run
from orderdesk_batch.sandbox import Sandbox
from tests.said import Said

SHAPE = {"run", "store", "resource", "counts", "results", "requests", "seconds", "problems", "changes"}
COUNTS = {"create", "update", "delete", "none", "skip", "refused"}
RESULTS = {"done", "failed", "stale", "unknown", "waiting"}

Cli = Callable[..., Said]
Write = Callable[..., str]


@pytest.fixture
def cli(box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command on the sandbox; no terminal."""
    monkeypatch.setenv("ORDERDESK_BASE_URL", box.url)
    monkeypatch.setenv("ORDERDESK_STORE_ID", box.store_id)
    monkeypatch.setenv("ORDERDESK_API_KEY", box.api_key)
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(list(words))
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


GOOD = """
    Order #, Tracking Number, Carrier
    10002, 1Z999AA10123456784, UPS
    10003, 1Z999AA10123456785, UPS
"""
BAD = GOOD + "99999, 1Z999AA10123456786, UPS\n"


def writes(box: Sandbox) -> list[str]:
    """The writes that reached the store."""
    return [f"{seen.method} {seen.path}" for seen in box.requests if seen.method != "GET"]


def test_upload_without_a_terminal_and_without_yes_sends_nothing_and_ends_with_2(cli: Cli, box: Sandbox, sheet: Write) -> None:
    said = cli("upload", "shipments", sheet(GOOD), "--json")
    assert said.code == 2
    assert set(said.json) >= SHAPE
    assert said.json["counts"]["create"] == 2
    assert writes(box) == []


def test_upload_sends_once_and_a_repeat_changes_nothing(cli: Cli, box: Sandbox, sheet: Write) -> None:
    path = sheet(GOOD)
    first = cli("upload", "shipments", path, "--yes", "--json")
    assert (first.code, first.json["results"]["done"]) == (0, 2)
    assert writes(box) == ["POST /batch-shipments"]
    second = cli("upload", "shipments", path, "--yes", "--json")
    assert (second.code, second.json["counts"]["none"], second.json["requests"]["written"]) == (0, 2, 0)
    assert writes(box) == ["POST /batch-shipments"]


def test_a_bad_row_keeps_all_from_being_sent_and_the_message_ends_with_the_way_on(cli: Cli, box: Sandbox, sheet: Write) -> None:
    path = sheet(BAD)
    said = cli("upload", "shipments", path, "--yes")
    assert said.code == 3
    assert writes(box) == []
    assert "99999" in said.err
    assert said.err.strip().endswith("--skip-bad-rows")
    assert Path(path).with_suffix(".problems.xlsx").exists()


def test_with_skip_bad_rows_the_good_ones_go_and_the_results_say_why_the_others_did_not(cli: Cli, box: Sandbox, sheet: Write) -> None:
    path = sheet(BAD)
    said = cli("upload", "shipments", path, "--yes", "--skip-bad-rows", "--json")
    assert said.code == 1
    assert (said.json["results"]["done"], said.json["counts"]["refused"]) == (2, 1)
    assert said.json["results_file"].endswith("sheet.results.xlsx")
    results = Path(said.json["results_file"]).with_suffix(".csv").read_text("utf-8-sig").splitlines()
    assert results[0].split(",")[:3] == ["Order #", "Tracking Number", "Carrier"]
    assert ",done," in results[1] and ",done," in results[2]
    assert ",refused," in results[3] and "no order of the store" in results[3]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["plan", "shipments", "GOOD"], 0),
        (["plan", "shipments", "GOOD", "--exit-code"], 10),
        (["plan", "shipments", "BAD"], 3),
        (["plan", "shipments", "missing.csv"], 2),
        (["plan", "parcels", "GOOD"], 2),
        (["plan", "shipments", "GOOD", "--batch-size", "none"], 2),
        (["plan", "shipments", "GOOD", "--then-move-to", "Nowhere"], 2),
        (["upload", "shipments", "GOOD"], 2),
        (["upload", "shipments", "GOOD", "--yes"], 0),
        (["upload", "shipments", "BAD", "--yes"], 3),
        (["apply", "missing.run", "--yes"], 2),
        (["resume", "missing.run", "--yes"], 2),
        (["undo", "missing.run", "--yes"], 2),
    ],
)
def test_json_is_one_object_of_the_same_shape_on_every_exit_code(cli: Cli, sheet: Write, words: list[str], code: int) -> None:
    paths = {"GOOD": sheet(GOOD, "good.csv"), "BAD": sheet(BAD, "bad.csv")}
    said = cli(*(paths.get(word, word) for word in words), "--json")
    assert said.code == code
    assert set(said.json) >= SHAPE
    assert set(said.json["counts"]) == COUNTS
    assert set(said.json["results"]) == RESULTS
    assert set(said.json["requests"]) == {"read", "written", "rate_limited"}
    assert all(set(p) == {"row", "column", "value", "reason", "hint", "level"} for p in said.json["problems"])


def test_a_wrong_key_ends_with_5_and_one_sentence_without_the_key(cli: Cli, sheet: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERDESK_API_KEY", "wrong-key-4711")
    said = cli("upload", "shipments", sheet(GOOD), "--yes", "--json")
    assert said.code == 5
    assert set(said.json) >= SHAPE
    assert "wrong-key-4711" not in said.out + said.err
    assert "key" in said.json["error"]
    assert said.json["resource"] == "shipments"
    assert [problem["level"] for problem in said.json["problems"]] == ["error"]


def test_a_missing_key_ends_with_2_and_says_where_it_is_found(cli: Cli, sheet: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORDERDESK_API_KEY")
    said = cli("plan", "shipments", sheet(GOOD))
    assert said.code == 2
    assert "ORDERDESK_API_KEY" in said.err and "Store Settings > API" in said.err


def test_a_saved_plan_is_applied_once(cli: Cli, box: Sandbox, sheet: Write, tmp_path: Path) -> None:
    run_file = str(tmp_path / "my.run")
    assert cli("plan", "shipments", sheet(GOOD), "-o", run_file, "--json").json["run"] == run_file
    assert stat.S_IMODE(Path(run_file).stat().st_mode) == 0o600
    assert cli("apply", run_file, "--yes", "--json").json["results"]["done"] == 2
    again = cli("apply", run_file, "--yes", "--json")
    assert again.code == 4
    assert "applied already" in again.json["error"]
    assert writes(box) == ["POST /batch-shipments"]
    resumed = cli("resume", run_file, "--yes", "--json")
    assert (resumed.code, resumed.json["results"]["done"], resumed.json["requests"]["written"]) == (0, 2, 0)


def test_a_plan_takes_the_place_of_nothing_that_would_be_missed(cli: Cli, box: Sandbox, sheet: Write, tmp_path: Path) -> None:
    path, saved, other = sheet(GOOD), tmp_path / "p.run", tmp_path / "notes.txt"
    other.write_text("mine")
    held = Path(path).read_bytes()
    for words in (("-o", path), ("-o", str(other)), ("--html", path), ("--xlsx", path), ("--problems", path)):
        said = cli("plan", "shipments", path, *words)
        assert said.code == 2 and "Nothing was written" in said.err
    assert cli("check", "shipments", path, "--problems", path).code == 2
    assert (Path(path).read_bytes(), other.read_text()) == (held, "mine")
    saved.touch()  # as of mktemp
    for _ in range(2):  # a plan that was only looked at may be made anew
        assert cli("plan", "shipments", path, "-o", str(saved)).code == 0
    assert cli("apply", str(saved), "--yes").code == 0
    assert cli("plan", "shipments", path, "-o", str(saved)).code == 2
    assert cli("undo", str(saved), "--yes", "--json").json["results"]["done"] == 2


@pytest.mark.parametrize("sent", [False, True])
def test_results_that_a_killed_process_left_empty_are_written_by_resume(cli: Cli, sheet: Write, tmp_path: Path, sent: bool) -> None:
    path = sheet(GOOD)
    saved = cli("plan", "shipments", path, "--json").json["run"]
    results = Path(path).with_suffix(".results.xlsx")
    if sent:  # killed when all was sent
        assert cli("apply", saved, "--yes").code == 0
        results.write_bytes(b"")
    else:  # killed before anything was
        results.touch()
        with Run.open(Path(saved)) as run_file:
            run_file.note(applied=1.0, results_file=str(results))
    said = cli("resume", saved, "--yes", "--json")
    assert (said.code, said.json["results"]["done"], said.json["results_file"]) == (0, 2, str(results))
    assert results.stat().st_size and not list(results.parent.glob("*.results.2.xlsx"))


def test_undo_takes_the_upload_back(cli: Cli, box: Sandbox, sheet: Write) -> None:
    before = {order["id"]: order["order_shipments"] for order in box.orders()}
    done = cli("upload", "shipments", sheet(GOOD), "--yes", "--json")
    undone = cli("undo", done.json["run"], "--yes", "--json")
    assert (undone.code, undone.json["counts"]["delete"], undone.json["results"]["done"]) == (0, 2, 2)
    assert {order["id"]: order["order_shipments"] for order in box.orders()} == before


def test_a_run_of_another_store_is_refused(cli: Cli, box: Sandbox, sheet: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    run_file = cli("plan", "shipments", sheet(GOOD), "--json").json["run"]
    with Sandbox(orders=5, inventory=5, stores=[other_store()]) as other:
        monkeypatch.setenv("ORDERDESK_BASE_URL", other.url)
        monkeypatch.setenv("ORDERDESK_STORE_ID", "777")
        monkeypatch.setenv("ORDERDESK_API_KEY", "k" * 40)
        said = cli("apply", run_file, "--yes", "--json")
    assert said.code == 4
    assert writes(other) == []


def other_store() -> Any:
    """A second store."""
    from orderdesk_batch.sandbox import StoreSpec

    return StoreSpec("777", "k" * 40, "Other", "UTC", {"1": "New"})


def test_runs_are_listed_newest_first(cli: Cli, sheet: Write) -> None:
    first = cli("plan", "shipments", sheet(GOOD), "--json").json["run"]
    second = cli("plan", "shipments", sheet(GOOD), "--json").json["run"]
    listed = cli("runs", "--json").json["runs"]
    assert {one["run"] for one in listed} == {first, second}
    assert [one["at"] for one in listed] == sorted((one["at"] for one in listed), reverse=True)
    assert set(listed[0]) >= {"run", "resource", "store", "at", "results"}


def test_a_plan_that_was_only_looked_at_is_listed_as_planned_and_not_as_waiting(cli: Cli, sheet: Write) -> None:
    planned = cli("plan", "shipments", sheet(GOOD), "--json").json["run"]
    assert cli("runs").out.splitlines()[1].endswith("2 planned, not sent")
    cli("apply", planned, "--yes")
    assert cli("runs").out.splitlines()[1].endswith("2 done")
    assert cli("runs", "--json").json["runs"][0]["results"]["waiting"] == 0


def test_show_tells_a_run_as_it_stands(cli: Cli, sheet: Write) -> None:
    run_file = cli("upload", "shipments", sheet(GOOD), "--yes", "--json").json["run"]
    assert cli("show", run_file, "--json").json["results"]["done"] == 2
    assert "10002" in cli("show", run_file).out


def test_check_tells_every_problem_and_needs_no_store(sheet: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = sheet("Order #,Tracking Number,Weight\n10002,,1.5\n10003,9.40011E+21,heavy")
    assert run(["check", "shipments", path, "--json", "--values"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert {(p["row"], p["column"]) for p in told["problems"] if p["level"] == "error"} == {
        (2, "Tracking Number"), (3, "Tracking Number"), (3, "Weight"),
    }  # fmt: skip
    assert told["columns"] == {"Order #": "order", "Tracking Number": "tracking_number", "Weight": "weight"}
    assert [row["row"] for row in told["rows"]] == [2, 3]
    assert told["rows"][0]["values"]["weight"] == "1.5"


@pytest.mark.parametrize(
    ("command", "good", "bad"),
    [
        ("get", ["orders", "7000001"], ["parcels", "1"]),
        ("export", ["orders", "--all", "-o", "FILE"], ["orders", "--all", "-o", "no-such-folder/x.csv"]),
        ("store", [], ["--store", "nobody"]),
        ("template", ["orders", "-o", "FILE.xlsx"], ["parcels", "-o", "FILE.xlsx"]),
    ],
)
def test_what_is_no_plan_has_one_shape_at_every_end_too(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, good: list[str], bad: list[str]
) -> None:
    def said(words: list[str]) -> tuple[int, set[str], str | None]:
        told = cli(command, *(str(tmp_path / f"x{word[4:] or '.csv'}") if word.startswith("FILE") else word for word in words), "--json")
        return told.code, set(told.json), told.json["error"]

    code, names, error = said(good)
    assert (code, error) == (0, None)
    assert said(bad)[:2] == (2, names)
    monkeypatch.setenv("ORDERDESK_API_KEY", "wrong-key-4711")
    if command != "template":  # which takes the folders from memory
        code, others, error = said(good)
        assert (code, others) == (5, names) and "key" in str(error)


def test_a_plan_says_where_its_results_go(cli: Cli, sheet: Write, tmp_path: Path) -> None:
    run, place = str(tmp_path / "a.run"), tmp_path / "said.xlsx"
    assert cli("plan", "shipments", sheet(GOOD), "-o", run, "--results", str(place)).code == 0
    assert not place.exists()
    said = cli("apply", run, "--yes", "--json")
    assert (said.code, said.json["results_file"]) == (0, str(place)) and place.exists()


def test_undo_lists_what_it_can_not_take_back(cli: Cli, sheet: Write, tmp_path: Path) -> None:
    run = str(tmp_path / "a.run")
    assert cli("plan", "orders", sheet("id,order_history\n7000001,Called back"), "-o", run).code == 0
    assert cli("apply", run, "--yes").code == 0
    assert "Can't be taken back: entries in an order's history." in cli("undo", run, "--yes").out


def test_a_run_that_was_applied_is_told_with_all_that_it_did(cli: Cli, sheet: Write, tmp_path: Path) -> None:
    run = str(tmp_path / "a.run")
    cli("plan", "shipments", sheet(GOOD), "-o", run)
    done = cli("apply", run, "--yes", "--json").json["results"]
    said = cli("apply", run, "--yes", "--json")
    assert (said.code, said.json["run"], said.json["results"]) == (4, run, done) and done["done"] > 0


def test_store_never_tells_the_secrets(cli: Cli, box: Sandbox) -> None:
    from orderdesk_batch.sandbox.routes_store import SECRETS

    said = cli("store", "--json")
    assert said.code == 0
    assert said.json["folders"]
    text = said.out + cli("store").out
    assert not any(str(secret) in text for secret in (box.api_key, *SECRETS.values()))


def test_delete_of_more_than_ten_records_needs_force(cli: Cli, box: Sandbox, sheet: Write) -> None:
    ids = [item["id"] for item in box.inventory()[:11]]
    path = sheet("id,action\n" + "\n".join(f"{one},delete" for one in ids))
    said = cli("upload", "inventory", path, "--yes", "--json")
    assert said.code == 4
    assert "11" in said.json["error"]
    assert writes(box) == []
    assert cli("upload", "inventory", path, "--yes", "--force", "--json").json["results"]["done"] == 11


def test_a_person_at_a_terminal_is_asked_and_may_say_no(cli: Cli, box: Sandbox, sheet: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: True)
    monkeypatch.setattr("click.confirm", lambda text, **_: asked.append(text))
    said = cli("upload", "shipments", sheet(GOOD))
    assert said.code == 0
    assert "2 shipments" in asked[0]
    assert writes(box) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_output_survives_a_console_that_knows_no_umlauts(box: Sandbox, sheet: Write) -> None:
    path = sheet("code,name\n00123,Käse ☕")
    environment = {
        **os.environ, "ORDERDESK_BASE_URL": box.url, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key,
        "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "orderdesk_batch", "plan", "inventory", path]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"00123" in done.stdout

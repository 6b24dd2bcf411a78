"""What `--help`, `fields` and `runs` say at once is what click would say, and nothing heavy is loaded for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orderdesk_batch.cli import front, group
from orderdesk_batch.errors import RunError
from orderdesk_batch.home import home_folder
from orderdesk_batch.plan import Change, Plan, Step
from orderdesk_batch.run import Run, listing

FIELDS = [("fields", resource, *([form] if form else [])) for resource in front.RESOURCES for form in front.FORMS]
RUNS = [("runs",), ("runs", "--json")]
FORMS = [("--help",), ("-h",), ("--version",), ("fields", "--json", "items"), *FIELDS, *RUNS]
STATES = ("waiting", "begun", "done", "failed", "stale", "unknown")

Answer = Callable[..., str]


@pytest.fixture
def both(capsys: pytest.CaptureFixture[str]) -> Answer:
    """What both ways print, which is the same."""

    def both(*words: str) -> str:
        capsys.readouterr()
        assert front.answer(words) == 0, f"not answered at the front: {words}"
        at_once = capsys.readouterr()
        assert group.run(list(words)) == 0
        assert capsys.readouterr() == at_once, "run `make docs`"
        return at_once.out

    return both


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of our own."""
    monkeypatch.setenv("ORDERDESK_BATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path / "home"


@pytest.fixture
def runs(home: Path) -> Path:
    """A folder with runs in every state, one that takes back another, a damaged one and one of another version."""
    for n, first in enumerate(STATES):
        changes = [Change(m, "orders", "update", [m + 2], f"#{m}", steps=[Step("put", first), Step("history", second)])
                   for m, second in enumerate(STATES)]  # fmt: skip
        changes.append(Change(9, "orders", "none", [11], "#9"))
        name = f"a.b{n}.run"
        plan = Plan("orders", changes, store_id="1", store_name="Straße & \u202eSons" if n else "", sheet_name="in/t.x.xlsx#Tab" if n else "")
        plan.undoes = str(home / "runs" / "a.b0.run") if n == 3 else ""
        at = {"at": time.time() - n * 1e6} if n else {}
        Run.create(home / "runs" / name, plan, {**at, "applied": n == 2}).close()
    (home / "runs" / "damaged.run").write_bytes(b"SQLite format 3\0 and no more")
    (home / "runs" / "text.run").write_text("no run")
    (home / "runs" / "folder.run").mkdir()
    Run.create(home / "runs" / "later.run", Plan("items"), {}).close()
    with Run.open(home / "runs" / "later.run") as later:
        later.note(version=99)
    return home / "runs"


@pytest.mark.parametrize("words", FORMS, ids=" ".join)
def test_what_is_said_at_once_is_what_click_says(words: tuple[str, ...], both: Answer, runs: Path) -> None:
    assert both(*words).endswith("\n")


def test_without_runs_both_ways_say_so(both: Answer, home: Path) -> None:
    assert both("runs") == f"There are no runs in {home / 'runs'}.\n"
    assert json.loads(both("runs", "--json")) == {"runs": []}


@pytest.mark.parametrize("columns", ["80", "100", "120", "300", "0", "", "wide"])
def test_help_is_at_once_where_terminals_usually_are_as_wide(columns: str, both: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert "doctor" in both("--help")


def test_help_is_set_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for columns in range(20, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        if front.answer(["--help"]) is not None:
            at_once = capsys.readouterr().out
            group.run(["--help"])
            assert capsys.readouterr().out == at_once, columns


@pytest.mark.parametrize(
    "words",
    [(), ("fields",), ("fields", "order"), ("fields", "orders", "--json", "--markdown"), ("runs", "--prune", "9d"), ("runs", "x"),
     ("--help", "runs"), ("fields", "--help"), ("--debug", "runs")],
    ids=" ".join,
)  # fmt: skip
def test_all_else_goes_through_click(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert front.answer(words) is None
    assert capsys.readouterr() == ("", "")


def test_the_list_counts_as_the_runs_themselves_do(runs: Path) -> None:
    for one in listing(runs):
        with Run.open(Path(one["run"])) as run:
            assert one["results"] == run.results() == run.plan().results
    assert [Path(one["run"]).stem for one in listing(runs)] == [*(f"a.b{n}" for n in range(1, len(STATES))), "a.b0"]
    with pytest.raises(RunError):
        Run.open(runs / "later.run")


def test_nothing_heavy_is_loaded_for_it(runs: Path) -> None:
    code = (
        "import sys; from orderdesk_batch.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'pandas', 'numpy', 'pandera', 'pyarrow', 'click', 'rich', 'requests', 'flask', 'openpyxl', 'xlsxwriter',\n"
        "         'platformdirs', 'inspect', 'dataclasses', 'logging', 'pathlib', 'orderdesk_batch.fields', 'orderdesk_batch.plan'}\n"
        "sys.exit(f'loaded: {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    for words in [("--help",), ("--version",), FIELDS[0], FIELDS[1], *RUNS]:
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert done.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_reader_who_has_gone_is_no_error_worth_words() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = "from orderdesk_batch.cli import main; main(['fields', 'orders'])"
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("data", [None, "", "/srv/data", "relative", "/srv/data/"])
def test_the_place_of_runs_is_where_the_platform_keeps_such_things(data: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs import user_data_dir

    monkeypatch.delenv("ORDERDESK_BATCH_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if data is not None:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert home_folder() == user_data_dir("orderdesk-batch", appauthor=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
@pytest.mark.parametrize(
    "words",
    [["fields", "orders"], ["runs", "--json", "--limit"], ["runs", "--prune", "90d", "--json"], ["check", "shipments", "samples/shipstation-tracking.csv"], ["stores"]],
    ids=" ".join,
)
def test_an_answer_that_the_disk_has_no_room_for_is_a_sentence_and_no_traceback(words: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            [sys.executable, "-m", "orderdesk_batch", *words], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "ORDERDESK_BATCH_HOME": str(tmp_path)}, cwd=Path(__file__).parents[1],
        )  # fmt: skip
    assert said.returncode == 1 and "Traceback" not in said.stderr
    assert said.stderr.splitlines()[-1] == "The output can't be written: No space left on device."


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes it")
def test_json_that_nobody_can_get_is_told_before_anything_is_done() -> None:
    said = subprocess.run(["sh", "-c", f'"{sys.executable}" -m orderdesk_batch runs --json >&-'], stderr=subprocess.PIPE, text=True)
    assert (said.returncode, said.stderr) == (2, "The output can't be written: stdout is closed. Nothing was done.\n")

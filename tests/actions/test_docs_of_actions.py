"""The examples of docs/actions.md do what the page says, and its columns exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from orderdesk_batch import cli
from orderdesk_batch.desk import Desk
from orderdesk_batch.fields import INVENTORY, ORDERS, SHIPMENTS
from tests.actions.stage import Uploads, in_no_hurry

PAGE = (Path(__file__).parent.parent.parent / "docs" / "actions.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"<!-- sheet: (\S+) -->\n```csv\n(.*?)```\n<!-- counts: (.*?) -->\n```sh\n(.*?)\n```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE)


@pytest.mark.parametrize(("name", "text", "counts", "command"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_an_example_does_what_the_page_says(
    name: str, text: str, counts: str, command: str, up: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    for key, value in (("STORE_ID", up.box.store_id), ("API_KEY", up.box.api_key), ("BASE_URL", up.box.url)):
        monkeypatch.setenv(f"ORDERDESK_{key}", value)
    monkeypatch.setattr(Desk, "__init__", in_no_hurry(Desk.__init__))
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text, encoding="utf-8")
    assert cli.run([*shlex.split(command)[1:], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = {action: count for action, count in told["counts"].items() if count}
    moved = sum(change["fields"].keys() == {"folder"} for change in told["changes"] if change["resource"] == "orders" and "--then-move-to" in command)
    if moved:
        found["update"] -= moved
    assert {action: count for action, count in found.items() if count} == json.loads(counts)
    assert told["results"]["done"] == sum(found.get(action, 0) for action in ("create", "update", "delete")) + moved


def test_the_columns_of_the_forms_exist() -> None:
    _, forms = PAGE.split("## If you know", 1)
    orders, others = forms.split("In a sheet of items", 1)
    for table, resources in ((orders, [ORDERS]), (others, [SHIPMENTS, INVENTORY])):
        for line in table.splitlines():
            cells = line.split("|")
            if len(cells) < 4 or cells[1].strip() in ("Form field", "---"):
                continue
            for name in re.findall(r"`([^`]+)`", cells[2]):
                if name not in ("create", "update", "delete"):
                    assert any(of.find(name) for of in resources), name


def test_every_column_that_a_form_could_set_is_in_its_table() -> None:
    _, forms = PAGE.split("## If you know", 1)
    named = set(re.findall(r"`([^`]+)`", forms))
    missing = [
        one.name for one in ORDERS.writable
        if not one.is_open and one.name not in named and one.name.startswith(("customer.", "shipping.", "item."))
    ]  # fmt: skip
    assert not missing


def test_the_page_has_an_example_for_each_resource() -> None:
    commands = " ".join(command for _, _, _, command in EXAMPLES)
    assert all(f"upload {resource}" in commands for resource in ("orders", "items", "shipments", "inventory"))

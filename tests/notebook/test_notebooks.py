"""The notebooks run from top to bottom, are kept with their outputs, and tell nothing of the machine they were made on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCRIPT = NOTEBOOKS / "make_notebooks.py"
NAMES = ["a-month-of-orders", "stock-count", "tracking-numbers"]


def kept(name: str) -> Any:
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))


def joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def kinds(cell: Any) -> list[str]:
    """What sorts of output a cell has, but for bars: whether one is drawn depends on how fast the machine is."""
    shown = [output for output in cell.get("outputs", ()) if not is_bar(output)]
    return [sort for output in shown for sort in sorted(output.get("data", {output["output_type"]: ""})) if sort != "text/plain"]


def is_bar(output: Any) -> bool:
    html = joined(output.get("data", {}).get("text/html", "-"))
    return not html or html.startswith('<div style="font: 14px system-ui, sans-serif; display: flex')


def test_there_are_three_and_each_is_made_by_the_script(script: ModuleType) -> None:
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == NAMES == sorted(script.NOTEBOOKS)
    for name in NAMES:
        assert [joined(cell["source"]) for cell in kept(name)["cells"]] == [cell.source for cell in script.NOTEBOOKS[name]], name


@pytest.mark.parametrize("name", NAMES)
def test_each_is_kept_with_outputs_that_tell_nothing_of_the_machine(name: str) -> None:
    book = kept(name)
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert sum(bool(cell["outputs"]) for cell in code) >= len(code) - 2
    text = json.dumps(book)
    assert not re.search(r"/(?:tmp|home|root|work|Users)/|site-packages|sandbox-key|127\.0\.0\.1:", text)
    assert not any("widget" in kind for cell in code for kind in kinds(cell))


@pytest.mark.parametrize("name", NAMES)
def test_each_says_the_one_line_to_change_for_a_store_of_ones_own(name: str) -> None:
    code = [joined(cell["source"]) for cell in kept(name)["cells"] if cell["cell_type"] == "code"]
    assert [line for cell in code for line in cell.splitlines() if "od.sandbox(" in line and "desk = od.connect()" in line]
    assert sum("od.sandbox(" in cell for cell in code) == 1


def test_the_month_has_at_least_six_plots_and_tables_each_with_its_sentence() -> None:
    cells = kept("a-month-of-orders")["cells"]
    assert sum("image/png" in kinds(cell) for cell in cells) >= 6
    assert sum("text/markdown" in kinds(cell) for cell in cells) >= 8
    assert sum("gt_table" in json.dumps(cell.get("outputs", "")) for cell in cells) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_runs_from_top_to_bottom_and_shows_what_is_kept(script: ModuleType, name: str) -> None:
    made = script.made(name)
    held = kept(name)["cells"]
    for cell, before in zip(made.cells, held, strict=True):
        now = [kind for kind in kinds(cell) if cell.get("outputs")]
        assert [kind for kind in now if kind != "stream"] == [kind for kind in kinds(before) if kind != "stream"], cell.source
    numbers = re.findall(r"\*\*.*?\*\*", "".join(output["data"].get("text/markdown", "") for cell in made.cells for output in cell.get("outputs", ()) if "data" in output))
    assert numbers == re.findall(r"\*\*.*?\*\*", "".join(joined(output["data"].get("text/markdown", "")) for cell in held for output in cell.get("outputs", ()) if "data" in output))

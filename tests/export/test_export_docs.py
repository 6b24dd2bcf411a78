"""The pages about exports name only what there is, and leave nothing of what there is out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderdesk_batch import export
from orderdesk_batch.errors import UsageError
from orderdesk_batch.fields import RESOURCES

DOCS = Path(__file__).parents[2] / "docs"
SEED = (DOCS / "seed.md").read_text("utf-8")
PAGE = (DOCS / "export.md").read_text("utf-8")
MODULES = """
    Watch Orders Created Manually; Watch Orders; Watch Order Folder Changed; Search Orders; Get an Order; Create an Order; Update an Order;
    Delete an Order; List Order Items; Get an Order Item; Create an Order Item; Update an Order Item; Delete an Order Item; List Shipments;
    Get a Shipment; Create a Shipment; Update a Shipment; Delete a Shipment; Search Inventory Items; Get an Inventory Item;
    Create an Inventory Item; Update an Inventory Item; Delete an Inventory Item; Make an API Call; Watch New Event; Setting up webhooks
"""
SECTIONS = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", SEED, re.MULTILINE | re.DOTALL))
COMMAND = re.compile(r"`orderdesk-batch (\w+)(?: (\w+))?")


def test_every_module_has_its_section_and_a_command() -> None:
    assert list(SECTIONS) == [" ".join(name.split()) for name in MODULES.split(";")]
    assert all(COMMAND.search(section) for section in SECTIONS.values())


@pytest.mark.parametrize("module", SECTIONS)
def test_every_column_in_the_table_is_one(module: str) -> None:
    section = SECTIONS[module]
    resource = next((word for _, word in COMMAND.findall(section) if word in RESOURCES), "")
    for line in section.splitlines():
        for cell in re.findall(r"columns? (`.*)", line.partition("|")[2].rpartition("|")[0]):
            for name in re.findall(r"`([a-z_]+(?:\.[\w #*]+)*)`", cell):
                of = RESOURCES[resource]
                assert of.find(name) or (name.endswith("*") and any(one.name.startswith(name[:-1]) for one in of.fields)), line


@pytest.mark.parametrize("module", [name for name in SECTIONS if "orderdesk-batch export" in SECTIONS[name]])
def test_every_option_in_the_table_is_one_and_of_the_searches_none_is_missing(module: str) -> None:
    section = SECTIONS[module]
    resource = re.search(r"`orderdesk-batch export (\w+)", section)
    assert resource
    named = {export.option(resource[1], word).name for word in re.findall(r"--([a-z0-9-]+)", section)}
    if module.startswith("Search"):
        assert named >= {one.name for one in export.OPTIONS[resource[1]] if one.api}


def test_the_page_names_every_preset_and_format_and_no_option_that_there_is_not() -> None:
    for presets in export.PRESETS.values():
        assert all(f"`{name}`" in PAGE for name in presets)
    assert all(f"`{ending}`" in PAGE for ending in export.FORMATS)
    others = {"help", "json", "row", "all-pages", "yes"}
    for word in set(re.findall(r"--([a-z0-9-]+)", PAGE)) - others:
        assert any(_is_option(resource, word) for resource in export.OPTIONS), word
    for one in re.findall(r"orderdesk-batch export (\w+) (.*)", PAGE):
        for word in re.findall(r"--([a-z0-9-]+)", one[1]):
            assert _is_option("orders" if one[0] == "book" else one[0], word), one


def _is_option(resource: str, word: str) -> bool:
    try:
        return bool(export.option(resource, word))
    except UsageError:
        return False

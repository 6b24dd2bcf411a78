"""The examples in docstrings are true, and the public names are what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import orderdesk_batch as od

MODULES = ["orderdesk_batch", *(one.name for one in pkgutil.walk_packages(od.__path__, "orderdesk_batch.") if one.name[-8:] != "__main__")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_name_is_there() -> None:
    for name in od.__all__:
        assert getattr(od, name) is not None


def test_sandbox_can_be_called_after_its_module_was_imported() -> None:
    importlib.import_module("orderdesk_batch.sandbox")
    for _ in range(2):
        with od.sandbox(orders=2, inventory=2) as desk:
            assert desk.settings()["name"]

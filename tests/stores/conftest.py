"""Fixtures for several stores: one sandbox with three of them, made known by name, and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orderdesk_batch.cli import run
from orderdesk_batch.desks import Desks, connect_all
from orderdesk_batch.pace import Bucket
from orderdesk_batch.profiles import Profile, Profiles
from orderdesk_batch.sandbox import Sandbox, StoreSpec
from tests.said import Said as Said

NAMES = ("north", "south", "west")
IDS = {"north": "101", "south": "102", "west": "103"}


@pytest.fixture(scope="module")
def town() -> Iterator[Sandbox]:
    """Three stores that never say 429; each starts with the same 60 order numbers and 20 SKUs."""
    specs = [StoreSpec(id=IDS[name], key=f"key-of-{name}", name=f"{name.title()} Shop", seed=7) for name in NAMES]
    with Sandbox(orders=60, inventory=20, stores=specs, bucket=(10**6, 1e6)) as running:
        yield running


@pytest.fixture
def stores(town: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The three stores, as they were, and known by name on this machine."""
    monkeypatch.setattr("orderdesk_batch.store.caller.Bucket", lambda **_: Bucket(10**6, 1e6))
    start = town.dump()
    profiles = Profiles()
    for spec, name in zip(town.stores, NAMES, strict=True):
        profiles.put(Profile(name, spec.id, town.url, "file"), spec.key)
    yield town
    town.restore(start)


@pytest.fixture
def desks(stores: Sandbox) -> Iterator[Desks]:
    """All three of them."""
    with connect_all() as made:
        yield made


@pytest.fixture
def cli(stores: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command; no terminal, and no store in the environment."""
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)

    def call(*words: str | Path) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


def spoil(name: str, box: Sandbox) -> None:
    """Let a store be known with a key that is not its own."""
    Profiles().put(Profile(name, IDS[name], box.url, "file"), "revoked-key")


def mend(name: str, box: Sandbox) -> None:
    """Let it be known with its own key again."""
    Profiles().put(Profile(name, IDS[name], box.url, "file"), f"key-of-{name}")


def shipments(box: Sandbox, name: str, order: str) -> list[str]:
    """The tracking numbers on an order of a store, as the store itself has them."""
    found = [one for one in box.dump()["stores"][IDS[name]]["orders"].values() if one["source_id"] == order]
    return [shipment["tracking_number"] for one in found for shipment in one["order_shipments"]]

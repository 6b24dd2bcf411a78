"""Promise 8: the key, and the secrets in the store's settings, are in nothing that we print, log, raise or keep."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.errors import OrderDeskBatchError
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.sandbox.routes_store import SECRETS
from orderdesk_batch.store import Store
from tests.conftest import fast_store
from tests.faults import Fault, FaultServer

KEY = "k3y-that-nobody-may-see-0123456789"


def secrets_of(box: Sandbox) -> list[str]:
    return [box.api_key, *SECRETS.values()]


def assert_secret_free(text: str | bytes, box: Sandbox, where: str) -> None:
    for secret in secrets_of(box):
        needle: Any = secret if isinstance(text, str) else secret.encode()
        assert needle not in text, f"{secret} is in {where}"


def assert_files_secret_free(folder: Path, box: Sandbox) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        assert_secret_free(path.read_bytes(), box, str(path))
    return len(files)


def test_no_secret_is_in_files_logs_errors_or_reprs_of_a_job_on_a_server_that_echoes_them(
    box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, sheet: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"key {box.api_key} of {SECRETS['smtp_username']} with {SECRETS['smtp_password']} is wrong"
    rows = "\n".join(f"{7000001 + n},T{n}" for n in range(20))
    path = sheet(f"order.id,tracking_number\n{rows}")
    seen: list[str] = []
    with FaultServer(box.app) as server, Desk(fast_store(server.url, box), folder=tmp_path / "home") as desk:
        desk.store.on_request = lambda call: seen.append(repr(call))
        seen.append(repr(desk.settings()))
        seen.append(repr(desk.call("GET", "/store")))
        server.reset([Fault("error200", at=n, match=lambda request: request.method == "POST", message=echo) for n in (0, 2)]
                     + [Fault("500_after", at=1, match=lambda request: request.method == "POST")])  # fmt: skip
        plan = desk.upload("shipments", path, yes=True, batch_size=4, settle=0)
        assert plan.results["failed"] and plan.results["done"]
        seen += [repr(plan), str(plan.as_json()), repr(desk), repr(desk.store), str(vars(desk.memory))]
        server.faults.append(Fault("error200", match=lambda request: request.path == "/orders", message=echo))
        with pytest.raises(OrderDeskBatchError) as caught:
            desk.call("POST", "/orders", body={"note": "x"})
        error = caught.value
        seen += [str(error), repr(error), "".join(traceback.format_exception(error)), repr(vars(error))]
        desk.undo(str(plan.run), yes=True, force=True)
    for text in seen:
        assert_secret_free(text, box, "a repr")
    assert_secret_free(caplog.text, box, "the log")
    assert len(caplog.records) > 10
    out, err = capfd.readouterr()
    assert_secret_free(out + err, box, "the output")
    assert assert_files_secret_free(tmp_path, box) >= 4


@pytest.mark.parametrize("verb", [("store",), ("store", "--json"), ("plan", "shipments", "SHEET"), ("upload", "shipments", "SHEET", "--yes", "--json")])
def test_no_secret_is_in_what_the_command_prints(verb: tuple[str, ...], box: Sandbox, tmp_path: Path, sheet: Any) -> None:
    path = sheet("order.id,tracking_number\n7000001,T1\n7000002,T2")
    environment = {**os.environ, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key,
                   "ORDERDESK_BASE_URL": box.url, "ORDERDESK_BATCH_HOME": str(tmp_path / "home")}  # fmt: skip
    command = [sys.executable, "-m", "orderdesk_batch", "--debug", *[path if word == "SHEET" else word for word in verb]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert_secret_free(done.stdout + done.stderr, box, "the output")
    assert_files_secret_free(tmp_path, box)


def test_a_wrong_key_is_not_shown(box: Sandbox, tmp_path: Path) -> None:
    with Desk(Store(box.store_id, KEY, base_url=box.url), folder=tmp_path) as desk, pytest.raises(OrderDeskBatchError) as caught:
        desk.settings()
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert KEY not in told
    assert caught.value.exit_code == 5

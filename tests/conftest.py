"""Fixtures for all tests: a sandbox without a limit on its rate, a desk for it, and sheets from text."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from orderdesk_batch.desk import Desk
from orderdesk_batch.pace import Bucket
from orderdesk_batch.sandbox import Sandbox
from orderdesk_batch.store import Store
from tests.promises.counting import pytest_terminal_summary as pytest_terminal_summary
from tests.promises.counting import pytest_testnodedown as pytest_testnodedown

# The folders of the tests are in memory where there is enough of it: a run waits for the disk at each of its commits, and the
# suite makes some ten thousand. No test pulls the plug; that a commit does wait is told in test_run.py.
MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes; the suite needs a tenth of it
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own store, keyring, proxies or runs."""
    for name in ("ORDERDESK_STORE_ID", "ORDERDESK_API_KEY", "ORDERDESK_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORDERDESK_BATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox with 60 orders and 40 inventory items that never says 429."""
    with Sandbox(orders=60, inventory=40, bucket=(10**6, 1e6)) as running:
        yield running


@pytest.fixture
def desk(box: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    """A desk for the sandbox, in no hurry and with nothing to wait for."""
    with Desk(fast_store(box.url, box), folder=tmp_path / "home") as made:
        yield made


def fast_store(url: str, box: Sandbox, **options: object) -> Store:
    """A client that is not held back by the allowed rate."""
    return Store(box.store_id, box.api_key, base_url=url, bucket=Bucket(10**6, 1e6), **options)  # type: ignore[arg-type]


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., str]:
    """Writes a CSV file from text and gives its path."""

    def write(text: str, name: str = "sheet.csv") -> str:
        path = tmp_path / name
        path.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
        return str(path)

    return write


@pytest.fixture(scope="module")
def script(request: pytest.FixtureRequest) -> ModuleType:
    """The script that a module of tests names as SCRIPT: it is in no package."""
    path: Path = request.module.SCRIPT
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""What the sandbox's own tests share: a box with a clock that stands still, and a client that calls it in process."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from orderdesk_batch.sandbox import Sandbox, StoreSpec, Switches

NOW = datetime(2026, 3, 20, 12, 0, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "fact(id): the fact about the API, in the sandbox's table, that this test shows"
    )


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def tick(self, seconds: float) -> None:
        self.at += seconds


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def ok(self) -> bool:
        return bool(self.json["status"] == "success")


@dataclass
class Client:
    """Calls a sandbox's application in process, with the right headers."""

    box: Sandbox
    spec: StoreSpec
    headers: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Any = None,
        **query: Any,
    ) -> Reply:
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/api/v2{path}",
            "QUERY_STRING": urlencode(query, quote_via=quote),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(data),
            "wsgi.errors": io.StringIO(),
        }
        sent = {"ORDERDESK-STORE-ID": self.spec.id, "ORDERDESK-API-KEY": self.spec.key, **self.headers}
        if data:
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
        for name, value in (sent | (headers or {})).items():
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        got: list[Any] = []
        chunks = self.box.app(environ, lambda status, head, exc_info=None: got.extend((status, head)))
        text = b"".join(chunks).decode()
        return Reply(int(got[0].split()[0]), dict(got[1]), text)

    def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that must succeed."""
        reply = self.call("GET", path, **query)
        assert reply.status == 200 and reply.ok, reply.text
        return reply.json

    def post(self, path: str, body: Any) -> Any:
        """The body of a POST that must succeed."""
        reply = self.call("POST", path, body)
        assert reply.status in (200, 201) and reply.ok, reply.text
        return reply.json

    def put(self, path: str, body: Any) -> Any:
        """The body of a PUT that must succeed."""
        reply = self.call("PUT", path, body)
        assert reply.status == 200 and reply.ok, reply.text
        return reply.json

    def refused(self, method: str, path: str, body: Any = None) -> str:
        """The message of a request that must be refused, in HTTP 200."""
        reply = self.call(method, path, body)
        assert reply.status == 200 and reply.json["status"] == "error", reply.text
        return str(reply.json["message"])


Switch = Callable[..., None]


@pytest.fixture(scope="session")
def _shared() -> Iterator[tuple[Sandbox, Clock, dict[str, Any]]]:
    clock = Clock()
    box = Sandbox(orders=60, inventory=40, clock=clock, now=NOW, bucket=(20, 3.0))
    yield box, clock, box.dump()
    box.close()


@pytest.fixture
def clock(_shared: tuple[Sandbox, Clock, dict[str, Any]]) -> Clock:
    return _shared[1]


@pytest.fixture
def box(_shared: tuple[Sandbox, Clock, dict[str, Any]]) -> Sandbox:
    """A seeded sandbox, as new for every test, that isn't served."""
    box, clock, dump = _shared
    clock.at = 1000.0
    box.restore(dump)
    box.switches = Switches()
    box.requests.clear()
    box.bucket().fill()
    return box


@pytest.fixture
def client(box: Sandbox) -> Client:
    # Only the tests of the bucket want to run dry.
    box.bucket().size = box.bucket().rate = 1e9
    box.bucket().fill()
    return Client(box, box.stores[0])


@pytest.fixture
def switch(box: Sandbox) -> Switch:
    """Sets switches of the box: `switch(missing="error200")`."""

    def turn(**values: Any) -> None:
        box.switches = replace(box.switches, **values)

    return turn

"""A clock that only moves when told, and a client that calls a sandbox's application in process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from orderdesk_batch.sandbox import Sandbox, StoreSpec


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
        path, _, asked = path.partition("?")
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/api/v2{path}",
            "QUERY_STRING": asked or urlencode(query, quote_via=quote),
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

        def start(
            status: str, head: list[tuple[str, str]], exc_info: Any = None, /
        ) -> Callable[[bytes], object]:
            got.extend((status, head))
            return lambda data: None

        chunks = self.box.app(environ, start)
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

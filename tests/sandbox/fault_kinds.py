"""The kinds of faults, and what passes between a server of faults and the application behind it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

__all__ = ["EFFECTS", "KINDS", "Answer", "Fault", "Headers", "Request", "environ", "failed_row"]

Headers = list[tuple[str, str]]

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"

# What the client gets: a status and body, or a word for what happens to the connection.
EFFECTS: Mapping[str, tuple[int, str, bytes] | str] = {
    "500": (500, "application/json", b'{"status":"error","message":"Internal Server Error"}'),
    "502": (502, "text/html", _HTML),
    "503": (503, "text/html", b"<html><body>Service Unavailable</body></html>"),
    "504": (504, "text/html", b"<html><body>Gateway Time-out</body></html>"),
    "html": (200, "text/html", b"<html><body>Please log in</body></html>"),
    "broken": (200, "application/json", b'{"status":"success","order":{"id":'),
    "empty": (200, "application/json", b""),
    "truncated": "truncated",
    "cut": "cut",
    "hang": "hang",
}
BATCHES = frozenset({"/batch-shipments", "/batch-inventory-items", "/move-orders"})
_OTHERS = frozenset({"429", "429_bare", "error200", "refused", "late", "batch_failed"})
KINDS = frozenset({f"{effect}_{when}" for effect in EFFECTS for when in ("before", "after")} | _OTHERS)
"""Every kind of fault: see `Fault`."""


@dataclass(frozen=True)
class Request:
    """One request as it was read; `index` counts from 0, over every request of the server."""

    index: int
    method: str
    path: str
    """Below the API's root, without the query."""
    query: str
    headers: Mapping[str, str]
    body: bytes
    target: str = ""

    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to fail. `kind` is one of `KINDS`:

    `500_before 502_before 503_before 504_before html_before broken_before empty_before truncated_before cut_before
    hang_before`: the work is NOT done, and the client gets an error status, a page or broken JSON in HTTP 200, no
    body, less of a body than was announced, a closed connection, or no answer until it gives up.
    The same with `_after`: the work IS done, and the client is told just as badly.
    `429`, `429_bare`: too many requests, with and without `X-Retry-After`. Not done.
    `error200`: an error body in HTTP 200. Not done.
    `refused`: the connection is reset when it is made (or, if it was open, when the request comes). Not done.
    `late`: no answer until the client gives up; the work is done only after `after` further requests were worked
    on (0: when the client has gone; None: not before `run_late`).
    `batch_failed`: the batch is done without the entries of `rows`, which come back as failed. Only for the three
    batch endpoints; others don't count.

    It strikes from the `at`-th request on that `match` accepts (counted from 0 since the fault is in the list;
    without `match` every request counts; without `at` the first), for `times` of them.
    """

    kind: str
    at: int | None = None
    match: Callable[[Request], bool] | None = None
    times: int = 1
    rows: Sequence[int] = (0,)
    after: int | None = 1
    retry_after: str = "1"
    message: str = "Something went wrong"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} is none of {sorted(KINDS)}")

    def matches(self, request: Request) -> bool:
        """Whether the request counts for this fault."""
        if self.kind == "batch_failed" and request.path not in BATCHES:
            return False
        return self.match is None or self.match(request)


@dataclass
class Answer:
    """What an application answered."""

    status: int
    headers: Headers
    body: bytes


def environ(request: Request, body: bytes) -> dict[str, Any]:
    """The request as WSGI wants it."""
    path, _, query = request.target.partition("?")
    values: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        values[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if "CONTENT_LENGTH" in values:
        values["CONTENT_LENGTH"] = str(len(body))
    return values


def failed_row(entry: Any, fault: Fault, batch: bool) -> dict[str, Any]:
    """The result of an entry that was not done."""
    if not batch:
        return {"order_id": str(entry), "message": fault.message}
    return {"status": "error", "message": fault.message}

"""The web application of the sandbox: who is let in, at what rate, and which endpoint answers."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from . import routes_inventory, routes_nested, routes_orders, routes_store
from .bucket import Bucket
from .calls import Answer, Call, Handler
from .data import Data
from .spec import StoreSpec
from .switches import Switches
from .wire import Refused, dumps

__all__ = ["PREFIX", "ROUTES", "Backend", "Seen", "make_app"]

PREFIX = "/api/v2"
ROUTES = [*routes_store.ROUTES, *routes_orders.ROUTES, *routes_nested.ROUTES, *routes_inventory.ROUTES]
METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
# Routes are compiled with `ast`, which fails now and then in Python 3.11 when two threads use it at once (gh-106905).
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Seen:
    """One request as it came, and the status it was answered with."""

    method: str
    """As sent: a PUT sent as POST with an override header is a POST here."""
    path: str
    """Below the API's root: `/orders/7000001`."""
    query: Mapping[str, str]
    body: Any
    """The JSON that was sent; text that is none stays text; None when there was no body."""
    status: int
    at: float
    store_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Backend:
    """What the application works on."""

    stores: Mapping[str, StoreSpec]
    buckets: Mapping[str, Bucket]
    data: Data
    switches: Switches
    clock: Callable[[], float]
    moment: Callable[[], datetime]
    latency: float = 0.0
    seen: list[Seen] = field(default_factory=list)


def make_app(backend: Backend) -> Flask:
    """The Flask application over a backend."""
    app = Flask("orderdesk_batch.sandbox", static_folder=None)
    app.before_request(lambda: _arrive(backend))
    app.after_request(lambda response: _leave(backend, response))
    app.register_error_handler(Refused, lambda refused: _refused(backend, refused))
    app.register_error_handler(HTTPException, _no_route)
    with _ONE_AT_A_TIME:
        for method, path, handler in ROUTES:
            app.add_url_rule(
                f"{PREFIX}{path}",
                endpoint=f"{method} {path}",
                view_func=_view(backend, handler),
                methods=[method],
                provide_automatic_options=False,
            )
    app.wsgi_app = _Override(app.wsgi_app)  # type: ignore[method-assign]
    return app


class _Override:
    """A PUT may come as POST with a header that says so; which endpoint answers is decided before Flask looks."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["sandbox.method"] = environ["REQUEST_METHOD"]
        asked = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").strip().upper()
        if environ["REQUEST_METHOD"] == "POST" and asked:
            environ["REQUEST_METHOD"] = "PUT" if asked == "PUT" else "PATCH"
        return self._inner(environ, start_response)


def _view(backend: Backend, handler: Handler) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        call = Call(
            spec=backend.stores[g.store],
            data=backend.data,
            switches=backend.switches,
            moment=backend.moment(),
            query=g.query,
            raw=g.raw,
        )
        with backend.data.transaction():
            answer = handler(call, **ids)
        return _success(answer, backend.switches)

    return view


def _arrive(backend: Backend) -> Response | None:
    """Look at the request before any endpoint does: method, key, rate, and no body on a GET."""
    g.at, g.started, g.store = backend.clock(), time.perf_counter(), ""
    g.raw = request.get_data()
    g.query = request.args.to_dict()
    if backend.latency:
        time.sleep(backend.latency)
    if not request.path.startswith(f"{PREFIX}/"):
        raise Refused("Not Found", 404)
    store_id = request.headers.get("ORDERDESK-STORE-ID", "")
    key = request.headers.get("ORDERDESK-API-KEY", "")
    spec = backend.stores.get(store_id)
    if spec is None or not hmac.compare_digest(spec.key.encode(), key.encode("utf-8", "replace")):
        raise Refused("Invalid Store ID or API Key", 401)
    g.store = store_id
    bucket = backend.buckets[store_id]
    if not bucket.take():
        response = _error("Too Many Requests", 429)
        response.headers["X-Retry-After"] = str(bucket.retry_after)
        return response
    if request.method not in METHODS:
        raise Refused("Method Not Allowed", 405)
    sent = request.environ
    kind = str(sent.get("CONTENT_TYPE", ""))
    if request.method == "GET":
        if g.raw or kind or "CONTENT_LENGTH" in sent or "HTTP_TRANSFER_ENCODING" in sent:
            raise Refused("Invalid Request", 400)
    elif g.raw and kind.split(";")[0].strip().lower() != "application/json":
        raise Refused("Invalid Request", 400)
    return None


def _leave(backend: Backend, response: Response) -> Response:
    """Tell what is left in the bucket, and log the request."""
    bucket = backend.buckets.get(g.store) or next(iter(backend.buckets.values()))
    response.headers["X-Tokens-Remaining"] = str(bucket.remaining if g.store else int(bucket.size))
    path = request.path.removeprefix(PREFIX) if request.path.startswith(f"{PREFIX}/") else request.path
    seen = Seen(
        method=request.environ["sandbox.method"],
        path=path,
        query=g.query,
        body=_readable(g.raw),
        status=response.status_code,
        at=g.at,
        store_id=g.store,
        headers=dict(request.headers),
    )
    backend.seen.append(seen)
    return response


def _readable(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")


def _success(answer: Answer, switches: Switches) -> Response:
    members = ['"status":"success"', *answer.parts(), f'"execution_time":{dumps(_took())}']
    return _respond(f"{{{','.join(members)}}}", switches.created_status if answer.created else 200)


def _refused(backend: Backend, refused: Refused) -> Response:
    return _error(refused.message, refused.status or backend.switches.error_status)


def _no_route(problem: HTTPException) -> Response:
    return _error(problem.name, problem.code or 500)


def _error(message: str, status: int) -> Response:
    if status == 413:
        # What is too large is turned away by the web server in front, which knows no JSON.
        page = f"<html><head><title>413 {message}</title></head><body><h1>413 {message}</h1></body></html>"
        return Response(page, status=413, mimetype="text/html")
    return _respond(dumps({"status": "error", "message": message, "execution_time": _took()}), status)


def _took() -> str:
    return f"{time.perf_counter() - g.started:.4f} seconds"


def _respond(body: str, status: int) -> Response:
    return Response(body, status=status, content_type="application/json")

"""This file holds Server: the receiver's web server, with limits of size and time, which tells a caller nothing of its inside."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from .posts import LIMIT, NAME, Turned

if TYPE_CHECKING:
    from flask import Flask, Response

    from .webhook import Receiver

HEADERS: Final = 32 * 1024  # bytes of a request's head
PATIENCE: Final = 30  # seconds for a whole request to arrive; Order Desk itself waits as long for the answer [help]
CONNECTIONS: Final = 200
THREADS: Final = 4

log = logging.getLogger("orderdesk_batch")


def make_app(receiver: Receiver) -> Flask:
    """The web application: `POST /hooks/<name>` and `GET /health`."""
    from flask import Flask, Response, request
    from werkzeug.exceptions import HTTPException

    from ..store.wire import dumps

    app = Flask("orderdesk_batch.watch", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LIMIT

    def answer(code: int, **body: Any) -> Response:
        return Response(dumps(body), status=code, content_type="application/json")

    def take(name: str) -> Response:
        if not NAME.fullmatch(name):
            return answer(404, status="error", message="There is no such hook here.")
        store_id, signed = (request.headers.get(f"X-ORDER-DESK-{what}", "") for what in ("STORE-ID", "HASH"))
        try:
            receiver.take(name, store_id, signed, request.content_type or "", request.get_data())
        except Turned as turned:
            return answer(turned.status, status="error", message=f"The post was turned away: {turned.words}.")
        return answer(200, status="success")

    def health() -> Response:
        return answer(200, status="ok", waiting=receiver.delivery.waiting())

    def refused(problem: HTTPException) -> Response:
        return answer(problem.code or 500, status="error", message=f"{problem.name}.")

    def failed(error: Exception) -> Response:
        # What it was is our affair, not the caller's; its text may hold what was posted, so it is not logged either.
        log.error("a post could not be taken: %s", type(error).__name__)
        return answer(500, status="error", message="Something went wrong here. Send it again.")

    app.add_url_rule("/hooks/<name>", view_func=take, methods=["POST"], provide_automatic_options=False)
    app.add_url_rule("/health", view_func=health, methods=["GET"], provide_automatic_options=False)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)
    return app


class Server:
    """Serves from the moment it is made until `close`, in a thread of its own."""

    def __init__(self, receiver: Receiver, host: str, port: int) -> None:
        """Listen.

        Raises:
            UsageError: the address can't be had.
        """
        from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
        from waitress.server import create_server  # type: ignore[import-untyped]

        class Channel(HTTPChannel):  # type: ignore[misc]
            """A connection that must bring a whole request in time, however busily it drips."""

            began = 0.0

            def received(self, data: bytes) -> Any:
                if self.request is None:
                    self.began = time.monotonic()
                elif time.monotonic() - self.began > PATIENCE:
                    self.will_close = True
                return super().received(data)

        # Its remarks about a queue that grows are no news: that is what a queue is for.
        logging.getLogger("waitress").addHandler(logging.NullHandler())
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = socket.create_server((host, port), family=family, backlog=256)
        except (OSError, OverflowError) as error:
            raise UsageError(f"{host}:{port} can't be listened at ({error}). Name another --port or --host.") from None
        self._map: dict[int, Any] = {}
        self._server = create_server(
            make_app(receiver), sockets=[listening], map=self._map, threads=THREADS, connection_limit=CONNECTIONS, backlog=256,
            channel_timeout=PATIENCE, cleanup_interval=10, max_request_body_size=LIMIT, max_request_header_size=HEADERS,
            ident="orderdesk-batch",
        )  # fmt: skip
        self._server.channel_class = Channel
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self._server.effective_port}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orderdesk-webhook", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take nothing more, answer what is being taken, and stop."""
        self._stop.set()
        with contextlib.suppress(OSError):  # a post woke it meanwhile, and it has ended
            self._server.pull_trigger()
        self._thread.join()

    def _run(self) -> None:
        from waitress import wasyncore  # type: ignore[import-untyped]

        while not self._stop.is_set():
            wasyncore.loop(timeout=10, use_poll=True, map=self._map, count=1)
        # What is still in the queue was not answered: Order Desk sends it again.
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
        wasyncore.close_all(self._map, ignore_all=True)

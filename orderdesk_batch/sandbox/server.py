"""Serving a web application on the loopback from a thread of its own, and stopping it cleanly."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any

from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]

__all__ = ["Server"]

THREADS = 24  # more than a bucket holds: answers that take a second must not wait for each other

# Its remarks about a queue that grows are no news here: the client under test is meant to push.
logging.getLogger("waitress").addHandler(logging.NullHandler())
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Server:
    """Waitress on 127.0.0.1; serves from the moment it is made until `close`."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._map: dict[int, Any] = {}
        self._server = create_server(
            app,
            host="127.0.0.1",
            port=port,
            threads=THREADS,
            map=self._map,
            connection_limit=500,
            backlog=256,
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orderdesk-sandbox", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.effective_port)

    def close(self) -> None:
        """Stop serving; returns when every connection is closed."""
        self._stop.set()
        with contextlib.suppress(OSError):  # the thread may have seen it, and closed the trigger, by now
            self._server.pull_trigger()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            wasyncore.loop(timeout=30, use_poll=True, map=self._map, count=1)
        # Closed from the thread that polls: another one would pull the sockets from under it.
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
        self._server.close()
        wasyncore.close_all(self._map, ignore_all=True)

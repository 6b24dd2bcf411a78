"""A server on a real socket that answers what a test says, byte for byte, and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from orderdesk_batch.pace import Bucket
from orderdesk_batch.store import Store

KEY = "sesame-0123456789abcdef"

CUT = b"CUT"  # the connection is closed instead of an answer
RESET = b"RESET"  # it is reset
HANG = b"HANG"  # nothing comes
CLOSE = b"CLOSE"  # at the head of an answer: the connection is closed after it


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    head: str
    body: bytes
    connection: int  # 1 for the first connection

    @property
    def method(self) -> str:
        return self.head.split(" ", 1)[0]

    @property
    def target(self) -> str:
        return self.head.split(" ", 2)[1]

    @property
    def headers(self) -> dict[str, str]:
        lines = (line.split(": ", 1) for line in self.head.split("\r\n")[1:] if ": " in line)
        return {name.lower(): value for name, value in lines}


def answer(body: Any, status: int = 200, *, kind: str = "application/json", **headers: object) -> bytes:
    """A whole answer; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def good(**entries: Any) -> bytes:
    """A success."""
    return answer({"status": "success", **entries}, X_Tokens_Remaining=19)


def bad(message: str, status: int = 200) -> bytes:
    """An error of the store's own."""
    return answer({"status": "error", "message": message}, status)


class Stub:
    """`with Stub(good()) as stub:` the answers are given in turn, the last one for ever."""

    def __init__(self, *answers: bytes | Callable[[Received], bytes]) -> None:
        self.answers = list(answers)
        self.received: list[Received] = []
        self.waits: list[float] = []  # what stores of this stub waited, in seconds; nobody sleeps
        self.now = 0.0  # their buckets' time
        self.closed = threading.Event()  # set when a connection was closed from this side
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/api/v2"

    def store(self, **options: Any) -> Store:
        """A store that is this stub, and never sleeps."""
        bucket = Bucket(1e9, 1e9, clock=lambda: self.now, wait=self._pass)
        fast: dict[str, Any] = {"bucket": bucket, "wait": self.waits.append, "timeouts": (5, 5)}
        return Store("42", KEY, base_url=self.url, **{**fast, **options})

    def _pass(self, seconds: float) -> None:
        self.now += seconds

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            number = len(self._open)
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection:
            try:
                while self._one(connection, number):
                    pass
            except OSError:
                pass
        self.closed.set()

    def _one(self, connection: socket.socket, number: int) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return False
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        request = Received(head.decode("latin-1"), b"", number)
        length = int(request.headers.get("content-length", 0))
        while len(body) < length:
            body += connection.recv(65536)
        request = Received(request.head, body, number)
        with self._lock:
            self.received.append(request)
            reply = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(reply):
            reply = reply(request)
        if reply == HANG:
            self._over.wait(30)
            return False
        if reply == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if reply == CUT:
            return False
        connection.sendall(reply.removeprefix(CLOSE))
        return not reply.startswith(CLOSE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._socket.close()
        for connection in self._open:
            connection.close()

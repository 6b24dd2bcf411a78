"""A server on the loopback that runs a web application in process, and can fail in every way a network can."""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import unquote

from tests.sandbox.fault_kinds import EFFECTS, KINDS, Answer, Fault, Headers, Request, environ, failed_row

__all__ = ["KINDS", "Fault", "FaultServer", "Request"]

Hook = Callable[[Request], object]


@dataclass
class _Late:
    request: Request
    due: float


@dataclass
class _State:
    """What is forgotten by `reset`."""

    faults: list[Fault]
    requests: list[Request] = field(default_factory=list)
    fired: list[tuple[Fault, Request]] = field(default_factory=list)
    matched: dict[Fault, int] = field(default_factory=dict)
    late: list[_Late] = field(default_factory=list)
    worked: int = 0


class FaultServer:
    """Serves a WSGI application at `url`; `with FaultServer(box.app) as server: server.faults.append(Fault(...))`."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        faults: Iterable[Fault] = (),
        *,
        prefix: str = "/api/v2",
        latency: float = 0.0,
        before: Hook | None = None,
        after: Hook | None = None,
    ) -> None:
        self.app = app
        self.prefix = prefix
        self.latency = latency
        self.before = before
        """Called when a request was read and nothing was done yet."""
        self.after = after
        """Called when the work was done and nothing was answered yet."""
        self.release = threading.Event()
        """Set it to end every answer that is held back; the connection is closed."""
        self.problems: list[BaseException] = []
        self._lock = threading.RLock()
        self._idle = threading.Condition(self._lock)
        self._busy = 0
        self._state = _State(list(faults))
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listen(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()
        if self.problems and problem[0] is None:
            raise self.problems[0]

    @property
    def url(self) -> str:
        """The API's root."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def faults(self) -> list[Fault]:
        """The faults to come, looked through in order; the list itself."""
        return self._state.faults

    @faults.setter
    def faults(self, faults: list[Fault]) -> None:
        self._state.faults = faults

    @property
    def fired(self) -> list[tuple[Fault, Request]]:
        """Every fault that struck, with the request it struck."""
        return self._state.fired

    @property
    def requests(self) -> list[Request]:
        """Every request that was read."""
        return self._state.requests

    @property
    def count(self) -> int:
        """How many requests were read."""
        return len(self._state.requests)

    def reset(self, faults: Iterable[Fault] = ()) -> None:
        """Forget requests, faults and late work, and begin with new faults."""
        with self._lock:
            self._state = _State(list(faults))
            self.release.clear()

    def run_late(self) -> int:
        """Do all the late work now; how much there was."""
        with self._lock:
            late, self._state.late = self._state.late, []
        for entry in late:
            self._call(entry.request)
        return len(late)

    def settle(self, timeout: float = 5) -> None:
        """Wait until no request is being worked on: after a client gave up, or was killed."""
        with self._idle:
            if not self._idle.wait_for(lambda: self._busy == 0, timeout):
                raise TimeoutError("a request is still being worked on")

    @contextmanager
    def down(self) -> Iterator[None]:
        """While inside, connections are refused and open ones are closed."""
        port = self.port
        self._stop()
        try:
            yield
        finally:
            self._listen(port)

    def close(self) -> None:
        """Stop, and let go of every client."""
        self.release.set()
        self._stop()

    # -- the listening socket

    def _listen(self, port: int) -> None:
        self._http = _Http(("127.0.0.1", port), self)
        self.port: int = self._http.server_address[1]
        self._wake, self._woken = socket.socketpair()
        self._accepting = threading.Thread(target=self._accept, name="fault-server", daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._http.fileno(), self._woken.fileno()], [], [])
            if self._woken.fileno() in ready:
                return
            self._http.handle_request()

    def _stop(self) -> None:
        self._wake.send(b"x")
        self._accepting.join()
        self._http.server_close()
        self._wake.close()
        self._woken.close()
        with self._lock:
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(10)

    # -- one request

    def _next_index(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
        path, _, query = target.partition("?")
        with self._lock:
            request = Request(
                index=len(self._state.requests),
                method=method,
                path=unquote(path).removeprefix(self.prefix),
                query=query,
                headers=headers,
                body=body,
                target=target,
            )
            self._state.requests.append(request)
        return request

    def _strike(self, request: Request) -> Fault | None:
        """The fault that strikes this request; every fault counts the requests it matches."""
        struck = None
        with self._lock:
            for fault in list(self._state.faults):
                if not fault.matches(request):
                    continue
                place = self._state.matched.get(fault, 0)
                start = fault.at or 0
                # One that would have struck, had not another been first, strikes the next time.
                if start <= place < start + fault.times and struck is not None:
                    continue
                self._state.matched[fault] = place + 1
                if start <= place < start + fault.times:
                    struck = fault
                    self._state.fired.append((fault, request))
        return struck

    def _refuses(self) -> Fault | None:
        """The fault that resets a connection before anything of it is read."""
        with self._lock:
            for fault in self._state.faults:
                if fault.kind == "refused" and fault.match is None:
                    place = self._state.matched.get(fault, 0)
                    if (fault.at or 0) <= place < (fault.at or 0) + fault.times:
                        self._state.matched[fault] = place + 1
                        self._state.fired.append((fault, Request(-1, "", "", "", {}, b"")))
                        return fault
        return None

    def _work(self, request: Request, body: bytes | None = None) -> Answer:
        answer = self._call(request, body)
        with self._lock:
            self._state.worked += 1
            due = [entry for entry in self._state.late if entry.due <= self._state.worked]
            self._state.late = [entry for entry in self._state.late if entry not in due]
        for entry in due:
            self._call(entry.request)
        if self.after is not None:
            self.after(request)
        return answer

    def _call(self, request: Request, body: bytes | None = None) -> Answer:
        answer = Answer(500, [], b"")

        def start(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
            answer.status, answer.headers = int(status.split(" ", 1)[0]), headers
            return lambda data: None

        chunks = self.app(environ(request, request.body if body is None else body), start)
        try:
            answer.body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return answer

    def _batch(self, request: Request, fault: Fault) -> Answer:
        """Do a batch without the chosen entries, and answer for all."""
        sent = request.json()
        entries = sent if isinstance(sent, list) else sent["order_id_list"]
        failed = {row for row in fault.rows if row < len(entries)}
        left = [entry for row, entry in enumerate(entries) if row not in failed]
        answer = Answer(200, [("Content-Type", "application/json")], b'{"status":"success","results":[]}')
        if left:
            body = left if isinstance(sent, list) else sent | {"order_id_list": left}
            answer = self._work(request, json.dumps(body).encode())
        document = json.loads(answer.body) if answer.status == 200 else {}
        if "results" not in document:
            return answer
        rows = iter(document["results"])
        document["results"] = [
            failed_row(entry, fault, isinstance(sent, list)) if row in failed else next(rows, None)
            for row, entry in enumerate(entries)
        ]
        answer.body = json.dumps(document).encode()
        return answer


class _Http(ThreadingHTTPServer):
    request_queue_size = 128
    timeout = 0
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], owner: FaultServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # Without the look-up of the host's name, which can take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        owner = self.owner
        if owner._refuses():
            _reset(request)
            self.shutdown_request(request)
            return
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with owner._lock:
            owner._sockets.add(request)
            owner._threads = [old for old in owner._threads if old.is_alive()]
            owner._threads.append(thread)
            thread.start()

    def shutdown_request(self, request: Any) -> None:
        with self.owner._lock:
            self.owner._sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        problem = sys.exc_info()[1]
        if problem is not None and not isinstance(problem, ConnectionError):
            self.owner.problems.append(problem)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        return

    def _serve(self) -> None:
        owner = self.server.owner
        with owner._idle:
            owner._busy += 1
        try:
            self._take(owner)
        finally:
            with owner._idle:
                owner._busy -= 1
                owner._idle.notify_all()

    def _take(self, owner: FaultServer) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = owner._next_index(self.command, self.path, dict(self.headers.items()), body)
        if owner.before is not None:
            owner.before(request)
        fault = owner._strike(request)
        if owner.latency:
            time.sleep(owner.latency)
        if fault is None:
            self._send(owner._work(request))
        else:
            self._fail(owner, request, fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = _serve  # noqa: N815 - the server library's names

    def _fail(self, owner: FaultServer, request: Request, fault: Fault) -> None:
        effect, _, when = fault.kind.rpartition("_")
        if fault.kind in ("429", "429_bare"):
            headers = [("X-Tokens-Remaining", "0"), ("Content-Type", "application/json")]
            headers += [("X-Retry-After", fault.retry_after)] if fault.kind == "429" else []
            self._send(Answer(429, headers, b'{"status":"error","message":"Too Many Requests"}'))
        elif fault.kind == "error200":
            message = json.dumps({"status": "error", "message": fault.message}).encode()
            self._send(Answer(200, [("Content-Type", "application/json")], message))
        elif fault.kind == "refused":
            _reset(self.connection)
            self.close_connection = True
        elif fault.kind == "late":
            if fault.after != 0:
                with owner._lock:
                    due = float("inf") if fault.after is None else owner._state.worked + fault.after
                    owner._state.late.append(_Late(request, due))
            self._hold(owner)
            if fault.after == 0:
                owner._call(request)
        elif fault.kind == "batch_failed":
            self._send(owner._batch(request, fault))
        else:
            self._break(owner, EFFECTS[effect], owner._work(request) if when == "after" else None)

    def _break(self, owner: FaultServer, effect: tuple[int, str, bytes] | str, done: Answer | None) -> None:
        if isinstance(effect, tuple):
            status, kind, body = effect
            self._send(Answer(status, [("Content-Type", kind)], body))
        elif effect == "hang":
            self._hold(owner)
        else:
            self.close_connection = True
            if effect == "truncated":
                answer = done or Answer(200, [("Content-Type", "application/json")], b'{"status":"success"}')
                self._send(answer, cut=len(answer.body) // 2)

    def _hold(self, owner: FaultServer) -> None:
        """Answer nothing until the client has gone, or all are let go."""
        self.close_connection = True
        while not owner.release.is_set():
            ready, _, _ = select.select([self.connection], [], [], 0.01)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return
            if ready:
                owner.release.wait(0.01)

    def _send(self, answer: Answer, cut: int | None = None) -> None:
        lines = [f"HTTP/1.1 {answer.status} {'OK' if answer.status < 400 else 'Fault'}"]
        lines += [f"{name}: {value}" for name, value in answer.headers if name.lower() != "content-length"]
        lines += [f"Content-Length: {len(answer.body)}", "", ""]
        body = b"" if self.command == "HEAD" else answer.body[:cut]
        # In one piece: two would wait for each other.
        self.wfile.write("\r\n".join(lines).encode("latin-1") + body)


def _reset(connection: socket.socket) -> None:
    """Make closing the connection a reset, as of a server that isn't there."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

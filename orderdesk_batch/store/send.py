"""This file holds Wire: one HTTP request and what became of it; the only place that uses `requests`.

Nothing is raised from inside an `except` here: a `requests` exception holds the request, and that holds
the key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orderdesk_batch.errors import UsageError

if TYPE_CHECKING:
    import requests

IDLE = 20.0  # seconds: connections unused for longer are not trusted with a write
WHOLE = 4  # an answer may take so many times the read timeout in all


class Fault(Enum):
    """Why there is no answer."""

    NO_WAY = "no way"  # no connection, and trying again will not help (a certificate, a proxy's refusal)
    NO_CONNECTION = "no connection"  # the request did not leave
    LOST = "lost"  # it may have left


@dataclass(slots=True)
class Outcome:
    """What became of one request: an answer, or a fault with a sentence about it."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: Fault | None = None
    words: str = ""

    @property
    def retry_after(self) -> str | None:
        """What the answer says about when to come back, in seconds if all is well."""
        return self.headers.get("x-retry-after", self.headers.get("retry-after"))


class Wire:
    """A pool of connections to one store, used by many threads."""

    def __init__(self, base: str, here: bool, *, timeouts: tuple[float, float], size: int, ca: str | None) -> None:
        self.base = base
        self.here = here  # this machine: no proxy
        self.host = urlsplit(base).netloc
        self.timeouts = timeouts
        self._size = size
        self._ca = ca
        self._lock = threading.Lock()
        self._session: requests.Session | None = None
        self._settings: dict[str, Any] = {}
        self._used = time.monotonic()
        self._busy = 0

    def connect(self) -> requests.Session:
        """The session, made on first use: importing requests takes a while, and `--help` must not.

        Raises:
            UsageError: the file with the certificates is not there.
        """
        with self._lock:
            if self._session is None:
                self._session = self._new_session()
            elif not self._busy and time.monotonic() - self._used > IDLE:
                self._session.close()  # closes the idle connections; new ones are made as needed
            return self._session

    def _new_session(self) -> requests.Session:
        from http.cookiejar import DefaultCookiePolicy

        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        never = Retry(0, read=False, redirect=False, status=0, other=0)
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=self._size, max_retries=never))
        found = session.merge_environment_settings(self.base, {}, False, self._ca, None)
        self._settings = {name: found[name] for name in ("proxies", "verify", "cert")}
        if self.here:
            self._settings["proxies"] = {}
        session.trust_env = False  # what the environment says has been read; no .netrc
        verify = self._settings["verify"]
        if isinstance(verify, str) and not Path(verify).exists():
            raise UsageError(f"The file with the certificates, {verify}, is not there.")
        return session

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Outcome:
        """Send one request once, without following redirects, and read the whole answer."""
        session = self.connect()
        with self._lock:
            self._busy += 1
        try:
            return self._send(session, method, self.base + path, headers, body)
        finally:
            with self._lock:
                self._busy -= 1
                self._used = time.monotonic()

    def _send(self, session: requests.Session, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Outcome:
        import requests

        try:
            prepared = requests.Request(method, url, headers=dict(headers), data=body).prepare()
        except ValueError as error:  # InvalidURL, InvalidHeader: it shows what it was given, so not the text
            return Outcome(fault=Fault.NO_WAY, words=f"it cannot be sent ({type(error).__name__})")
        if body is None:
            prepared.headers.pop("Content-Length", None)  # a GET that carries one is invalid [doc]
        ends = time.monotonic() + WHOLE * self.timeouts[1]
        try:
            with session.send(prepared, timeout=self.timeouts, allow_redirects=False, stream=True, **self._settings) as answer:
                pieces = []
                for piece in answer.iter_content(65536):
                    pieces.append(piece)
                    if time.monotonic() > ends:
                        return Outcome(fault=Fault.LOST, words="the answer took too long")
                return Outcome(answer.status_code, dict(answer.headers.lower_items()), b"".join(pieces))
        except (requests.RequestException, OSError) as error:
            return self._fault(error)
        except Exception as error:  # urllib3 lets some of its own through
            return Outcome(fault=Fault.LOST, words=f"the connection failed ({type(error).__name__})")

    def _fault(self, error: BaseException) -> Outcome:
        import ssl

        import requests
        from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

        chain = _chain(error)
        if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain):
            words = (
                f"the certificate of {self.host} cannot be verified. If your company inspects traffic, "
                "set REQUESTS_CA_BUNDLE to its certificate file"
            )
            return Outcome(fault=Fault.NO_WAY, words=words)
        if any(isinstance(link, NameResolutionError) for link in chain):
            return Outcome(fault=Fault.NO_CONNECTION, words=f"the name {self.host} is not known")
        if any(isinstance(link, (requests.ConnectTimeout, ConnectTimeoutError)) for link in chain):
            words = f"{self.host} did not take the connection in {self.timeouts[0]:g} seconds"
            return Outcome(fault=Fault.NO_CONNECTION, words=words)
        if any(isinstance(link, requests.exceptions.ProxyError) for link in chain):
            return Outcome(fault=Fault.NO_CONNECTION, words="the proxy did not let the connection through")
        if any(isinstance(link, NewConnectionError) for link in chain):
            return Outcome(fault=Fault.NO_CONNECTION, words=f"{self.host} refused the connection")
        if any("WRONG_VERSION_NUMBER" in str(link) for link in chain if isinstance(link, ssl.SSLError)):
            return Outcome(fault=Fault.NO_WAY, words=f"{self.host} does not speak https")
        if any(isinstance(link, (requests.Timeout, TimeoutError)) for link in chain):
            return Outcome(fault=Fault.LOST, words=f"no answer came in {self.timeouts[1]:g} seconds")
        return Outcome(fault=Fault.LOST, words="the connection was cut before the whole answer came")

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None


def _chain(error: BaseException) -> list[BaseException]:
    """The error and those inside it: urllib3 puts them into `reason` and `args`, Python into causes."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo and len(found) < 20:
        link = todo.pop()
        if isinstance(link, BaseException) and not any(link is known for known in found):
            found.append(link)
            todo += [getattr(link, "reason", None), link.__cause__, link.__context__, *link.args]
    return found

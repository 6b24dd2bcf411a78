"""This file holds Caller: one authorised call, with its waiting, repeating, counting and keeping silent."""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from orderdesk_batch.address import DEFAULT_URL
from orderdesk_batch.errors import NotAllowed, RateLimited, Stopped, StoreError, Unreachable, UsageError
from orderdesk_batch.pace import CAPACITY, LONGEST_PAUSE, Bucket, number_of
from orderdesk_batch.store.key import Key
from orderdesk_batch.store.send import Outcome, Wire
from orderdesk_batch.store.verdict import Call, Requests, Sort, Verdict, judge
from orderdesk_batch.store.wire import base_address, dumps, masked, path_and_query, tidy

log = logging.getLogger("orderdesk_batch")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")  # PATCH is not supported by the server [doc]; it says so
OURS = frozenset(
    ["orderdesk-store-id", "orderdesk-api-key", "content-type", "content-length", "transfer-encoding", "host", "cookie"]
)
CONNECTING = 3  # times that a write is tried again when there is no connection
LIMITED = 15  # times that a call is tried again after a 429
PATIENCE = 300.0  # seconds after which it is not tried again
LONGEST_WAIT = 20.0  # seconds between two tries of a read
WORKERS = int(CAPACITY) + 4  # calls in flight: a full bucket may leave at once, also where an answer takes a second, and some wait


class Caller:
    """Everything about a call that is the same for all endpoints."""

    def __init__(
        self,
        store_id: str,
        api_key: str,
        *,
        base_url: str = DEFAULT_URL,
        bucket: Bucket | None = None,
        timeouts: tuple[float, float] = (10, 60),
        workers: int = WORKERS,
        retries: int = 6,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
        chance: Callable[[], float] = random.random,
        on_request: Callable[[Call], None] | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        self._key = Key(store_id, api_key)
        base, here = base_address(base_url)
        self.base_url = base
        self.bucket = bucket or Bucket(clock=clock, wait=wait, chance=chance)
        self.workers = max(1, workers)
        self.stop = threading.Event()  # set it, and waits end with Stopped; calls in flight finish
        self.on_request = on_request
        self.now: Callable[[], float] = time.time  # the clock by which pages say when they were read, seconds since 1970
        self.refusal = ""  # what to say where the key is refused, for a store that has a name: which key it was
        self._retries = retries
        self._clock = clock
        self._wait = wait
        self._chance = chance
        self._lock = threading.Lock()
        self._hooks = threading.local()
        self._reached = False  # whether the store ever answered: if not, the address may be wrong
        self._counts = Requests()
        self._wire = Wire(base, here, timeouts=timeouts, size=self.workers + 4, ca=ca_bundle)

    @contextmanager
    def leaving(self, hook: Callable[[], None]) -> Iterator[None]:
        """Call `hook` just before each write of this thread leaves: its turn has come, nothing is sent yet.

        What the hook raises ends the call, unsent. After a 429 the hook is called again before the write is.
        """
        self._hooks.hook = hook
        try:
            yield
        finally:
            self._hooks.hook = None

    @property
    def store_id(self) -> str:
        """The store's id, as given."""
        return self._key.store_id

    @property
    def counts(self) -> Requests:
        """The requests sent so far, repeats included; a 429 counts as `rate_limited` only."""
        with self._lock:
            return self._counts

    def clean(self, text: str) -> str:
        """The text without the key and the other secrets that were seen."""
        return self._key.clean(text)

    def signature(self, content: bytes) -> str:
        """What this store signs a webhook's content with."""
        return self._key.signature(content)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One authorised call to any path; the answer's whole JSON, the settings' secrets hidden.

        A GET is repeated when that may help. A write is sent once; it is sent again by itself only where it
        is certain that it was not carried out: after a 429 [doc], and when no connection could be made.

        Raises:
            UsageError: a method, path or body that the API cannot take; nothing was sent.
            NotAllowed: the key was refused.
            Refused: the store answered with an error; NotFound if there is no such record. Not carried out.
            RateLimited: 429, and it did not pass. Not carried out.
            Unreachable: no connection, or a GET that was never answered. Not carried out.
            Unclear: for a write: it may have been carried out. For a GET: no usable answer came.
            Stopped: the stop event was set before it was sent.
        """
        return self._call(method, path, query=query, body=body, headers=headers)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        expect: tuple[str, type] | None = None,
        counted: bool = True,
    ) -> dict[str, Any]:
        method = method.strip().upper()
        target = path_and_query(path, query)
        content, lines = self._prepare(method, body, headers)
        read = method == "GET"
        self._wire.connect()
        tries = {
            Sort.LIMITED: LIMITED,
            Sort.NOT_SENT: min(self._retries if read and self._reached else CONNECTING, self._retries),
            Sort.DOUBTFUL: self._retries if read else 0,
        }
        attempt = 0
        began = self._clock()
        while True:
            attempt += 1
            verdict, outcome = self._once(method, target, lines, content, expect, attempt, counted)
            if verdict.sort is Sort.GOOD:
                document: dict[str, Any] = tidy(verdict.document)
                return self._hide_settings(document)
            left = tries.get(verdict.sort, 0)
            if not left or (verdict.sort is Sort.LIMITED and self._clock() - began > PATIENCE):
                break
            tries[verdict.sort] = left - 1
            if verdict.sort is not Sort.LIMITED:  # after a 429 the bucket makes everybody wait
                self._pause(self._seconds_before(attempt, outcome))
        raise self._error(method, target, verdict, outcome, attempt)

    def _prepare(self, method: str, body: Any, headers: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
        if method not in METHODS:
            raise UsageError(f"{method or 'An empty method'} is not one of {', '.join(METHODS)}.")
        if method == "GET" and body is not None:
            raise UsageError("A GET carries no body. Give the values as a query.")
        lines = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": f"orderdesk-batch/{_version()} (+https://pypi.org/project/orderdesk-batch/)",
        }
        for name, value in (headers or {}).items():
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+: [ -~]*", f"{name}: {value}"):
                raise UsageError(f'The header "{name}" has characters that a header cannot have.')
            if method == "GET" and name.lower() == "x-http-method-override":
                raise UsageError("Only a POST can stand for another method.")
            if name.lower() not in OURS:
                lines = {known: line for known, line in lines.items() if known.lower() != name.lower()}
                lines[name] = str(value).strip()
        if body is None:
            return None, lines
        lines["Content-Type"] = "application/json"
        return dumps(tidy(body)).encode(), lines

    def _once(
        self,
        method: str,
        target: str,
        lines: dict[str, str],
        content: bytes | None,
        expect: tuple[str, type] | None,
        attempt: int,
        counted: bool,
    ) -> tuple[Verdict, Outcome]:
        ticket = self.bucket.take(self.stop)
        if method != "GET" and (hook := getattr(self._hooks, "hook", None)) is not None:
            try:
                hook()
            except BaseException:
                self.bucket.unused(ticket)
                raise
        started = self._clock()
        outcome = self._wire.send(method, target, {**lines, **self._key.headers()}, content)
        seconds = self._clock() - started
        verdict = judge(outcome, expect)
        remaining = outcome.headers.get("x-tokens-remaining")
        if verdict.sort is Sort.LIMITED:
            self.bucket.limited(ticket, outcome.retry_after)
        elif outcome.status is not None:
            self._reached = True
            self.bucket.answered(ticket, remaining)
        elif verdict.sort is Sort.DOUBTFUL:
            self.bucket.lost(ticket)
        else:
            self.bucket.unused(ticket)
        if counted and (outcome.status is not None or verdict.sort is Sort.DOUBTFUL):
            limited = verdict.sort is Sort.LIMITED
            read = method == "GET"
            with self._lock:
                self._counts += Requests(read and not limited, not read and not limited, limited)
        outcome.body = b""  # read; what is kept from here on is clean
        if verdict.sort is not Sort.GOOD:
            document = self._key.clean_all(self._hide_settings(verdict.document))
            verdict = replace(verdict, words=self._key.clean(verdict.words), document=document)
        trouble = verdict.words
        log.debug(
            "%s %s: %s in %.3f s, %s tokens left%s",
            method, target.partition("?")[0], outcome.status, seconds, remaining, trouble and f" ({trouble})",
        )  # fmt: skip
        if self.on_request is not None:
            self._tell(Call(method, target, outcome.status, seconds, remaining, attempt, trouble))
        return verdict, outcome

    def _tell(self, call: Call) -> None:
        assert self.on_request is not None
        try:
            self.on_request(call)
        except Exception:  # a listener's trouble must not look like the store's
            log.warning("the listener for requests failed", exc_info=True)

    def _seconds_before(self, attempt: int, outcome: Outcome) -> float:
        asked = number_of(outcome.retry_after)
        if asked is not None:
            return min(asked, LONGEST_PAUSE)
        return min(LONGEST_WAIT, 0.5 * 2.0 ** (attempt - 1)) * (0.5 + self._chance() / 2)

    def _pause(self, seconds: float) -> None:
        if self._wait is not None:
            self._wait(seconds)
        else:
            self.stop.wait(seconds)
        if self.stop.is_set():
            raise Stopped("Stopped while waiting to try again.")

    def _error(self, method: str, target: str, verdict: Verdict, outcome: Outcome, attempt: int) -> StoreError:
        what = f"{method} {target.partition('?')[0]}"
        words = verdict.words
        tries = f" after {attempt} tries" if attempt > 1 else ""
        error = verdict.error
        if verdict.sort is Sort.LIMITED:
            error = RateLimited
            words = f"The store's rate limit did not let {what} through{tries}; it was not carried out."
        elif verdict.sort is Sort.NOT_SENT:
            words = f"Order Desk can't be reached{tries}: {words}. ({what} did not leave.)"
        elif verdict.sort is Sort.DOUBTFUL and method == "GET" and outcome.status is None:
            error = Unreachable
            words = f"Order Desk can't be reached: {what} got no answer{tries}: {words}."
        elif verdict.sort is Sort.DOUBTFUL and method == "GET":
            words = f"{what} got no usable answer{tries}: {words}."
        elif verdict.sort is Sort.DOUBTFUL:
            words = f"{what} was sent, but whether it was carried out is not known: {words}."
        elif outcome.status is None or (outcome.status < 400 and outcome.status >= 300):
            words = f"{what} did not get through: {words}."
        elif error is NotAllowed and self.refusal:
            words = self.refusal
        return error(words, status=outcome.status, body=verdict.document or None)

    def _hide_settings(self, document: dict[str, Any]) -> dict[str, Any]:
        """A store's settings hold secrets [doc]; they are hidden before anybody sees them."""
        if not any(name in document for name in ("store", "settings")):
            return document
        seen: set[str] = set()
        hidden = {name: masked(value, seen) if name in ("store", "settings") else value for name, value in document.items()}
        self._key.also(seen)
        return hidden

    def close(self) -> None:
        """Close the connections; the store can be used again."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.store_id}, {self.base_url})"


def _version() -> str:
    global _known_version
    if not _known_version:
        from importlib.metadata import PackageNotFoundError, version

        try:
            _known_version = version("orderdesk-batch")
        except PackageNotFoundError:
            _known_version = "0"
    return _known_version


_known_version = ""

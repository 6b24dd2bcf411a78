"""This file holds judge: what an answer of the store means, and the small values that calls are told in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from orderdesk_batch.errors import NotAllowed, NotFound, Refused, StoreError, Unclear, Unreachable
from orderdesk_batch.store.send import Fault, Outcome
from orderdesk_batch.store.wire import loads


class Sort(Enum):
    """The five ends that a request can have."""

    GOOD = "good"  # the store says success
    FINAL = "final"  # the store says no: not carried out, and asking again is useless
    LIMITED = "limited"  # 429: not carried out, later perhaps
    NOT_SENT = "not sent"  # no connection: not carried out, later perhaps
    DOUBTFUL = "doubtful"  # it may have been carried out


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sort, with the answer's document if it is good, else with the error and its message."""

    sort: Sort
    document: dict[str, Any]
    error: type[StoreError] = Unclear
    words: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was sent, for `on_request`: progress bars and counts."""

    method: str
    path: str  # with its query, without the base address
    status: int | None  # None: no answer
    seconds: float
    remaining: str | None  # X-Tokens-Remaining
    attempt: int  # 1 for the first
    trouble: str  # "" when all is well


@dataclass(frozen=True, slots=True)
class Requests:
    """How many requests were sent: reads, writes, and those of either kind that were answered 429.

    >>> Requests(5, 2, 0) - Requests(1, 0, 0)
    Requests(read=4, written=2, rate_limited=0)
    """

    read: int = 0
    written: int = 0
    rate_limited: int = 0

    def __sub__(self, other: Requests) -> Requests:
        limited = self.rate_limited - other.rate_limited
        return Requests(self.read - other.read, self.written - other.written, limited)

    def __add__(self, other: Requests) -> Requests:
        limited = self.rate_limited + other.rate_limited
        return Requests(self.read + other.read, self.written + other.written, limited)

    def as_json(self) -> dict[str, int]:
        """The counts as `--json` prints them."""
        return {"read": self.read, "written": self.written, "rate_limited": self.rate_limited}


def judge(outcome: Outcome, expect: tuple[str, type] | None) -> Verdict:
    """What became of a request, by its status and its body.

    Success and failure are in the body [doc]: an error can come with HTTP 200, so a good answer is 2xx, a
    JSON object, `status` "success", and with the key that `expect` names, of that type. A 5xx, a cut or
    garbage says nothing about whether a write was done [seen].
    """
    status = outcome.status
    if outcome.fault is not None or status is None:
        if outcome.fault is Fault.NO_WAY:
            return Verdict(Sort.FINAL, {}, Unreachable, outcome.words)
        if outcome.fault is Fault.NO_CONNECTION:
            return Verdict(Sort.NOT_SENT, {}, Unreachable, outcome.words)
        return Verdict(Sort.DOUBTFUL, {}, Unclear, outcome.words)
    document = _object(outcome.body)
    said = _message(document)
    if status == 429:
        return Verdict(Sort.LIMITED, document or {}, words="429, too many requests")
    if status in (401, 403):
        words = (
            f"Order Desk refused the key ({status}). Check the store id and the API key, "
            "ORDERDESK_STORE_ID and ORDERDESK_API_KEY: they belong together."
        )
        return Verdict(Sort.FINAL, document or {}, NotAllowed, words)
    if status >= 500 or status == 408 or status < 200:
        return Verdict(Sort.DOUBTFUL, document or {}, Unclear, said or f"the server answered {status}")
    if status == 404 or (status >= 400 and "not found" in said.lower()):
        return Verdict(Sort.FINAL, document or {}, NotFound, said or "not found (404)")
    if status >= 400:
        return Verdict(Sort.FINAL, document or {}, Refused, said or f"the server answered {status}")
    if status >= 300:
        words = f"the server sends us to another address ({status}), which is not followed with a key. Check ORDERDESK_BASE_URL"
        return Verdict(Sort.FINAL, document or {}, Refused, words)
    if document is None:
        return Verdict(Sort.DOUBTFUL, {}, Unclear, "the answer is not a JSON object")
    word = str(document.get("status", "")).strip().lower()
    if word == "error":
        error = NotFound if "not found" in said.lower() else Refused
        return Verdict(Sort.FINAL, document, error, said or "an error without a message")
    if word != "success":
        return Verdict(Sort.DOUBTFUL, document, Unclear, "the answer does not say whether it is a success")
    if expect is not None:
        name, kind = expect
        found = document.get(name)
        if not isinstance(found, kind) or (isinstance(found, list) and not all(isinstance(record, dict) for record in found)):
            return Verdict(Sort.DOUBTFUL, document, Unclear, f"the answer holds no proper {name}")
    return Verdict(Sort.GOOD, document)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        document = loads(body.decode("utf-8-sig"))
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _message(document: dict[str, Any] | None) -> str:
    message = (document or {}).get("message")
    if isinstance(message, (list, tuple)):
        return "; ".join(str(entry) for entry in message)
    return "" if message is None else str(message).strip()

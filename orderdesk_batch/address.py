"""This file holds the address of the API, and how an address is written so that one store is known as one."""

from __future__ import annotations

DEFAULT_URL = "https://app.orderdesk.me/api/v2"


def whole(address: str | None) -> str:
    """An address as it was given, without spaces around it and slashes at its end; the real API's if none was.

    >>> whole("https://example.com/v2/"), whole("")
    ('https://example.com/v2', 'https://app.orderdesk.me/api/v2')
    """
    return (address or DEFAULT_URL).strip().rstrip("/")

"""The endpoints about the store itself: a test of the connection, and its settings and folders."""

from __future__ import annotations

from .calls import Answer, Call, Route

__all__ = ["ROUTES", "SECRETS"]

SECRETS = {"smtp_username": "sandbox-smtp-user-SECRET", "smtp_password": "sandbox-smtp-password-SECRET"}
"""What the settings hold beside the key that must never leave a client; made up, and easy to look for."""


def test(call: Call) -> Answer:
    """`GET /test`"""
    return Answer("Connection Successful", {"current_date_time": call.now})


def store(call: Call) -> Answer:
    """`GET /store`"""
    spec = call.spec
    settings = {"timezone": spec.timezone, "store_email": "shop@example.com", "api_key": spec.key, **SECRETS}
    # Folders are never an empty map: a store can't be without one.
    return Answer(
        keys={
            "store": {"id": spec.id, "name": spec.name, "settings": settings, "folders": dict(spec.folders)}
        }
    )


ROUTES: list[Route] = [("GET", "/test", test), ("GET", "/store", store)]

"""This file holds Said: what a command said, for the tests of the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)

"""This file holds the place of runs and state, as a text: `runs` looks there, and starts without pathlib."""

# ruff: noqa: PTH111, PTH117, PTH118

from __future__ import annotations

import os
import sys


def home_folder() -> str:
    """The folder for runs and state: ORDERDESK_BATCH_HOME, else the platform's user-data folder."""
    if given := os.environ.get("ORDERDESK_BATCH_HOME"):
        return os.path.expanduser(given)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    if sys.platform == "linux" and os.path.isabs(data) and "ANDROID_ROOT" not in os.environ:
        return os.path.join(data, "orderdesk-batch")  # as platformdirs says, which takes as long to load as Python itself
    from platformdirs import user_data_dir

    return user_data_dir("orderdesk-batch", appauthor=False)

"""This folder holds the watching: events as rows, by polling, by webhook, and from a drop folder."""

from .delivery import Delivery
from .drop import DropFolder, Ended, Job, PutAway
from .events import EVENTS, WATCHED, Event, Wanted, wanted
from .loop import Watcher, polite
from .poll import LEAST_EVERY
from .turns import Turns
from .webhook import Receiver, known_folders

__all__ = [
    "EVENTS", "LEAST_EVERY", "WATCHED", "Delivery", "DropFolder", "Ended", "Event", "Job", "PutAway", "Receiver", "Turns", "Wanted", "Watcher",
    "known_folders", "polite", "wanted",
]  # fmt: skip

"""This folder holds the watching: events as rows, by polling, by webhook, and from a drop folder."""

from .events import EVENTS, WATCHED, Event, Wanted, wanted
from .loop import Watcher
from .poll import LEAST_EVERY

__all__ = ["EVENTS", "LEAST_EVERY", "WATCHED", "Event", "Wanted", "Watcher", "wanted"]

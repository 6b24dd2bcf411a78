"""This folder holds the watching: events as rows, by polling, by webhook, and from a drop folder."""

from .delivery import Delivery
from .events import EVENTS, WATCHED, Event, Wanted, wanted
from .loop import Watcher, polite
from .poll import LEAST_EVERY

__all__ = ["EVENTS", "LEAST_EVERY", "WATCHED", "Delivery", "Event", "Wanted", "Watcher", "polite", "wanted"]

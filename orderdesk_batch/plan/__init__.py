"""This folder holds the planning: rows against documents. It is pure; nothing here talks to the store."""

from .change import Change, ItemChange, Plan, State, Step, plain
from .keys import OrderKey
from .make import Found, Part, make, wanted
from .shipments import dates_sent
from .world import World

__all__ = ["Change", "Found", "ItemChange", "OrderKey", "Part", "Plan", "State", "Step", "World", "dates_sent", "make", "plain", "wanted"]

"""This folder holds the planning: rows against documents. It is pure; nothing here talks to the store."""

from .change import Change, ItemChange, Plan, State, Step, plain
from .make import Found, Part, make, wanted
from .compare import World

__all__ = ["Change", "Found", "ItemChange", "Part", "Plan", "State", "Step", "World", "make", "plain", "wanted"]

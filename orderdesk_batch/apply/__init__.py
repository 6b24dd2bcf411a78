"""This folder holds the sending: apply and resume (one and the same), and undo, which is a plan."""

from .engine import Engine, Paused
from .undo import Undo

__all__ = ["Engine", "Paused", "Undo"]

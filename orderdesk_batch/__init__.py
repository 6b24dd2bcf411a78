"""Spreadsheets to Order Desk, and back: checked, previewed, sent once, undoable."""

__version__ = "0.1.0"

"""This folder holds the pace: how fast we may ask one store, learnt from what its answers say."""

from __future__ import annotations

from orderdesk_batch.pace.bucket import CAPACITY, LONGEST_PAUSE, RATE, Bucket, Ticket, number_of

__all__ = ["CAPACITY", "LONGEST_PAUSE", "RATE", "Bucket", "Ticket", "number_of"]

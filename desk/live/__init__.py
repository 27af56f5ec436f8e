"""Screens that are never out of date: who changed what, told to every browser."""

from desk.live.hub import Live
from desk.live.subscription import Changes, Subscription

__all__ = ["Changes", "Live", "Subscription"]

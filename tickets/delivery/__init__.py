"""Deliveries from the outbox: webhook and mail to helpdesks, notices to shoppers."""

from tickets.delivery.now import deliver_now

__all__ = ["deliver_now"]

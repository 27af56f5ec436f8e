"""Accounts: who works at the desk, how they sign in, and in which browsers they are."""

from desk.accounts.agents import Agent, Role, SignedIn
from desk.accounts.store import Accounts

__all__ = ["Accounts", "Agent", "Role", "SignedIn"]

"""PostgreSQL for the tests that sign in on each engine."""

from __future__ import annotations

from tests.ledger.engines import postgres

__all__ = ["postgres"]

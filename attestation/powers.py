"""Who may sign what: the purpose a key needs and the kinds of holders, by type of statement (design §2).

One table for whoever judges a statement: the log at acceptance (step 8) and anybody with a receipt (its step 6).
"""

from __future__ import annotations

from types import MappingProxyType

from attestation.keys import Kind, Purpose

PURPOSE_BY_TYPE = MappingProxyType(
    {
        "key": Purpose.ADMINISTRATION,
        "policy": Purpose.ADMINISTRATION,
        "reading": Purpose.DEVICE,
        "close": Purpose.DEVICE,
        "report": Purpose.STATEMENT,
    }
)
"""The purpose that a key needs."""

KINDS_BY_TYPE = MappingProxyType(
    {
        "key": frozenset({Kind.PARK}),
        "policy": frozenset({Kind.PARK}),
        "reading": frozenset({Kind.DEVICE}),
        "close": frozenset({Kind.DEVICE}),
        "report": frozenset({Kind.ENTERPRISE, Kind.PARK}),
    }
)
"""The kinds of identifiers that sign it."""

BY_REGISTRAR = frozenset({"key", "policy"})
"""Types that only the registrar signs; ``key`` only with the root key, on which every receipt's trust ends."""

"""The audit: from entries and raw chain logs alone everything is recomputed, and what does not add up is named.

``audit`` runs it, ``store_evidence`` and ``NodeEvidence`` are a database's and a node's evidence. Nothing that a
service computed before is believed: rows of its database are what the audit holds against its own result.

What is asked for here is imported then: a worker process, which judges entries, loads no chain client and no tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.audit.findings import Area, Divergence
    from ledger.audit.of_node import NodeEvidence
    from ledger.audit.of_store import StoreEvidence, store_evidence
    from ledger.audit.run import AuditReport, audit

__all__ = ["Area", "AuditReport", "Divergence", "NodeEvidence", "StoreEvidence", "audit", "store_evidence"]

_OWNERS = {
    "Area": "findings",
    "AuditReport": "run",
    "Divergence": "findings",
    "NodeEvidence": "of_node",
    "StoreEvidence": "of_store",
    "audit": "run",
    "store_evidence": "of_store",
}


def __getattr__(name: str) -> object:
    if name not in _OWNERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)

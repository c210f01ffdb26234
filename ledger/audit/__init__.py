"""The audit: from entries and raw chain logs alone everything is recomputed, and what does not add up is named.

``audit`` runs it, ``store_evidence`` and ``NodeEvidence`` are a database's and a node's evidence. Nothing that a
service computed before is believed: rows of its database are what the audit holds against its own result.
"""

from __future__ import annotations

from ledger.audit.findings import Area, Divergence
from ledger.audit.of_store import NodeEvidence, StoreEvidence, store_evidence
from ledger.audit.run import AuditReport, audit

__all__ = ["Area", "AuditReport", "Divergence", "NodeEvidence", "StoreEvidence", "audit", "store_evidence"]

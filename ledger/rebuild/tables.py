"""Of every table: is it evidence, does it follow from evidence, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.db.chain_models import ChainHeadRow
from ledger.fsck.established import TABLES
from ledger.projection_rows import PROJECTED

EVIDENCE: Final[Mapping[str, str]] = {
    "entries": "index, time of acceptance and bytes; its other columns follow from the bytes",
    "checkpoints": "signed notes; the column of the root follows from the entries",
    "equivocations": "second statements, as their signers signed them",
}
"""Tables that nothing else can give back; by name, what of them is evidence."""
ESTABLISHED: Final[tuple[str, ...]] = TABLES
"""Derived from the entries by the rules of acceptance."""
OF_CHAIN: Final[tuple[str, ...]] = tuple(table.__tablename__ for table in PROJECTED)
"""Derived from the chain by the projection."""
DERIVED: Final[frozenset[str]] = frozenset({"streams", "tiles", "log_state", *ESTABLISHED, *OF_CHAIN})
"""Tables of which every row follows from entries and chain; of ``log_state`` all but the epoch,
which a person adopts."""
NEITHER: Final[Mapping[str, str]] = {
    "outbox": "what is asked of the contracts follows from entries and heads, and whether it is on chain from the "
    "chain; how it was sent, and what a contract finally refused, is in no other place",
    "sent_batches": "signed transactions, handed to a node again if the chain forgets them",
    "market_outcomes": "in which order the service learnt what became of fills: readers of the feeds go on from it",
    "chain_reads": "when the chain was read last",
    "leases": "who works in a role now",
    "reminders": "what was sent to whom, so that nothing is sent twice",
    "applications": "personal data beside the log, erased when its time is over",
    "sessions": "who is signed in",
    "spent_nonces": "which nonces may not be used again",
    "reads": "who read what: the service's own record of access",
}
"""Tables that follow from nothing and prove nothing; by name, why they are kept as they are."""
HEAD: Final = ChainHeadRow.__tablename__

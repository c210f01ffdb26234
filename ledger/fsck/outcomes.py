"""What was noted of fills and orders after their entries: each about something that entries established, the last one
of each fill as the outbox has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.chain.outcomes import Outcome
from ledger.fsck.faults import Findings
from ledger.fsck.store import Store

_TABLE = "market_outcomes"
OF_FILLS: Final = frozenset[Outcome]({"settled", "final", "undone", "matched"})
"""What is noted of fills."""
OF_ORDERS: Final = frozenset({"withdrawn", "restored"})
"""What is noted of orders."""
LAST: Final[Mapping[str, Outcome]] = {"mined": "settled", "final": "final", "refused": "undone"}
"""By state of the outbox, what was noted last of a fill; of any other ``matched``, or nothing."""
FOLLOWS: Final[Mapping[str, frozenset[str | None]]] = {
    "settled": frozenset({None, "matched", "final", "undone"}),
    "final": frozenset({"settled"}),
    "undone": frozenset({None, "matched"}),
    "matched": frozenset({"settled", "final", "undone"}),
}
"""By what is noted of a fill, what may have been noted of it before."""
CARRIED: Final = (
    "SELECT coalesce(min(m.number), (SELECT max(number) + 1 FROM market_outcomes)) FROM market_outcomes m"
    " WHERE m.entries <> (SELECT f.entries FROM market_outcomes f ORDER BY f.number LIMIT 1)"
    " OR m.order_hash IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM market_outcomes p WHERE p.op_id = m.op_id AND p.number < m.number)"
)
"""Below this number stand the notes with which a store began that had fills before it had notes: one of each fill, as
it stood then."""


def compare_outcomes(store: Store, findings: Findings) -> None:
    """Compare every row with fills and orders, and every settlement with its last row."""
    accepted = store.scalar("SELECT next_index FROM log_state WHERE id = 1") or 0
    carried = store.scalar(CARRIED) or 0
    query = (
        "SELECT m.number, m.entries, m.op_id, m.order_hash, m.state, f.op_id, o.order_hash, (SELECT p.state"
        " FROM market_outcomes p WHERE p.op_id = m.op_id AND p.number < m.number ORDER BY p.number DESC LIMIT 1)"
        " FROM market_outcomes m"
        " LEFT JOIN market_fills f ON f.op_id = m.op_id LEFT JOIN market_orders o ON o.order_hash = m.order_hash"
        " ORDER BY m.number"
    )
    for number, entries, op_id, order, state, fill, known, before in store.stream(query):
        findings.looked_at(_TABLE)
        if (op_id is None) is (order is None):
            findings.fault(_TABLE, number, "op_id", op_id, "a fill's operation, or an order, and not both")
        elif op_id is not None and fill is None:
            findings.fault(_TABLE, number, "op_id", op_id, "the operation of a fill")
        elif order is not None and known is None:
            findings.fault(_TABLE, number, "order_hash", order, "an order")
        words = OF_FILLS if order is None else OF_ORDERS
        if state not in words:
            findings.fault(_TABLE, number, "state", state, " or ".join(sorted(words)))
        elif order is None and before not in FOLLOWS[state] and not (before is None and number < carried):
            allowed = " or ".join(sorted(one or "nothing" for one in FOLLOWS[state]))
            findings.fault(_TABLE, number, "state", f"{state} after {before or 'nothing'}", f"{state} after {allowed}")
        if not 0 <= entries <= accepted:
            findings.fault(_TABLE, number, "entries", entries, f"0 to {accepted}")
    last = (
        "SELECT o.op_id, o.state, (SELECT m.state FROM market_outcomes m WHERE m.op_id = o.op_id"
        " ORDER BY m.number DESC LIMIT 1) FROM outbox o WHERE o.kind = 'settle' ORDER BY o.id"
    )
    for op_id, state, noted in store.stream(last):
        wanted = LAST.get(state, "matched")
        # Of what never left nothing was noted.
        if noted != wanted and not (noted is None and wanted == "matched"):
            findings.fault(_TABLE, op_id, "state", noted, f"{wanted}, as the outbox has it")

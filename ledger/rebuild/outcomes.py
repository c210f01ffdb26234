"""What was noted of fills and orders: history of the service, kept but for rows about nothing; what is not noted yet
comes last."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from ledger.chain.outcomes import Outcome, note_each
from ledger.fsck.outcomes import CARRIED, FOLLOWS, LAST, OF_FILLS, OF_ORDERS
from ledger.market import withdrawals

_ABOUT_NOTHING: Final = (
    "DELETE FROM market_outcomes WHERE (op_id IS NULL) = (order_hash IS NULL)"
    " OR (op_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM market_fills f WHERE f.op_id = market_outcomes.op_id))"
    " OR (order_hash IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM market_orders o WHERE o.order_hash = market_outcomes.order_hash))"
)
_UNKNOWN_WORD: Final = "DELETE FROM market_outcomes WHERE {0} IS NOT NULL AND state NOT IN ({1})"
_TOO_EARLY: Final = (
    "UPDATE market_outcomes SET entries = (SELECT next_index FROM log_state WHERE id = 1)"
    " WHERE entries < 0 OR entries > (SELECT next_index FROM log_state WHERE id = 1)"
)
_OF_FILLS: Final = "SELECT number, op_id, state FROM market_outcomes WHERE op_id IS NOT NULL ORDER BY number"
_COUNT: Final = "SELECT count(*) FROM market_outcomes"
_NOTED: Final = (
    "SELECT o.op_id, o.state, (SELECT m.state FROM market_outcomes m WHERE m.op_id = o.op_id"
    " ORDER BY m.number DESC LIMIT 1) AS noted FROM outbox o WHERE o.kind = 'settle' ORDER BY o.id"
)


def rebuild_outcomes(store: Connection, *, now: int) -> int:
    """Put the notes right, after outbox and market were; ``now``: Unix seconds. Returns how many were taken away or
    added."""
    changed = store.execute(text(_ABOUT_NOTHING)).rowcount
    for column, words in (("op_id", OF_FILLS), ("order_hash", OF_ORDERS)):
        listed = ", ".join(f"'{word}'" for word in sorted(words))
        changed += store.execute(text(_UNKNOWN_WORD.format(column, listed))).rowcount
    changed += store.execute(text(_TOO_EARLY)).rowcount
    changed += _forget_impossible(store)
    missing: dict[Outcome, list[bytes]] = {"settled": [], "final": [], "undone": [], "matched": []}
    for op_id, state, noted in store.execute(text(_NOTED)).all():
        wanted = LAST.get(state, "matched")
        if noted == wanted or (noted is None and wanted == "matched"):
            continue
        if noted not in FOLLOWS[wanted]:
            missing["settled" if wanted == "final" else "matched"].append(bytes(op_id))
        missing[wanted].append(bytes(op_id))
    before = store.scalar(text(_COUNT)) or 0
    # A session of its own over the same transaction, which its end leaves open.
    with Session(bind=store, join_transaction_mode="rollback_only") as session:
        for outcome in ("matched", "settled", "final", "undone"):
            note_each(session, outcome, missing[outcome], now=now)
        withdrawals.note_all(session, now=now)
        session.commit()
    return int(changed + (store.scalar(text(_COUNT)) or 0) - before)


def _forget_impossible(store: Connection) -> int:
    """Of a fill of which one note cannot follow another no note is kept; all of it is noted anew."""
    wrong: set[bytes] = set()
    last: dict[bytes, str] = {}
    carried = store.scalar(text(CARRIED)) or 0
    for number, op_id, state in store.execute(text(_OF_FILLS)):
        before = last.get(bytes(op_id))
        if before not in FOLLOWS[state] and not (before is None and number < carried):
            wrong.add(bytes(op_id))
        last[bytes(op_id)] = state
    forget = text("DELETE FROM market_outcomes WHERE op_id = :op_id")
    return sum(store.execute(forget, {"op_id": op_id}).rowcount for op_id in sorted(wrong))

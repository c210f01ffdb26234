"""What was read of the asset contracts, by account, asset and year, as of any block (law 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.asset_messages import Cancel, CancelByOrder, CarryOver, Freeze, Return, Surrender, Transfer
from attestation.assets import quota_of
from attestation.market_messages import TradingMove
from ledger.chain.asset_intents import AssetIntent, SignedIntent, asset_intent
from ledger.chain.operations import ASSET_KINDS, Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.obligations import ObligationQueries, Position, Proposal, Score
from ledger.db.unit_queries import Balance, FreezeState, Owed, RunState, Supply, UnitQueries

__all__ = [
    "AssetRepository",
    "Balance",
    "FreezeState",
    "Owed",
    "Position",
    "Proposal",
    "RunState",
    "Score",
    "Supply",
]


class AssetRepository(UnitQueries, ObligationQueries):
    """Reads projected rows in the caller's transaction; accounts are account ids (32 bytes)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def on_its_way(self, account: bytes) -> Iterator[AssetIntent]:
        """What was asked for about the account and is not on chain yet, nor finally refused, in the log's order."""
        query = select(OutboxRow.kind, OutboxRow.payload).where(
            OutboxRow.state.in_((State.PENDING.value, State.SENT.value)),
            OutboxRow.kind.in_(ASSET_KINDS),
            OutboxRow.payload.contains(account.hex(), autoescape=True),
        )
        for kind, payload in self._session.execute(query.order_by(OutboxRow.id)):
            intent = asset_intent(Kind(kind), json.loads(payload))
            if account.hex() in intent.parties:
                yield intent

    def pending_out(self, account: bytes, asset: int) -> int:
        """Tonnes that signed messages on their way take out of what the account holds free of the asset."""
        intents = (intent for intent in self.on_its_way(account) if isinstance(intent, SignedIntent))
        return sum(_taken(intent, account, asset) for intent in intents)


def _taken(intent: SignedIntent, account: bytes, asset: int) -> int:
    if intent.confirms:
        return 0
    match intent.message:
        case Transfer(sender=owner, asset=moved, tonnes=tonnes, freeze=freeze) if not any(freeze):
            # What comes out of a freeze was not free.
            pass
        case (
            CancelByOrder(account=owner, asset=moved, tonnes=tonnes) | Cancel(account=owner, asset=moved, tonnes=tonnes)
        ):
            pass
        case TradingMove(account=owner, asset=moved, amount=tonnes, inward=True):
            pass
        case Freeze(account=owner, asset=moved, tonnes=tonnes) | Surrender(account=owner, asset=moved, tonnes=tonnes):
            pass
        case (
            Return(account=owner, vintage=vintage, tonnes=tonnes)
            | CarryOver(account=owner, vintage=vintage, tonnes=tonnes)
        ):
            moved = quota_of(vintage)
        case _:
            return 0
    return tonnes if (owner, moved) == (account, asset) else 0

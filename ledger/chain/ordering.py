"""Which waiting intents are looked at in a round, and in which order they may take effect."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from heapq import merge
from itertools import chain, zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.encoding import b64url_decode, b64url_encode
from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.intents import (
    CompleteRecoveryIntent,
    Kind,
    RevokeKeyIntent,
    RotateKeyIntent,
    registry_intent,
)
from ledger.chain.operations import ASSET_KINDS, EMISSION_KINDS, REGISTRY_KINDS
from ledger.chain.outbox import State
from ledger.chain.outbox_waiting import Waiting, pending, what_waits
from ledger.chain.party_order import PARTY_KINDS, PartyOrder, SigningDomains
from ledger.db.base import Database
from ledger.db.chain_models import ChainRecoveryRow, OutboxRow

LOOKED_AT = 512
"""Intents of one look for each of the two registries and for the asset contracts, whether or not there is something to
send for them."""


_REPLACING = frozenset({Kind.ROTATE, Kind.COMPLETE_RECOVERY})
"""What ends a key that nobody called stolen."""
_ENDING = frozenset({*_REPLACING, Kind.REVOKE})
"""What takes a key's word away in good order."""


class LogOrder:
    """The registries hear what entries say in the order of the log: what waits holds up what came after it.

    A recovery whose delay is not over (the chain forgot its proposal and took it anew) would hold up everybody for
    days: what brings identifiers and keys goes on, as far as it does not depend on it, and what the contract refuses
    meanwhile is not called impossible. What replaces a key keeps its place: it could take away the word on which
    something before it still waits. A stolen key is ended out of turn all the same.

    The other contracts read the identifier registry: they hear of verifiers, figures and units after what came before
    them. The other way round, a figure that waits for its anchor, or units that wait for one, hold up nobody's keys but
    the end of those that signed it (:class:`~ledger.chain.party_order.PartyOrder`); a declared compromise does not wait
    for that either.

    Parameters
    ----------
    session
        Where proposed recoveries are looked up.
    in_flight
        What is on its way.
    domains
        EIP-712 domains of the contracts that check what people signed.
    stolen
        Thumbprints (base64url) of the keys whose compromise waits to be told. It takes their word away out of turn, so
        that waiting for a figure helps nobody; a rotation that still needs that word goes before it.
    """

    def __init__(
        self,
        session: Session,
        in_flight: Iterable[OutboxRow],
        domains: SigningDomains,
        stolen: Collection[str] = frozenset(),
    ) -> None:
        rows = list(in_flight)
        self._stolen = stolen
        self._session = session
        self._flying = {_is_anchor(row) for row in rows if row.kind not in PARTY_KINDS}
        self._parties = PartyOrder(rows, domains)
        self._held = self._unsettled = False

    def holds(self, row: OutboxRow) -> bool:
        """Whether the intent has to wait for one before it."""
        if _is_anchor(row):
            return False
        if row.kind in PARTY_KINDS:
            if self._held:
                self._parties.wait_for_keys(row)
            return self._held or self._parties.holds(row)
        if row.kind in _ENDING and self._parties.signers:
            ended = self._ended(row)
            if ended in self._parties.signers and ended not in self._stolen:
                self._unsettled = True
                return True
        return self._held or (self._unsettled and row.kind in _REPLACING)

    def alone(self, row: OutboxRow) -> bool:
        """Whether a refusal by the contract is about the intent itself: nothing that it may build on is under way."""
        if _is_anchor(row):
            return True not in self._flying
        settled = not self._unsettled and False not in self._flying
        return settled and (row.kind not in PARTY_KINDS or self._parties.alone(row))

    def saw(self, row: OutboxRow, judged: Answer) -> None:
        """Take in what was decided of an intent."""
        if row.kind in PARTY_KINDS:
            self._parties.saw(row, judged)
            return
        if isinstance(judged, Call):
            self._flying.add(_is_anchor(row))
        if _is_anchor(row) or not isinstance(judged, Wait) or not judged.reason:
            return
        if judged.not_ready:
            self._unsettled = True
        elif row.doubt_number is None and not self._unsettled:
            self._held = True

    def _ended(self, row: OutboxRow) -> str | None:
        """The thumbprint (base64url) of the key that an intent ends."""
        match registry_intent(Kind(row.kind), json.loads(row.payload)):
            case RotateKeyIntent(replaces=ended) | RevokeKeyIntent(thumbprint=ended):
                return ended
            case CompleteRecoveryIntent(thumbprint=proposed):
                query = select(ChainRecoveryRow.replaces).where(ChainRecoveryRow.thumbprint == b64url_decode(proposed))
                replaced = self._session.scalar(query)
                return None if replaced is None else b64url_encode(replaced)
            case _:
                return None


def stolen_keys(session: Session, among: Waiting | None = None) -> frozenset[str]:
    """Thumbprints (base64url) of the keys whose compromise waits to be told."""
    declared = pending(session, Kind.COMPROMISE, limit=LOOKED_AT, among=among)
    return frozenset(str(json.loads(row.payload)["thumbprint"]) for row in declared)


def anything_waits(database: Database) -> bool:
    """Whether any intent waits for a transaction. In most rounds of a quiet park none does: nothing else is asked then,
    neither of the store nor of the chain."""
    with database.read() as session:
        return session.scalar(select(OutboxRow.id).where(OutboxRow.state == State.PENDING).limit(1)) is not None


def waiting(session: Session, room: int, among: Waiting | None = None) -> Iterator[OutboxRow]:
    """Anchors and what entries ask for in turn, so that a backlog of one does not hold up the other.

    Perhaps more than there is ``room`` for: what cannot go yet, as an anchor without cosignatures, a recovery whose
    delay runs or a figure without its anchor, takes nobody's place. Whoever asks stops when there is no room for
    another call. ``among``: what ``ledger.chain.outbox_waiting.what_waits`` found in this session.
    """
    most, among = LOOKED_AT, among or what_waits(session)
    anchors = pending(session, Kind.ANCHOR, limit=room, among=among)
    registry = pending(session, *REGISTRY_KINDS, limit=most, among=among)
    emissions = pending(session, *EMISSION_KINDS, limit=most, among=among)
    assets = pending(session, *ASSET_KINDS, limit=most, among=among)
    # What is not looked at comes before what lies beyond: that has to wait for it.
    if (last := _last(registry, most)) is not None:
        emissions = _before(last, emissions)
        assets = _before(last, assets)
    if (last := _last(emissions, most)) is not None:
        assets = _before(last, assets)
    elif (last := _last(assets, most)) is not None:
        emissions = _before(last, emissions)
    entries = merge(registry, emissions, assets, key=_place)
    for row in chain.from_iterable(zip_longest(anchors, entries)):
        if row is not None:
            # What the round notes on a row is written by sessions of its own, never by this one that reads.
            session.expunge(row)
            yield row


def _last(rows: list[OutboxRow], most: int) -> int | None:
    """The id of the last intent that is looked at, where there may be more; what is in doubt stands apart."""
    fresh = [row.id for row in rows if row.doubt_number is None]
    return fresh[-1] if len(fresh) == most else None


def _before(last: int, rows: list[OutboxRow]) -> list[OutboxRow]:
    return [row for row in rows if row.id < last]


def _is_anchor(row: OutboxRow) -> bool:
    return row.kind == Kind.ANCHOR


def _place(row: OutboxRow) -> tuple[bool, int]:
    return row.doubt_number is not None, row.id

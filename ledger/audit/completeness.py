"""That nothing was left out: every stream's sequence in whole, and an enterprise's year against the chain.

``streams_of`` needs the entries alone: of each issuer and stream the places 1 to the highest are logged, declared lost
or open, and these are all of them. What somebody signed and what is not here is then at an open place, or above the
highest one, where its signer's receipt or promise says so (``ledger.audit.overdue``).

``dossier_of`` lists one enterprise's year. Reports, verdicts and figures are entries, each with its place in a stream
that is whole; the chain numbers figures by revision, so that a missing one is a missing number. Fills and surrenders
are held against the chain both ways: each has its event, or waits, or was refused for good; each event has its entry.
It reads tables that the audit has held against entries and events; what it finds it says, and judges nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from attestation.identifiers import account_id
from attestation.keys import Kind as Holder
from attestation.statements import Loss
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Divergences
from ledger.audit.places import Places
from ledger.audit.ranges import Name
from ledger.bodies import body_of
from ledger.chain.operations import FIGURE_KINDS, Kind
from ledger.chain.outbox import State
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.case_models import RegistrationRow, VerdictRow
from ledger.db.cases import CaseRepository
from ledger.db.chain_models import OutboxRow
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.log_models import IdentifierRow, LossRow, Stream
from ledger.db.market_models import MarketFillRow
from ledger.db.obligation_models import ChainSurrenderRow

_LOSS = "loss"
_BATCH = 16_384
_PARTS = (Holder.DEVICE.value, Holder.PERSON.value)

Range = tuple[int, int]
"""First and last seq, both included."""


@dataclass(frozen=True, slots=True)
class WholeStream:
    """A stream: ``logged``, ``lost`` and ``open`` places add up to ``last_seq``. ``open_ranges``: the open ones."""

    issuer: str
    stream: str
    last_seq: int
    logged: int
    lost: int
    open: int
    open_ranges: tuple[Range, ...]


class Kept(StrEnum):
    """How something of the log stands to the chain."""

    BOTH = "both"
    """The entry asked for it, and the event is there."""
    WAITS = "waits"
    """Accepted, and not on chain yet."""
    REFUSED = "refused"
    """The contract finally refused it."""
    NO_EVENT = "no-event"
    """Said to be on chain, and no event says so."""
    NO_ENTRY = "no-entry"
    """On chain, and no entry asked for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the year. ``what``: ``report``, ``verification``, ``figure``, ``trade``, ``surrender``. ``place``:
    block and log index of its event, the latter None of a figure. ``kept``: None for what is no matter of the
    chain."""

    what: str
    index: int | None
    place: tuple[int, int | None] | None
    tonnes: int | None
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """An enterprise's year. ``streams``: those of the enterprise, of its devices and persons, and of who verified it.
    ``revisions_missing``: numbers of figures below the highest on chain that have none."""

    enterprise: str
    year: int
    streams: tuple[WholeStream, ...]
    lines: tuple[Line, ...]
    revisions_missing: tuple[int, ...]

    @property
    def left_out(self) -> tuple[Line, ...]:
        """What has an entry or an event and should have both."""
        return tuple(line for line in self.lines if line.kept in {Kept.NO_EVENT, Kept.NO_ENTRY})

    @property
    def whole(self) -> bool:
        """Whether no place is open and nothing was left out."""
        return not (self.left_out or self.revisions_missing or any(stream.open for stream in self.streams))

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members."""
        found: dict[str, object] = msgspec.to_builtins(self)
        return found | {"whole": self.whole}


class _Envelope(msgspec.Struct):
    iss: str
    stream: str
    seq: int
    type: str


def streams_of(log: LogEvidence, divergences: Divergences) -> tuple[WholeStream, ...]:
    """Every stream of the log by issuer and name, from the entries alone. Places that two entries take are named in
    ``divergences``. Memory grows with streams and gaps, not with entries. Raises what decoding raises for bytes that
    are no statement: the audit names those."""
    places, losses = Places(divergences), dict[Name, list[Range]]()
    decode = msgspec.json.Decoder(_Envelope).decode
    count = log.count()
    for first in range(0, count, _BATCH):
        for row in log.entries(first, min(first + _BATCH, count) - 1):
            payload = row.entry.split(b".", 2)[1]
            found = decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
            name = (found.iss, found.stream)
            places.open(name, 0)
            places.take_other(name, found.seq, row.index)
            if found.type == _LOSS:
                loss = body_of(row.entry, Loss)
                losses.setdefault((loss.device, loss.stream), []).append((loss.first_seq, loss.last_seq))
    return whole_streams(places, losses)


def whole_streams(places: Places, losses: Mapping[Name, Sequence[Range]]) -> tuple[WholeStream, ...]:
    """Every stream by issuer and name, from its places and what is declared lost of it."""
    return tuple(
        _whole(name, stream.last_seq, stream.count, list(stream.open_ranges()), losses.get(name, ()))
        for name, stream in sorted(places, key=lambda each: each[0])
    )


def losses_of(session: Session) -> dict[Name, list[Range]]:
    """What entries declared lost, by stream."""
    found: dict[Name, list[Range]] = {}
    query = select(Stream.issuer, Stream.name, LossRow.first_seq, LossRow.last_seq)
    for issuer, name, first, last in session.execute(query.join(Stream, Stream.id == LossRow.stream_id)):
        found.setdefault((issuer, name), []).append((first, last))
    return found


def dossier_of(session: Session, streams: Sequence[WholeStream], enterprise: str, year: int) -> Dossier:
    """The enterprise's year. ``streams``: those of the whole log (``streams_of``)."""
    cases = CaseRepository(session)
    verdicts = cases.of_case(VerdictRow, enterprise, year)
    row = IdentifierRow
    parts = session.scalars(select(row.identifier).where(row.parent == enterprise, row.kind.in_(_PARTS)))
    whose = {enterprise, *parts, *(verdict.verifier for verdict in verdicts)}
    figures, missing = _figures(session, enterprise, year)
    lines = [
        *(Line("report", report.entry_index, None, None, None) for report, _ in cases.reports_of(enterprise, year)),
        *(Line("verification", verdict.entry_index, None, verdict.tonnes, None) for verdict in verdicts),
        *figures,
        *_trades(session, enterprise, year),
        *_surrenders(session, enterprise, year),
    ]
    return Dossier(
        enterprise,
        year,
        tuple(stream for stream in streams if stream.issuer in whose),
        tuple(lines),
        missing,
    )


def _whole(
    name: tuple[str, str], last: int, logged: int, unlogged: Sequence[Range], declared: Iterable[Range]
) -> WholeStream:
    # A loss covers open places only; what was logged all the same is logged.
    lost = [
        (max(first, low), min(end, high))
        for first, end in unlogged
        for low, high in declared
        if max(first, low) <= min(end, high)
    ]
    still = list(_without(unlogged, sorted(lost)))
    left = sum(end - first + 1 for first, end in still)
    return WholeStream(*name, last, logged, last - logged - left, left, tuple(still))


def _without(ranges: Iterable[Range], taken: Sequence[Range]) -> Iterator[Range]:
    for first, last in ranges:
        begin = first
        for low, high in taken:
            if high < begin or low > last:
                continue
            if begin < low:
                yield begin, low - 1
            begin = high + 1
        if begin <= last:
            yield begin, last


def _figures(session: Session, enterprise: str, year: int) -> tuple[list[Line], tuple[int, ...]]:
    row = ChainEmissionsRow
    query = select(row).where(row.enterprise == account_id(enterprise), row.year == year).order_by(row.revision)
    told = {each.revision: each for each in session.scalars(query)}
    missing = tuple(number for number in range(1, max(told, default=0) + 1) if number not in told)
    figures = CaseRepository(session).of_case(RegistrationRow, enterprise, year)
    lines = []
    for figure in sorted(figures, key=lambda each: each.revision):
        event = told.pop(figure.revision, None)
        if event is not None:
            lines.append(Line("figure", figure.entry_index, (event.block_number, None), figure.tonnes, Kept.BOTH))
        else:
            lines.append(Line("figure", figure.entry_index, None, figure.tonnes, _unseen(session, figure.entry_index)))
    lines += [Line("figure", None, (each.block_number, None), each.tonnes, Kept.NO_ENTRY) for each in told.values()]
    return lines, missing


def _trades(session: Session, enterprise: str, year: int) -> Iterator[Line]:
    account, trade, fill = account_id(enterprise), ChainTradeRow, MarketFillRow
    first, last = year * 10_000, year * 10_000 + 9_999
    settled = select(trade).where(or_(trade.buyer == account, trade.seller == account), trade.day.between(first, last))
    told = {(row.block_number, row.log_index): row for row in session.scalars(settled)}
    by_operation = {row.op_id: row for row in told.values()}
    named = select(fill).where(or_(fill.buyer == enterprise, fill.seller == enterprise), fill.day.between(first, last))
    for row in session.scalars(named.order_by(fill.cause, fill.number)):
        event, kept = by_operation.get(row.op_id), _state(session, row.op_id, Kind.SETTLE)
        if event is None and kept is Kept.NO_EVENT:
            # Anybody may bring a trade that both sides signed, under an operation of his own.
            event = next((one for one in told.values() if _same(one, row)), None)
        if event is not None and told.pop((event.block_number, event.log_index), None) is not None:
            yield Line("trade", row.cause, (event.block_number, event.log_index), row.tonnes, Kept.BOTH)
        else:
            yield Line("trade", row.cause, None, row.tonnes, kept)
    for event in told.values():
        yield Line("trade", None, (event.block_number, event.log_index), event.tonnes, Kept.NO_ENTRY)


def _same(event: ChainTradeRow, fill: MarketFillRow) -> bool:
    said = (event.buy_hash, event.sell_hash, event.tonnes, event.price_fen)
    return said == (fill.buy, fill.sell, fill.tonnes, fill.price_fen)


def _surrenders(session: Session, enterprise: str, year: int) -> Iterator[Line]:
    row, asked = ChainSurrenderRow, AssetOperationRow
    events = session.scalars(select(row).where(row.account == account_id(enterprise), row.year == year))
    told = {each.op_id: each for each in events}
    wanted = (asked.kind == Kind.SURRENDER.value, asked.account == enterprise, asked.year == year)
    for each in session.scalars(select(asked).where(*wanted).order_by(asked.entry_index)):
        event = told.pop(each.op_id, None)
        if event is not None:
            yield Line("surrender", each.entry_index, (event.block_number, event.log_index), each.tonnes, Kept.BOTH)
        else:
            yield Line("surrender", each.entry_index, None, each.tonnes, _state(session, each.op_id, Kind.SURRENDER))
    for event in told.values():
        yield Line("surrender", None, (event.block_number, event.log_index), event.tonnes, Kept.NO_ENTRY)


def _unseen(session: Session, index: int) -> Kept:
    row, kinds = OutboxRow, [kind.value for kind in FIGURE_KINDS]
    return _kept(session.scalar(select(row.state).where(row.position == index, row.kind.in_(kinds)).limit(1)))


def _state(session: Session, op_id: bytes, kind: Kind) -> Kept:
    row = OutboxRow
    return _kept(session.scalar(select(row.state).where(row.op_id == op_id, row.kind == kind.value)))


def _kept(state: str | None) -> Kept:
    if state == State.REFUSED:
        return Kept.REFUSED
    # Without a row in the outbox nobody would ever ask the contract: that is left out, too.
    return Kept.WAITS if state in {State.PENDING, State.SENT} else Kept.NO_EVENT

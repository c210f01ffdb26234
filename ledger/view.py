"""What the log answers: entries and their states, streams and gaps, identifiers, heads, proofs, tiles.

Every call reads one snapshot of the store. States: ``accepted`` → ``integrated`` (in a head that the log signed and the
witness cosigned) → ``anchored`` (a head that holds it is on chain) → ``final`` (that block cannot be forgotten).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from attestation.context import KeyRecord, RecoveryOnChain, RecoveryRecord
from attestation.keys import PrivateKey
from ledger.accounts import AccountReader
from ledger.allocation_views import AllocationReader
from ledger.anchors import AnchorRecord, anchor_for
from ledger.cases import CaseReader
from ledger.compliance_views import ComplianceReader
from ledger.context import LogParameters
from ledger.coverage import (
    Coverage,
    CoveredRange,
    GapView,
    Mark,
    RangeState,
    StreamView,
    cover,
    cover_in_detail,
    marks,
    view_gap,
    view_stream,
)
from ledger.db.base import Database
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.entries import EntryRepository
from ledger.db.gaps import GapRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, LogState
from ledger.db.tiles import SqlTileStore
from ledger.deadlines import DeadlineReader
from ledger.device_view import DeviceView, device_view
from ledger.errors import OutOfRange, ReceiptNotReady
from ledger.flagged import FlaggedEntry, flagged
from ledger.history import HistoryReader
from ledger.identity_views import IdentifierView, identifier_view
from ledger.issuing import issue
from ledger.merkle import TILE_WIDTH, Tree
from ledger.movement_views import MovementReader
from ledger.notices import NoticeReader
from ledger.operation_views import OperationReader
from ledger.policy_views import PolicyReader
from ledger.records import key_record, recovery_on_chain, recovery_record
from ledger.report_coverage import ReportCoverage, cover_report
from ledger.score_views import ScoreReader
from ledger.subjects import about

__all__ = [
    "Coverage",
    "CoveredRange",
    "DeviceView",
    "EntryState",
    "EntryView",
    "GapView",
    "LogView",
    "Mark",
    "RangeState",
    "ReportCoverage",
    "StreamView",
    "integrated_tree",
    "no_entry",
]


STREAMS_SHOWN = 100
"""A page of streams holds at most this many: each costs a few queries."""


class EntryState(StrEnum):
    """How far an accepted entry has come."""

    ACCEPTED = "accepted"
    INTEGRATED = "integrated"
    ANCHORED = "anchored"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry and how far it has come. Hashes are 32 bytes, times unix seconds; ``about``: see ``ledger.subjects``."""

    index: int
    statement_id: bytes
    leaf_hash: bytes
    type: str
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    integrate_by: int
    state: EntryState
    entry: bytes
    anchor: AnchorRecord | None
    equivocations: int
    marks: tuple[Mark, ...]
    about: tuple[str, ...]


class LogView:
    """Read access to one log. Nothing here writes. ``log_key`` signs the key status in receipts; None: no receipts."""

    def __init__(self, database: Database, parameters: LogParameters, log_key: PrivateKey | None = None) -> None:
        self._database = database
        self._parameters = parameters
        self._log_key = log_key
        self.policies = PolicyReader(database)
        """Reads of what the park published."""
        self.deadlines = DeadlineReader(database, parameters)
        """Reads of what is due."""
        self.cases = CaseReader(database, parameters)
        """Reads of who verifies what, and where it stands."""
        self.accounts = AccountReader(database)
        """Reads of what accounts hold, and of what became of every unit."""
        self.movements = MovementReader(database)
        """Reads of what moved in accounts."""
        self.notices = NoticeReader(database, parameters)
        """Reads of which powers were exercised over accounts."""
        self.compliance = ComplianceReader(database)
        """Reads of obligations, terms and prices."""
        self.operations = OperationReader(database)
        """Reads of what became of what entries asked of the contracts."""
        self.allocations = AllocationReader(database)
        """Reads of who was given how much of a year's quota."""
        self.scores = ScoreReader(database, parameters)
        """Reads of credit scores, and of the facts that they follow from."""
        self.history = HistoryReader(database, parameters)
        """Reads of what was said, and of what came of it."""

    @property
    def parameters(self) -> LogParameters:
        """What binds the log."""
        return self._parameters

    def entry(self, index: int) -> EntryView | None:
        """The entry at a log position."""
        with self._database.read() as session:
            return self._entry_view(session, EntryRepository(session).entry(index))

    def entry_at(self, issuer: str, stream: str, seq: int) -> EntryView | None:
        """The entry at an issuer's place."""
        with self._database.read() as session:
            entries = EntryRepository(session)
            row = entries.stream(issuer, stream)
            return None if row is None else self._entry_view(session, entries.at(row.id, seq))

    def stream(self, issuer: str, name: str) -> StreamView | None:
        """Where a stream stands, how well it is covered, and what is missing in it."""
        with self._database.read() as session:
            row = EntryRepository(session).stream(issuer, name)
            return None if row is None else view_stream(session, row)

    def streams_covered(
        self, issuer: str, *, after: tuple[str, str] | None = None, limit: int = STREAMS_SHOWN
    ) -> list[StreamView]:
        """The streams of an issuer and of its devices as :meth:`stream` tells of one, by issuer and name; a page starts
        above ``after``, issuer and name of the last stream of the one before."""
        with self._database.read() as session:
            return [view_stream(session, row) for row in EntryRepository(session).streams_of(issuer, after, limit)]

    def gaps(
        self, issuer: str, *, after: tuple[str, str, int] | None, limit: int, state: RangeState | None = None
    ) -> list[GapView]:
        """Open and lost ranges of the issuer's streams and of those of its devices, by issuer, stream and first seq;
        a page starts above ``after``, the ``place`` of the last range of the one before."""
        lost = None if state is None else state is RangeState.LOST
        with self._database.read() as session:
            return [view_gap(found) for found in GapRepository(session).listed(issuer, after, limit, lost=lost)]

    def coverage(self, issuer: str, name: str, first_seq: int = 1, last_seq: int | None = None) -> Coverage | None:
        """What stands at a stream's seqs, both ends included; all of them unless told otherwise.

        None for a stream without entries. Raises ``OutOfRange`` for a range that the stream does not have.
        """
        with self._database.read() as session:
            row = EntryRepository(session).stream(issuer, name)
            return None if row is None else cover(session, row, first_seq, last_seq)

    def covered(self, issuer: str, name: str, first_seq: int = 1, last_seq: int | None = None) -> CoveredRange | None:
        """:meth:`coverage`, and the open and lost ranges that meet the range."""
        with self._database.read() as session:
            row = EntryRepository(session).stream(issuer, name)
            return None if row is None else cover_in_detail(session, row, first_seq, last_seq)

    def report_coverage(self, index: int) -> ReportCoverage | None:
        """How well the report at a log position is covered, every cited reading read again; None where no report stands
        there. Raises ``ReadingAltered``. See ``ledger.report_coverage``."""
        with self._database.read() as session:
            return cover_report(session, self._parameters, index)

    def device(self, identifier: str) -> DeviceView | None:
        """What happened to a device, and its terms of service; None for what is no device."""
        with self._database.read() as session:
            return device_view(session, identifier)

    def identifier(self, identifier: str) -> IdentifierView | None:
        """Resolve an identifier."""
        with self._database.read() as session:
            identities = IdentityRepository(session)
            row = identities.identifier(identifier)
            return None if row is None else identifier_view(row, identities.keys_of(identifier))

    def key(self, thumbprint: str) -> KeyRecord | None:
        """The key with this RFC 7638 thumbprint (base64url)."""
        with self._database.read() as session:
            row = IdentityRepository(session).key(thumbprint)
            return None if row is None else key_record(row)

    def recoveries(self, thumbprint: str) -> list[tuple[RecoveryRecord, RecoveryOnChain | None]]:
        """The recoveries that were proposed for the key of this thumbprint, in log order, and the chain's word."""
        with self._database.read() as session:
            identities = IdentityRepository(session)
            found = [recovery_record(row) for row in identities.recoveries_in_place_of(thumbprint)]
            rows = [(record, identities.recovery_on_chain(record.key.kid_name)) for record in found]
            return [(record, None if row is None else recovery_on_chain(row)) for record, row in rows]

    def flagged(self, thumbprint: str, *, after: int, limit: int) -> list[FlaggedEntry]:
        """What this key's compromise puts in doubt, above log position ``after``. See ``ledger.flagged``."""
        with self._database.read() as session:
            row = IdentityRepository(session).key(thumbprint)
            return [] if row is None else flagged(session, row, after=after, limit=limit)

    def receipt(self, index: int) -> bytes:
        """The receipt file of an anchored entry.

        Raises ``OutOfRange`` for an index that was not accepted, ``ReceiptNotReady`` until the anchor is on chain.
        """
        with self._database.read() as session:
            entry = EntryRepository(session).entry(index)
            if entry is None:
                raise no_entry(index)
            domain = self._parameters.checkpoint_domain
            issued = None
            if domain is not None and self._log_key is not None:
                issued = issue(session, self._parameters, domain, self._log_key, entry)
            if issued is None:
                seen = self._entry_view(session, entry)
                raise ReceiptNotReady(index, EntryState.ACCEPTED if seen is None else seen.state)
            return issued.format()

    def size(self) -> int:
        """How many entries are accepted."""
        return self.state().next_index

    def state(self) -> LogState:
        """The log's state row."""
        with self._database.read() as session:
            return EntryRepository(session).state()

    def checkpoint(self, size: int | None = None) -> str | None:
        """The cosigned note of a size, or the newest one."""
        with self._database.read() as session:
            epoch = EntryRepository(session).state().epoch
            heads = CheckpointRepository(session)
            row = heads.latest(epoch, cosigned=True) if size is None else heads.get(epoch, size)
            return row.note if row is not None and row.cosigned else None

    def consistency(self, old: int, new: int) -> list[bytes]:
        """RFC 9162 consistency proof between two sizes of the integrated tree. Raises ``OutOfRange``."""
        with self._database.read() as session:
            return integrated_tree(session).consistency_proof(old, new)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """RFC 9162 inclusion proof. Raises ``OutOfRange``."""
        with self._database.read() as session:
            return integrated_tree(session).inclusion_proof(index, size)

    def tile(self, level: int, index: int, width: int = TILE_WIDTH) -> bytes:
        """Hashes of one tile as C2SP tlog-tiles serves it. Raises ``OutOfRange``."""
        with self._database.read() as session:
            return integrated_tree(session).tile_bytes(level, index, width)

    def _entry_view(self, session: Session, row: Entry | None) -> EntryView | None:
        if row is None:
            return None
        entries = EntryRepository(session)
        stream = entries.require_stream(row.stream_id)
        epoch = entries.state().epoch
        anchor = anchor_for(session, epoch, row.index)
        if anchor is not None:
            state = EntryState.FINAL if anchor.final else EntryState.ANCHORED
        else:
            covered = CheckpointRepository(session).smallest_covering(epoch, row.index)
            state = EntryState.ACCEPTED if covered is None else EntryState.INTEGRATED
        return EntryView(
            index=row.index,
            statement_id=row.statement_id,
            leaf_hash=row.leaf_hash,
            type=row.type,
            issuer=stream.issuer,
            stream=stream.name,
            seq=row.seq,
            accepted_at=row.accepted_at,
            integrate_by=row.accepted_at + self._parameters.integrate_within,
            state=state,
            entry=row.entry,
            anchor=anchor,
            equivocations=len(entries.equivocations(row.index)),
            marks=marks(session, row, stream),
            about=about(session, row.type, row.index),
        )


def no_entry(index: int) -> OutOfRange:
    """The refusal for an index that was never accepted."""
    return OutOfRange(
        "The log has no entry at this index.",
        rule="log.index",
        value=index,
        expected="an index that was accepted",
        message_zh="日志中没有该序号的记录。",
    )


def integrated_tree(session: Session) -> Tree:
    """The tree over the integrated entries, in ``session``'s transaction."""
    return Tree(SqlTileStore(session), EntryRepository(session).state().tree_size)

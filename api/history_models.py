"""Answers about the history: entries that were found, with what they led to on chain, and the way of a tonne."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from api.block_models import AsOf
from api.compliance_models import CompliancePosition, position_members
from api.models import HASH, Answer
from attestation.assets import ASSET_PATTERN, format_asset
from ledger import history
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.obligation_models import ChainSurrenderRow
from ledger.history import tonne


class EventSeen(Answer):
    """An event of the contracts, by its place."""

    contract: str
    name: str
    block: int
    log_index: int


class Effect(Answer):
    """An operation that the entry asked for."""

    op_id: str = Field(pattern=HASH)
    kind: Kind
    state: State
    block: int | None = Field(description="Where its effect was seen.")
    tx: str | None = Field(pattern=HASH, description="The last transaction that was signed for it.")
    event_count: int = Field(description="Events in that block that name the operation.")
    events: list[EventSeen] = Field(description="The first twenty of them.")

    @classmethod
    def of(cls, found: history.Effect) -> Self:
        """From the log's view."""
        return cls(
            op_id=found.op_id.hex(),
            kind=Kind(found.kind),
            state=State(found.state),
            block=found.block,
            tx=None if found.tx is None else found.tx.hex(),
            event_count=found.event_count,
            events=[
                EventSeen(contract=one.contract, name=one.name, block=one.block, log_index=one.log_index)
                for one in found.events
            ],
        )


class Hit(Answer):
    """An entry in a line."""

    index: int
    type: str
    action: str | None = Field(description="Of types that have several.")
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    statement_id: str = Field(pattern=HASH)
    leaf_hash: str = Field(pattern=HASH)
    about: list[str] = Field(description="Whom it is about, where that is somebody else than its signer.")
    what: str = Field(description="One line in English.")
    what_zh: str = Field(description="The same in Chinese.")
    effects: list[Effect]

    @classmethod
    def of(cls, found: history.Hit) -> Self:
        """From the log's view."""
        return cls(
            index=found.index,
            type=found.type,
            action=found.action,
            issuer=found.issuer,
            stream=found.stream,
            seq=found.seq,
            accepted_at=found.accepted_at,
            statement_id=found.statement_id.hex(),
            leaf_hash=found.leaf_hash.hex(),
            about=list(found.about),
            what=found.what,
            what_zh=found.what_zh,
            effects=[Effect.of(one) for one in found.effects],
        )


class History(Answer):
    """Entries that answer the question."""

    hits: list[Hit]
    size: int = Field(description="Entries that the log had.")
    next: int | None = Field(
        description="Ask with `after` set to it for more, if not null, also where this page found nothing."
    )

    @classmethod
    def of(cls, found: history.Found) -> Self:
        """From the log's view."""
        return cls(hits=[Hit.of(one) for one in found.hits], size=found.size, next=found.next)


class Leaf(Answer):
    """An entry by its place in the tree."""

    index: int
    leaf_hash: str = Field(pattern=HASH)

    @classmethod
    def of(cls, found: tonne.Leaf | None) -> Self | None:
        """From the log's view; None where there is none."""
        return None if found is None else cls(index=found.index, leaf_hash=found.leaf_hash.hex())


class ReadingsCited(Answer):
    """Readings that a line cites."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    readings: int
    quantity: str = Field(description="Their exact sum, as the report states it.")
    unit: str
    multiplier: str | None
    accuracy_percent: str | None = Field(description="Rated accuracy of a meter whose calibration has run out.")
    part: str | None = Field(description="Of the line, where it has parts.")
    first: Leaf | None = Field(description="The first of them; null where the log has no such reading.")
    last: Leaf | None

    @classmethod
    def of(cls, found: tonne.CitedReadings) -> Self:
        """From the log's view."""
        one = found.citation
        return cls(
            issuer=one.issuer,
            stream=one.stream,
            first_seq=one.first_seq,
            last_seq=one.last_seq,
            readings=found.readings,
            quantity=one.quantity,
            unit=one.unit,
            multiplier=one.multiplier,
            accuracy_percent=one.accuracy_percent,
            part=one.part,
            first=Leaf.of(found.first),
            last=Leaf.of(found.last),
        )


class TonneLine(Answer):
    """A line of the report."""

    id: str
    kind: str
    reported: str | None = Field(description="Emissions as reported; null for a line that the verdict added.")
    verified: str | None = Field(description="As verified; null without a verdict, or where it struck the line out.")
    adjustment: str | None = Field(description="Basis and reason of the verdict's adjustment.")
    trace: dict[str, Any] | None = Field(
        description="Formula, terms and steps of what counts, computed anew, as `tanlu report explain` prints them."
    )
    citations: list[ReadingsCited]

    @classmethod
    def of(cls, found: tonne.TonneLine) -> Self:
        """From the log's view."""
        return cls(
            id=found.id,
            kind=found.kind,
            reported=found.reported,
            verified=found.verified,
            adjustment=found.adjustment,
            trace=None if found.trace is None else dict(found.trace),
            citations=[ReadingsCited.of(one) for one in found.citations],
        )


class TonneStep(Answer):
    """A step on the way, by its entry."""

    stage: str = Field(
        description="`factors`, `plan`, `assignment`, `report`, `finding`, `verification`, `objection`, "
        "`registration`, `determination` or `surrender`."
    )
    entry: Hit


class TonneSurrender(Answer):
    """Units that were surrendered for the year, by their event."""

    block: int
    log_index: int
    tx: str = Field(pattern=HASH)
    op_id: str = Field(pattern=HASH)
    index: int = Field(description="Log position of the entry that asked for it.")
    asset: str = Field(pattern=f"^({ASSET_PATTERN})$")
    tonnes: int
    due: int = Field(description="What was due after it, at that block.")

    @classmethod
    def of(cls, row: ChainSurrenderRow) -> Self:
        """From the projection."""
        return cls(
            block=row.block_number,
            log_index=row.log_index,
            tx=row.tx_hash.hex(),
            op_id=row.op_id.hex(),
            index=row.entry_index,
            asset=format_asset(row.asset),
            tonnes=row.tonnes,
            due=row.due,
        )


class Tonne(Answer):
    """The way of an enterprise's year from readings to surrender."""

    enterprise: str
    year: int
    as_of: AsOf | None
    report: Leaf | None = Field(description="On which the figure rests, or that stands while there is none.")
    verdict: Leaf | None
    registration: Leaf | None
    reported: int | None = Field(description="Tonnes of the obligation as reported.")
    verified: int | None
    registered: int | None = Field(description="The log's last figure; the contracts' is `position.emissions`.")
    determined: bool = Field(description="Two persons determined it (DOMAIN 10): no report is under it.")
    lines: list[TonneLine]
    totals: dict[str, Any] | None = Field(description="Of what counts, computed anew.")
    position: CompliancePosition
    surrenders: list[TonneSurrender] = Field(description="In the order of the chain.")
    steps: list[TonneStep] = Field(description="Every entry on the way, in log order; a receipt of each proves it.")

    @classmethod
    def told(cls, found: history.Tonne) -> Self:
        """From the log's view."""
        return cls(
            enterprise=found.enterprise,
            year=found.year,
            as_of=AsOf.of(found.as_of),
            report=Leaf.of(found.report),
            verdict=Leaf.of(found.verdict),
            registration=Leaf.of(found.registration),
            reported=found.reported,
            verified=found.verified,
            registered=found.registered,
            determined=found.determined,
            lines=[TonneLine.of(one) for one in found.lines],
            totals=None if found.totals is None else dict(found.totals),
            position=CompliancePosition.model_validate(position_members(found.position)),
            surrenders=[TonneSurrender.of(one) for one in found.surrenders],
            steps=[TonneStep(stage=one.stage, entry=Hit.of(one.hit)) for one in found.steps],
        )

"""Where a recorded session and the recomputed one differ: the first place, and every later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest

from quota.market.orders import Fill
from quota.market.session import Session


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of a session; None is what is not known of it and not compared.

    `fills` as rows or chain have them, `count` their number, tonnes in `volume`, money in `value_fen`, the close in fen
    per tonne, the hash of the book and the root as 32 bytes, entry indices `first` and `last`.
    """

    fills: Sequence[Fill] | None = None
    count: int | None = None
    first: int | None = None
    last: int | None = None
    book: bytes | None = None
    volume: int | None = None
    value_fen: int | None = None
    close_fen: int | None = None
    groups: int | None = None
    root: bytes | None = None

    @classmethod
    def of(cls, session: Session) -> Recorded:
        """Everything that a session says of itself."""
        return cls(
            fills=session.fills,
            count=len(session.fills),
            first=session.entries[0],
            last=session.entries[1],
            book=session.book_hash,
            volume=session.close.volume,
            value_fen=session.close.value_fen,
            close_fen=session.close.price_fen,
            groups=session.close.groups,
            root=session.root,
        )


@dataclass(frozen=True, slots=True)
class Divergence:
    """One difference: `what` (`fills[3].tonnes`, `root`), `number` and `cause` of a fill (its entry's log index), what
    the entries give and what was recorded, as text."""

    what: str
    number: int | None
    cause: int | None
    computed: str
    recorded: str


def differences(session: Session, recorded: Recorded | Session) -> Iterator[Divergence]:
    """Every difference, fills first and in their order, then what sums them up."""
    told = Recorded.of(recorded) if isinstance(recorded, Session) else recorded
    if told.fills is not None:
        yield from _of_fills(session.fills, told.fills)
    computed = Recorded.of(session)
    for member in ("count", "first", "last", "book", "volume", "value_fen", "close_fen", "groups", "root"):
        right, found = getattr(computed, member), getattr(told, member)
        if found is not None and found != right:
            yield Divergence(member, None, None, _text(right), _text(found))


def difference(session: Session, recorded: Recorded | Session) -> Divergence | None:
    """The first difference, None where there is none."""
    return next(differences(session, recorded), None)


def _of_fills(computed: Sequence[Fill], recorded: Sequence[Fill]) -> Iterator[Divergence]:
    for place, (right, found) in enumerate(zip_longest(computed, recorded)):
        if right is None:
            yield Divergence(f"fills[{place}]", place, found.cause, "none", _shown(found))
        elif found is None:
            yield Divergence(f"fills[{place}]", place, right.cause, _shown(right), "none")
        else:
            for member in fields(Fill):
                one, other = getattr(right, member.name), getattr(found, member.name)
                if one != other:
                    yield Divergence(f"fills[{place}].{member.name}", place, right.cause, _text(one), _text(other))


def _shown(fill: Fill) -> str:
    return f"{fill.tonnes} t at {fill.price_fen} fen, {fill.buy.hex()} from {fill.sell.hex()}"


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)

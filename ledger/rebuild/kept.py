"""A store's evidence, read without belief in any column that follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.jws import parse_header
from ledger.audit.evidence import EntryRow, LogEvidence
from ledger.audit.of_store import StoreEvidence
from ledger.fsck.store import Store, open_store

Name = tuple[str, str]
_READINGS: Final = frozenset({"reading", "close"})


class KeptEvidence(StoreEvidence):
    """Entries, notes and second statements. What an entry is says its own header, how many there are their indexes,
    and which stream has which number ``numbers``."""

    def __init__(self, store: Store, url: str, numbers: Mapping[int, Name]) -> None:
        super().__init__(store, url)
        self._target = url
        self._numbers = dict(numbers)

    def count(self) -> int:
        """See ``LogEvidence``."""
        highest = self.store.scalar("SELECT max(idx) FROM entries")
        return 0 if highest is None else int(highest) + 1

    def others(self) -> Iterator[EntryRow]:
        """See ``LogEvidence``: by the type that each entry's own header says."""
        for row in self.entries(0, self.count() - 1):
            if _type_of(row.entry.partition(b".")[0]) not in _READINGS:
                yield row

    def streams(self) -> Mapping[int, Name]:
        """See ``LogEvidence``."""
        return self._numbers

    def locator(self) -> KeptLocator:  # type: ignore[override] # both are a ``Locator``, which is all that is promised
        """See ``LogEvidence``."""
        return KeptLocator(self._target, self._numbers)


@dataclass(frozen=True, slots=True)
class KeptLocator:
    """Opens the same evidence in another process."""

    url: str
    numbers: Mapping[int, Name]

    @contextmanager
    def open(self) -> Iterator[LogEvidence]:
        """See ``Locator``. Raises ``StoreUnavailable``."""
        with open_store(self.url) as store:
            yield KeptEvidence(store, self.url, self.numbers)


def stream_numbers(store: Store, origin: str) -> dict[int, Name]:
    """The number of each stream: the first of its entries and the stream's row say it, and where they contradict each
    other the entry goes first. Numbers mean nothing, so that any one will do; but they are not to change
    without need."""
    rows: dict[int, Name] = {}
    for number, issuer, name in store.stream("SELECT id, issuer, name FROM streams ORDER BY id"):
        if isinstance(number, int) and isinstance(issuer, str) and isinstance(name, str):
            rows[number] = (issuer, name)
    firsts: dict[int, Name] = {}
    query = "SELECT stream_id, min(idx) FROM entries GROUP BY stream_id ORDER BY 2"
    for number, index in list(store.stream(query)):
        found = _name(store.scalar("SELECT entry FROM entries WHERE idx = ?", index), origin)
        if found is not None and isinstance(number, int) and number > 0:
            firsts[number] = found
    numbers: dict[int, Name] = {number: name for number, name in rows.items() if firsts.get(number) == name}
    taken = set(numbers.values())
    # A row that no entry contradicts is believed before an entry of which the number stands in no row.
    alone = {number: name for number, name in rows.items() if number not in firsts and name in set(firsts.values())}
    for said in (alone, firsts, rows):
        for number, name in said.items():
            if number not in numbers and name not in taken:
                numbers[number] = name
                taken.add(name)
    return numbers


def _name(entry: object, origin: str) -> Name | None:
    try:
        statement = examine(entry, origin)  # type: ignore[arg-type] # whatever stands there; other kinds raise
    except (AttestationError, TypeError, AttributeError):
        return None
    return statement.iss, statement.stream


@lru_cache(maxsize=4_096)
def _type_of(encoded: bytes) -> str | None:
    try:
        return parse_header(encoded).type
    except AttestationError:
        return None

"""Every issuer's sequence as the entries give it: which places are taken, which are open, and that periods follow.

Kept per stream are ranges, a few however long it is: places taken that touch, and readings whose periods follow each
other. What comes late is put where it belongs; what overlaps is a divergence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from attestation.statements import Close
from ledger.audit.findings import Area, Divergences
from ledger.audit.ranges import Name, Run


@dataclass(slots=True)
class Span:
    """Readings ``first`` to ``last`` of a stream, all there, periods in order from ``start`` to ``end``."""

    first: int
    last: int
    start: int
    end: int


@dataclass(slots=True)
class Closed:
    """What a close says: ``count`` readings above ``after`` and below ``seq``, within ``start`` to ``end``."""

    index: int
    after: int
    seq: int
    count: int
    start: int
    end: int


@dataclass(slots=True)
class StreamPlaces:
    """One stream. The first members are the columns of ``streams`` (docs/streams.md)."""

    id: int
    last_seq: int = 0
    count: int = 0
    closed_seq: int = 0
    closed_until: int = 0
    head_seq: int = 0
    head_start: int = 0
    head_end: int = 0
    taken: list[tuple[int, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    closes: list[Closed] = field(default_factory=list)

    def standing(self) -> dict[str, int]:
        """The columns of its row besides id and name."""
        return {
            "last_seq": self.last_seq,
            "count": self.count,
            "closed_seq": self.closed_seq,
            "closed_until": self.closed_until,
            "head_seq": self.head_seq,
            "head_start": self.head_start,
            "head_end": self.head_end,
        }

    def open_ranges(self) -> Iterator[tuple[int, int]]:
        """Seqs below the highest at which nothing was logged; some may be declared lost."""
        expected = 1
        for first, last in self.taken:
            if expected < first:
                yield expected, first - 1
            expected = last + 1


class Places:
    """All streams of a log."""

    def __init__(self, divergences: Divergences) -> None:
        self._divergences = divergences
        self._streams: dict[Name, StreamPlaces] = {}
        self._changed: set[Name] = set()

    def __iter__(self) -> Iterator[tuple[Name, StreamPlaces]]:
        return iter(self._streams.items())

    def __len__(self) -> int:
        return len(self._streams)

    def get(self, name: Name) -> StreamPlaces | None:
        """A stream that has entries."""
        return self._streams.get(name)

    def open(self, name: Name, number: int) -> StreamPlaces:
        """A stream, by the id that its row has."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = StreamPlaces(number)
        return found

    def changed(self) -> list[tuple[Name, StreamPlaces]]:
        """Streams that changed since this was asked last."""
        found = [(name, self._streams[name]) for name in sorted(self._changed)]
        self._changed.clear()
        return found

    def take_run(self, run: Run) -> None:
        """Readings that follow each other."""
        stream = self._streams[run.stream]
        self._take(run.stream, stream, run.first_seq, run.last_seq, run.first_index)
        self._place_readings(run, stream)
        if run.last_seq > stream.head_seq:
            # A run that begins below and ends above the head is one whose later part was the head's successor.
            stream.head_seq = run.last_seq
            stream.head_start, stream.head_end = run.last_start, run.end
        if run.first_seq > stream.closed_seq and run.start < stream.closed_until:
            self._bad(run.stream, run.first_index, "sequence.closed_until", run.start, f"from {stream.closed_until} on")

    def take_other(self, name: Name, seq: int, index: int) -> None:
        """One statement that is no reading."""
        self._take(name, self._streams[name], seq, seq, index)

    def take_close(self, name: Name, seq: int, index: int, body: Close, period: tuple[int, int]) -> None:
        """A close; its place is taken already."""
        stream, (start, end) = self._streams[name], period
        if body.last_seq != seq - 1:
            self._bad(name, index, "close.last_seq", body.last_seq, seq - 1)
        if stream.last_seq > seq:
            self._bad(name, index, "close.not_last", seq, f"a seq above {stream.last_seq}")
        if start < stream.closed_until:
            self._bad(name, index, "close.period", start, f"from {stream.closed_until} on, the end of the close before")
        stream.closes.append(Closed(index, stream.closed_seq, seq, body.count, start, end))
        stream.closed_seq, stream.closed_until = seq, end

    def finish(self) -> None:
        """What can only be said when all is there: that closes bound what they closed."""
        for name, stream in self._streams.items():
            for close in stream.closes:
                within = [span for span in stream.spans if span.first > close.after and span.last < close.seq]
                logged = sum(span.last - span.first + 1 for span in within)
                if logged > close.count or close.count > close.seq - 1 - close.after:
                    self._bad(name, close.index, "close.count", close.count, f"at least {logged} readings")
                for span in within:
                    if span.start < close.start or span.end > close.end:
                        self._bad(
                            name,
                            close.index,
                            "sequence.closed_period",
                            f"seqs {span.first} to {span.last}, from {span.start} to {span.end}",
                            f"within {close.start} to {close.end}",
                        )

    def _take(self, name: Name, stream: StreamPlaces, first: int, last: int, index: int) -> None:
        self._changed.add(name)
        stream.count += last - first + 1
        taken = stream.taken
        if not taken or first == taken[-1][1] + 1:
            taken[-1:] = [(taken[-1][0] if taken else first, last)]
        elif first > taken[-1][1]:
            taken.append((first, last))
        else:
            self._fill(name, stream, first, last, index)
        stream.last_seq = max(stream.last_seq, last)

    def _fill(self, name: Name, stream: StreamPlaces, first: int, last: int, index: int) -> None:
        taken = stream.taken
        place = bisect_right(taken, (first, last))
        below = taken[place - 1] if place else None
        above = taken[place] if place < len(taken) else None
        if (below is not None and below[1] >= first) or (above is not None and above[0] <= last):
            self._bad(name, index, "sequence.place", f"seqs {first} to {last}", "places that nothing took before")
            return
        start, end = first, last
        if below is not None and below[1] == first - 1:
            start, place = below[0], place - 1
            del taken[place]
        if above is not None and above[0] == last + 1:
            end = above[1]
            del taken[place]
        taken.insert(place, (start, end))

    def _place_readings(self, run: Run, stream: StreamPlaces) -> None:
        spans = stream.spans
        place = len(spans)
        if spans and run.first_seq < spans[-1].first:
            place = bisect_right(spans, run.first_seq, key=lambda span: span.first)
        below = spans[place - 1] if place else None
        above = spans[place] if place < len(spans) else None
        if below is not None and below.last >= run.first_seq:
            return  # told as a place taken twice
        if below is not None and below.end > run.start:
            self._bad(run.stream, run.first_index, "sequence.overlap_below", run.start, f"from {below.end} on")
        if above is not None and run.end > above.start:
            self._bad(run.stream, run.last_index, "sequence.overlap_above", run.end, f"at most {above.start}")
        if below is not None and below.last == run.first_seq - 1:
            below.last, below.end = run.last_seq, run.end
            if above is not None and above.first == run.last_seq + 1:
                below.last, below.end = above.last, above.end
                del spans[place]
        elif above is not None and above.first == run.last_seq + 1:
            above.first, above.start = run.first_seq, run.start
        else:
            spans.insert(place, Span(run.first_seq, run.last_seq, run.start, run.end))

    def _bad(self, name: Name, index: int, rule: str, found: object, expected: object) -> None:
        self._divergences.add(Area.STREAM, f"entry {index}", rule, found, expected, issuer=name[0], stream=name[1])

"""``text/event-stream`` read line by line (WHATWG HTML, section 9.2.6): blocks end with an empty line."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One block. ``id``: the last one that the stream said, in this block or before; ``data`` None: nothing is
    dispatched, and only the id went on."""

    id: str
    event: str
    data: str | None


def blocks(lines: Iterable[str], last_id: str = "") -> Generator[Block]:
    """The stream's blocks; one that the stream ended within is left out, as the standard has it."""
    event, data, known = "", list[str](), last_id
    for number, raw in enumerate(lines):
        line = raw.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}") if not number else raw
        if not line:
            yield Block(known, event or "message", "\n".join(data) if data else None)
            event, data = "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            known = value

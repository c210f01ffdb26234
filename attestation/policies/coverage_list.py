"""The coverage list of a compliance year: who is obliged (DOMAIN 2).

Document (JSON; members not named here are refused): ``year`` and ``entries`` [{``identifier``, ``obliged``,
``threshold_tonnes``?}], ascending by the identifiers' bytes, each once.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.identifiers import parse_identifier
from attestation.policies import members

NATIONAL_THRESHOLD_TONNES = 26_000
"""tCO2e a year from which the national market names an enterprise (DOMAIN 2)."""

MOST_ENTRIES = 2_000
"""Enterprises of one list; an entry of the log holds about 65,000 bytes."""

_MOST_TONNES = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Covered:
    """An enterprise of the list: whether it is obliged, and the entry threshold that was applied (tCO2e a year)."""

    identifier: str
    obliged: bool
    threshold_tonnes: int = NATIONAL_THRESHOLD_TONNES


@dataclass(frozen=True, slots=True)
class CoverageList:
    """The list of a year, in the order of the identifiers' bytes."""

    year: int
    entries: tuple[Covered, ...]

    def find(self, identifier: str) -> Covered | None:
        """The enterprise's entry, or None where the list does not name it."""
        return next((each for each in self.entries if each.identifier == identifier), None)

    def obliges(self, identifier: str) -> bool:
        """Whether the list names this enterprise as obliged."""
        found = self.find(identifier)
        return found is not None and found.obliged


def read_coverage_list(document: object) -> CoverageList:
    """The list of a policy's document. Raises SchemaRefused (``policy.document``, ``identifier.*``)."""
    found = members.read_object(document, ("year", "entries"))
    year = members.read_year(found["year"])
    entries: list[Covered] = []
    for place, item in enumerate(members.read_list(found["entries"], MOST_ENTRIES, "entries")):
        entry = _read_entry(item, f"entries[{place}]")
        if entries and entries[-1].identifier.encode() >= entry.identifier.encode():
            last = entries[-1].identifier
            raise members.document_refusal(entry.identifier, f"an identifier after {last}", f"entries[{place}]")
        entries.append(entry)
    return CoverageList(year, tuple(entries))


def _read_entry(item: object, at: str) -> Covered:
    entry = members.read_object(item, ("identifier", "obliged"), ("threshold_tonnes",), at)
    identifier = members.read_text(entry["identifier"], f"{at}.identifier")
    parse_identifier(identifier, step=9)
    return Covered(
        identifier,
        members.read_flag(entry["obliged"], f"{at}.obliged"),
        members.read_integer(
            entry.get("threshold_tonnes", NATIONAL_THRESHOLD_TONNES), 0, _MOST_TONNES, f"{at}.threshold_tonnes"
        ),
    )

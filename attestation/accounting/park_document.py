"""The document of a park's sources, from which its total is made (DOMAIN 35). Members not named here are refused:

v, type ("park-total"), park (identifier), year,
sources [{id, category, scope, emissions, unit ("tCO2e"), counts [identifier or identifier#stream], above? [same]}]
"""

from __future__ import annotations

from dataclasses import dataclass

from attestation.accounting import document_members as members
from attestation.accounting.park_boundary import UNIT, ParkInventory, ParkSource, park_inventory
from attestation.identifiers import Identifier

TYPE = "park-total"


@dataclass(frozen=True, slots=True)
class ParkTotal:
    """A park's total of a year, with the steps to every figure. It has no obligation and is base of none."""

    park: Identifier
    year: int
    inventory: ParkInventory

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members, every number a plain decimal string."""
        return {"park": self.park, "year": self.year, **self.inventory.as_dict()}


def park_total(document: object) -> ParkTotal:
    """The total that the document's sources add up to.

    Raises SchemaRefused at the member's path: the rules `document.*`, `decimal.grammar` and those of `park_inventory`.
    """
    found = members.read_object(document, "", required=("v", "type", "park", "year", "sources"))
    members.read_head(found, TYPE)
    return ParkTotal(
        park=members.read_identifier(found["park"], "park"),
        year=members.read_integer(found["year"], "year", members.YEARS),
        inventory=park_inventory(
            [
                _source(source, f"sources[{at}]")
                for at, source in enumerate(members.read_list(found["sources"], "sources"))
            ]
        ),
    )


def _source(value: object, where: str) -> ParkSource:
    found = members.read_object(
        value, where, required=("id", "category", "scope", "emissions", "unit", "counts"), optional=("above",)
    )
    members.read_unit(found["unit"], f"{where}.unit", (UNIT,))
    return ParkSource(
        id=members.read_text(found["id"], f"{where}.id", members.MAX_ID),
        category=members.read_text(found["category"], f"{where}.category"),
        scope=members.read_integer(found["scope"], f"{where}.scope", range(1, 4)),
        tonnes=members.read_number(found["emissions"], f"{where}.emissions"),
        counts=members.read_counted(found["counts"], f"{where}.counts"),
        above=members.read_counted(found.get("above", []), f"{where}.above"),
    )

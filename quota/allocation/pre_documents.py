"""An allocation ahead as JSON: rules, and what each enterprise emitted the year before (DOMAIN 31; docs/quota.md).

{"v", "kind": "pre-allocation-inputs", "rules", "emissions": [{"identifier", "tonnes"}, …]}. Its root is the SHA-256 of
the canonical JSON of {"emissions", "rules", "v"}, by the bytes of the identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping

from quota.allocation.documents import member_of, read_rules, rules_as_document
from quota.allocation.inputs import AllocationRules
from quota.allocation.run import MOST_ENTERPRISES
from quota.canonical import root_of
from quota.identifiers import check_identifier
from quota.refusals import refuse
from quota.units import check_units

VERSION = 1
PRE_INPUTS = "pre-allocation-inputs"


def pre_inputs_to_document(rules: AllocationRules, emissions: Mapping[str, int]) -> dict[str, object]:
    """The document of rules and of last year's registered emissions (t) by identifier."""
    return {"v": VERSION, "kind": PRE_INPUTS, **_computed_from(rules, emissions)}


def pre_input_root(rules: AllocationRules, emissions: Mapping[str, int]) -> str:
    """SHA-256 of what an allocation ahead is computed from, 64 hexadecimal digits."""
    return root_of({"v": VERSION, **_computed_from(rules, emissions)})


def read_pre_inputs(document: object) -> tuple[AllocationRules, dict[str, int]]:
    """Rules and emissions of a document. Raises AllocationRefused, AmountRefused, IdentifierRefused."""
    members = member_of(document).members(("v", "kind", "rules", "emissions"))
    members["v"].constant(VERSION)
    members["kind"].constant(PRE_INPUTS)
    emissions: dict[str, int] = {}
    for each in members["emissions"].items(MOST_ENTERPRISES):
        row = each.members(("identifier", "tonnes"))
        identifier = check_identifier(row["identifier"].text())
        if identifier in emissions:
            raise refuse("allocation.twice", identifier, at=row["identifier"].at)
        emissions[identifier] = row["tonnes"].units()
    if not emissions:
        raise refuse("allocation.empty", "no enterprise", at="emissions")
    return read_rules(members["rules"]), emissions


def _computed_from(rules: AllocationRules, emissions: Mapping[str, int]) -> dict[str, object]:
    rows = [
        {"identifier": name, "tonnes": str(check_units(emissions[name], name))}
        for name in sorted(emissions, key=str.encode)
    ]
    return {"rules": rules_as_document(rules), "emissions": rows}

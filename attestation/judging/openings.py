"""``opening``: base years carried in from before the log (DOMAIN 23, 24)."""

from __future__ import annotations

import hashlib
from datetime import date

from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ
from attestation.bodies.openings import BASE_YEARS_LIMIT, BaseOutput, BaseYear, Opening
from attestation.context import Context
from attestation.decimals import parse_decimal
from attestation.encoding import compact_json
from attestation.envelope import Statement
from attestation.identifiers import account_id, parse_identifier
from attestation.instants import start_of_day
from attestation.judging.admissions import check_sha256
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.common import Facts, check_integer, check_name, check_place, check_reason, check_time
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.typed_data import Domain, opening_digest
from attestation.units import parse_unit

CARRIED_BY = (Kind.ENTERPRISE, Kind.PARK)
"""Who has base years: whoever may report emissions."""


def approval_digest(domain: Domain, body: Opening) -> bytes:
    """The 32-byte digest of EIP-712 ``Opening`` that each of two persons signs: enterprise, document, base years,
    reason. The base years are hashed as their compact JSON in canonical order."""
    content = hashlib.sha256(compact_json(body.base_years)).digest()
    enterprise = account_id(parse_identifier(body.enterprise))
    return opening_digest(domain, enterprise, bytes.fromhex(body.document_hash), content, body.reason)


def judge_opening(statement: Statement, body: Opening, context: Context) -> Facts:
    """Steps 9 to 12 of an opening."""
    # 9: body schema, units, bounds
    parse_identifier(body.enterprise, step=9)
    _check_base_years(body.base_years)
    check_sha256(body.document_hash, "body.document_hash")
    check_reason(body.reason, "body.reason")
    check_form(body.approvals)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of the enterprise
    domain = context.registry_domain
    if domain is None:
        raise refuse("opening.no_registry", body.enterprise)
    record = context.identifier(body.enterprise)
    if record is None or record.kind not in CARRIED_BY:
        found = "unknown" if record is None else record.kind.value
        raise refuse("opening.enterprise", f"{found} {body.enterprise}")
    opened = context.opening(body.enterprise)
    if opened is not None:
        raise refuse("opening.repeated", f"{body.enterprise}, entry {opened}")
    last = body.base_years[-1].year
    if start_of_day(date(last + 1, 1, 1)) > context.now:
        raise refuse("opening.year", last)
    gap = check_place(statement, context)

    # 12: recomputation: approvals
    check_approvals(body.approvals, approval_digest(domain, body), context)
    return Facts(opens_gap=gap)


def _check_base_years(base_years: tuple[BaseYear, ...]) -> None:
    years = [base.year for base in base_years]
    if not 1 <= len(years) <= BASE_YEARS_LIMIT or years != sorted(set(years)):
        raise refuse("opening.years", ", ".join(map(str, years)) or "none")
    for place, base in enumerate(base_years):
        check_integer(base.year, FIRST_YEAR, LAST_YEAR, f"body.base_years[{place}].year")
        check_integer(base.tonnes, 0, MAX_SEQ, f"body.base_years[{place}].tonnes")
        if base.output is not None:
            _check_output(base.output, f"body.base_years[{place}].output")


def _check_output(output: BaseOutput, at: str) -> None:
    check_name(output.product, f"{at}.product")
    parse_unit(output.unit)
    if not parse_decimal(output.quantity):
        raise refuse("opening.output", output.quantity, at=f"{at}.quantity")

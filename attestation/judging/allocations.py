"""``allocation``: a year's shares, recomputed from the document that they follow from (DOMAIN 26 to 31).

Two persons approve the contract's message, in which table and inputs stand as hashes. Base years are those of the
enterprise's opening where it has them, and figures those of the log where it has them, so that nobody is given units
for other emissions than everybody else counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from attestation.assets import quota_of
from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ
from attestation.bodies.allocations import ROUNDS, TABLE_LIMIT, Allocation, AllocationShare
from attestation.context import Context
from attestation.decimals import format_decimal
from attestation.envelope import Statement
from attestation.facts.quotas import AllocationFigure, ArithmeticFault, BaseYearRecord, CitedEmissions
from attestation.instants import format_instant, parse_instant
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.cases import check_digest, counted_figures
from attestation.judging.common import Facts, check_choice, check_integer, check_place, check_time
from attestation.judging.units import (
    check_account,
    check_balance,
    check_operation,
    check_unused,
    find_account,
    find_ledger,
)
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.signed_operations import allocation_message

PRE, FINAL = ROUNDS


def judge_allocation(statement: Statement, body: Allocation, context: Context) -> Facts:
    """Steps 9 to 12 of an allocation."""
    # 9: body schema, units, bounds
    _check_allocation_form(body)

    # 10: time
    check_time(statement, context)
    if context.now >= parse_instant(body.return_due):
        now = format_instant(context.now)
        raise refuse("allocation.return_due", body.return_due, f"after {now}", expected_zh=f"晚于 {now}")

    # 11: the operation is new, the round is open, the accounts exist, the reserve holds what is granted
    domain = find_ledger(context)
    check_unused(bytes.fromhex(body.op_id), context)
    _check_round(body, context)
    find_account(body.reserve, (Kind.PARK,), "body.reserve", context)
    for place, row in enumerate(body.table):
        find_account(row.identifier, (Kind.ENTERPRISE,), f"body.table[{place}].identifier", context)
    check_balance(body.reserve, quota_of(body.year), body.tonnes, context)
    gap = check_place(statement, context)

    # 12: recomputation: the document, its facts, the table; two persons of two bodies
    figure = _recompute(body, context)
    _check_facts(figure, body, context)
    _check_table(figure, body, context)
    check_approvals(body.approvals, allocation_message(body).digest(domain), context)
    return Facts(opens_gap=gap)


def expected_table(
    figure: AllocationFigure, round_: str, granted_before: Mapping[str, int]
) -> tuple[AllocationShare, ...]:
    """The rows that a document's result gives: all of the shares ahead; in the final round what was granted ahead is
    added to, or owed back (DOMAIN 31, 多退少补), also by who has no final share."""
    shares = dict(figure.shares)
    before = granted_before if round_ == FINAL else {}
    return tuple(
        AllocationShare(
            identifier=name,
            granted=max(0, shares.get(name, 0) - before.get(name, 0)),
            owes=max(0, before.get(name, 0) - shares.get(name, 0)),
            settles=figure.settles.get(name, 0),
        )
        for name in sorted({*shares, *before}, key=str.encode)
    )


def _check_allocation_form(body: Allocation) -> None:
    check_operation(body.op_id, "body.op_id")
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    check_choice(body.round, ROUNDS, "body.round")
    check_account(body.reserve, "body.reserve")
    check_digest(body.input_root, "body.input_root")
    for place, row in enumerate(body.table):
        check_account(row.identifier, f"body.table[{place}].identifier")
        for member in ("granted", "owes", "settles"):
            check_integer(getattr(row, member), 0, MAX_SEQ, f"body.table[{place}].{member}")
    ordered = all(one.identifier.encode() < other.identifier.encode() for one, other in pairwise(body.table))
    if not 1 <= len(body.table) <= TABLE_LIMIT or not ordered:
        raise refuse("allocation.order", f"{len(body.table)} rows")
    granted = sum(row.granted for row in body.table)
    if body.tonnes != granted:
        wanted_zh = f"{granted} 吨（授予量之和）"
        raise refuse(
            "allocation.sum", f"{body.tonnes} t", f"{granted} t, the sum of what is granted", expected_zh=wanted_zh
        )
    if not any(row.granted or row.owes or row.settles for row in body.table):
        raise refuse("allocation.nothing", f"{len(body.table)} rows")
    check_integer(body.tonnes, 0, MAX_SEQ, "body.tonnes")
    parse_instant(body.return_due)
    check_form(body.approvals)


def _check_round(body: Allocation, context: Context) -> None:
    """Step 11: one allocation ahead, then one final one (``allocation.repeated``)."""
    for round_ in (body.round, FINAL):
        earlier = context.allocation(body.year, round_)
        if earlier is not None:
            raise refuse("allocation.repeated", f"{body.round} of {body.year}, entry {earlier.index} is {round_}")


def _recompute(body: Allocation, context: Context) -> AllocationFigure:
    """Step 12: what the document gives (``allocation.document``, ``.year``, ``.root``, ``.cap``)."""
    figure = context.recompute_allocation(body.round, body.document)
    if isinstance(figure, ArithmeticFault):
        found = f"{figure.rule}: {figure.value}"
        place = f"body.document {figure.at}".rstrip()
        raise refuse("allocation.document", found, figure.expected, at=place, expected_zh=figure.expected_zh)
    if figure.year != body.year:
        raise refuse("allocation.year", body.year, figure.year)
    if figure.input_root != body.input_root:
        raise refuse("allocation.root", body.input_root, figure.input_root)
    issued = context.issued(body.year)
    if figure.cap != issued:
        wanted, wanted_zh = f"{issued} t, what was issued of {body.year}", f"{issued} 吨（{body.year} 年份已发行量）"
        raise refuse("allocation.cap", f"{figure.cap} t", wanted, expected_zh=wanted_zh)
    return figure


def _check_facts(figure: AllocationFigure, body: Allocation, context: Context) -> None:
    for cited in figure.base_years:
        _check_base_year(cited, context.opening_years(cited.identifier).get(cited.year), context)
    for cited in figure.emissions:
        _check_registered(cited, context, required=body.round == PRE)
    for identifier, owed in figure.owed.items():
        debt = context.owed(identifier)
        known = max(0, debt.tonnes - debt.leaving)
        if owed != known:
            raise refuse("allocation.owed", f"{owed} t", f"{known} t", at=identifier, expected_zh=f"{known} 吨")


def _check_base_year(cited: CitedEmissions, opened: BaseYearRecord | None, context: Context) -> None:
    """Step 12: as the opening says, else as the log registered it (``allocation.base_year``)."""
    if opened is None:
        _check_registered(cited, context, required=False)
        return
    if cited.tonnes != opened.tonnes:
        _refuse_base_year(cited, f"{format_decimal(cited.tonnes)} t", f"{opened.tonnes} t", f"{opened.tonnes} 吨")
    if cited.output is not None and opened.output is not None and cited.output != opened.output:
        _refuse_base_year(cited, _output(cited.output), _output(opened.output), _output(opened.output))


def _refuse_base_year(cited: CitedEmissions, found: str, opened: str, opened_zh: str) -> None:
    place, wanted_zh = f"{cited.identifier} {cited.year}", f"{opened_zh}（期初数据）"
    raise refuse("allocation.base_year", found, f"{opened}, by its opening", at=place, expected_zh=wanted_zh)


def _check_registered(cited: CitedEmissions, context: Context, *, required: bool) -> None:
    """Step 12: the figure that the log registered of the year (``allocation.emissions``)."""
    figures = counted_figures(cited.identifier, cited.year, context)
    if not figures and not required:
        return
    whole = cited.tonnes.quantize(Decimal(1), ROUND_HALF_UP)
    if not figures or figures[-1].tonnes != whole:
        registered, registered_zh = "a registered figure", "已登记的排放量"
        if figures:
            tonnes = figures[-1].tonnes
            registered, registered_zh = f"{tonnes} t, as registered", f"{tonnes} 吨（登记量）"
        found, at = f"{format_decimal(cited.tonnes)} t", f"{cited.identifier} {cited.year}"
        raise refuse("allocation.emissions", found, registered, at=at, expected_zh=registered_zh)


def _check_table(figure: AllocationFigure, body: Allocation, context: Context) -> None:
    """Step 12: each row is what the document gives (``allocation.table``)."""
    ahead = context.allocation(body.year, PRE)
    wanted = expected_table(figure, body.round, {} if ahead is None else ahead.shares)
    names, found = {row.identifier: row for row in wanted}, {row.identifier: row for row in body.table}
    for name in _ordered((*names, *found)):
        told, row = found.get(name), names.get(name)
        if told != row:
            raise refuse("allocation.table", _row(told), _row(row), at=name, expected_zh=_row_zh(row))


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=str.encode)


def _row(row: AllocationShare | None) -> str:
    return "no row" if row is None else f"granted {row.granted}, owes {row.owes}, settles {row.settles}"


def _row_zh(row: AllocationShare | None) -> str:
    return "无此行" if row is None else f"授予 {row.granted}、应退 {row.owes}、抵扣 {row.settles}"


def _output(output: tuple[Decimal, str]) -> str:
    return f"{format_decimal(output[0])} {output[1]}"

"""``tanlu compliance show``: a year's terms, price and positions (DOMAIN 2 to 7)."""

from __future__ import annotations

import click
import msgspec

from tanlu.cli.acting import YEAR
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.positions import block_line, positions_table, terms_lines
from tanlu.client import ComplianceYear, Obligation


@click.command()
@click.argument("year", type=YEAR)
@click.argument("enterprise", required=False)
@looks
def show(*, looking: Looking, year: int, enterprise: str | None) -> None:
    """Show how ENTERPRISE stands in YEAR: what is due until when, and what it would be charged. 查看履约情况

    Without ENTERPRISE, as regulator or administration: everybody with emissions registered for the year.
    """
    with looking.client() as client:
        if enterprise is None:
            of_year = client.compliance_year(year)
            console().result(msgspec.to_builtins(of_year), _all(of_year, zh=False), _all(of_year, zh=True))
        else:
            one = client.obligation(year, enterprise)
            console().result(msgspec.to_builtins(one), _one(one, zh=False), _one(one, zh=True))


def _all(found: ComplianceYear, *, zh: bool) -> str:
    parts = [f"{found.year} 年度" if zh else f"year {found.year}", block_line(found.as_of, zh=zh)]
    parts += terms_lines(found.terms, found.price_fen, zh=zh)
    names = [one.enterprise for one in found.positions]
    if names:
        parts.append(positions_table(found.positions, names, ("enterprise", "企业"), zh=zh))
    else:
        parts.append("尚无登记的排放量" if zh else "no emissions are registered")
    return "\n".join(parts)


def _one(found: Obligation, *, zh: bool) -> str:
    position = found.position
    head = f"{position.enterprise} {position.year}"
    parts = [f"{head} 年度" if zh else head, block_line(found.as_of, zh=zh)]
    parts += terms_lines(found.terms, found.price_fen, zh=zh)
    parts.append(positions_table([position], [position.year], ("year", "年度"), zh=zh))
    flying = found.quota_leaving, found.offsets_leaving, found.carried_leaving
    if any(flying):
        quota, offsets, carried = flying
        parts.append(
            f"途中：清缴配额 {quota} 吨、CCER {offsets} 吨，结转 {carried} 吨"
            if zh
            else f"on its way: {quota} t of quota and {offsets} t of CCER surrendered, {carried} t carried over"
        )
    return "\n".join(parts)

"""``tanlu compliance terms``, ``tanlu compliance price``: how a year is met, by two persons (DOMAIN 2 to 7, 11)."""

from __future__ import annotations

import re
from typing import Any

import click

from attestation.bodies import SetPrice, SetTerms
from attestation.instants import day_of
from attestation.policies import CALENDAR, Calendar, default_calendar, read_calendar
from attestation.policies.year_terms import (
    AMENDMENT_DAYS,
    CARRY_BASE_BPS,
    CARRY_MULTIPLE_BPS,
    CHARGE_MULTIPLE_BPS,
    OFFSET_CAP_BPS,
    default_terms,
)
from tanlu.cli.acting import YEAR
from tanlu.cli.console import SIGN_IN
from tanlu.cli.proposing import ProposalDesk, Proposing, proposes
from tanlu.errors import InputRefused
from tanlu.proposals import Proposal

_BPS = click.IntRange(0, 10_000)
_MULTIPLE = click.IntRange(0, 2**32 - 1)
_INSTANT = "INSTANT"
_MONEY = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


@click.command()
@click.argument("year", type=YEAR)
@click.option("--surrender-deadline", metavar=_INSTANT, help="Else the calendar's. 清缴截止")
@click.option("--carry-over-until", metavar=_INSTANT, help="Else the calendar's. 结转截止")
@click.option("--closes-at", metavar=_INSTANT, help="Else the calendar's. 年度关闭")
@click.option("--offset-cap-bps", type=_BPS, default=OFFSET_CAP_BPS, show_default=True, help="CCER. 抵销上限（基点）")
@click.option("--carry-base-bps", type=_BPS, default=CARRY_BASE_BPS, show_default=True, help="结转基数（基点）")
@click.option("--carry-multiple-bps", type=_MULTIPLE, default=CARRY_MULTIPLE_BPS, show_default=True, help="结转倍数")
@click.option("--charge-multiple-bps", type=_MULTIPLE, default=CHARGE_MULTIPLE_BPS, show_default=True, help="计收倍数")
@click.option(
    "--amendment-days", type=click.IntRange(0), default=AMENDMENT_DAYS, show_default=True, help="更正补缴天数"
)
@click.option("--earlier-vintages", is_flag=True, help="Quota of earlier vintages meets YEAR too. 允许使用往年配额")
@proposes
def terms(
    *,
    proposing: Proposing,
    year: int,
    surrender_deadline: str | None,
    carry_over_until: str | None,
    closes_at: str | None,
    offset_cap_bps: int,
    carry_base_bps: int,
    carry_multiple_bps: int,
    charge_multiple_bps: int,
    amendment_days: int,
    earlier_vintages: bool,
) -> None:
    """Propose how YEAR is met; 10,000 basis points are one. 设定年度履约条件

    What is not given is DOMAIN's default, dates and the length of a day those of the calendar in force (--as). New
    terms may replace others until the surrender deadline that stands.
    """
    with proposing.open() as desk:
        calendar = _calendar(desk, year, given=None not in {surrender_deadline, carry_over_until, closes_at})
        instants = {
            "surrender_deadline": surrender_deadline,
            "carry_over_until": carry_over_until,
            "closes_at": closes_at,
        }
        members: dict[str, Any] = {
            **default_terms(calendar),
            **{name: text for name, text in instants.items() if text is not None},
            "offset_cap_bps": offset_cap_bps,
            "carry_base_bps": carry_base_bps,
            "carry_multiple_bps": carry_multiple_bps,
            "charge_multiple_bps": charge_multiple_bps,
            "amendment_seconds": amendment_days * calendar.day_seconds,
            "earlier_vintages": earlier_vintages,
        }
        body = SetTerms(**members, **proposing.grounds)
        desk.propose(Proposal("compliance", body))


@click.command()
@click.argument("year", type=YEAR)
@click.option("--price", "text", metavar="CNY", required=True, help="Per tonne, such as 60.00. 每吨价格（元）")
@proposes
def price(*, proposing: Proposing, year: int, text: str) -> None:
    """Propose the price by which a shortfall of YEAR is charged. 设定参考价格

    The volume-weighted close of the month before the deadline, once there is a market; until then the opening price.
    """
    proposing.propose("compliance", SetPrice(year=year, fen_per_tonne=read_fen(text), **proposing.grounds))


def read_fen(text: str) -> int:
    """Yuan with at most two decimals, as fen. Raises InputRefused (``price.format``)."""
    matched = _MONEY.fullmatch(text)
    if matched is None:
        raise InputRefused(
            rule="price.format",
            value=text,
            expected="yuan with at most two decimals, such as 60.00",
            expected_zh="最多两位小数的元，如 60.00",
            message=f"{text} is no price",
            message_zh=f"{text} 不是价格",
        )
    return int(matched[1]) * 100 + int((matched[2] or "").ljust(2, "0"))


def _calendar(desk: ProposalDesk, year: int, *, given: bool) -> Calendar:
    if desk.client is not None and desk.context is not None:
        document = desk.client.policy_in_force(CALENDAR, year, day_of(desk.context.now))
        return default_calendar(year) if document is None else read_calendar(document)
    if given:
        return default_calendar(year)
    raise InputRefused(
        rule="terms.calendar",
        value="nobody signs in",
        expected=f"{SIGN_IN}; or --surrender-deadline, --carry-over-until and --closes-at",
        expected_zh="用于登录的密钥文件（--as），或 --surrender-deadline、--carry-over-until 与 --closes-at",
        message=f"The calendar of {year} is the service's to tell: sign in with --as, or name all three instants",
        message_zh=f"{year} 年度日历须登录读取：请使用 --as，或给出三个时点",
    )

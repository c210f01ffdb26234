"""``tanlu account``: what an account holds and owes, as of any block (DOMAIN 22)."""

from __future__ import annotations

import click
import msgspec

from attestation.instants import format_instant
from attestation.keys import Kind
from tanlu.cli import moments
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.movements_text import movements_text
from tanlu.cli.notices_text import notices_text
from tanlu.cli.positions import asset_name, block_line, positions_table, yuan
from tanlu.cli.tables import table
from tanlu.client import Account, AccountSummary, Client, Holding

_HOLDINGS = ("asset", "free", "market", "locked", "frozen", "leaving", "arriving")
_HOLDINGS_ZH = ("资产", "可用", "交易", "其中锁定", "冻结", "转出途中", "转入途中")
_FREEZES = ("freeze", "asset", "tonnes", "left", "lapses at", "entry")
_FREEZES_ZH = ("冻结", "资产", "吨", "剩余", "失效时间", "记录")


@click.group()
def command() -> None:
    """Show what accounts hold, owe and have surrendered. 碳账户

    The numbers are the contracts', as the service read them, and each answer names the block that it is as of; the
    command computes again what follows from others. docs/api.md.
    """


@command.command()
@click.option("--block", type=click.IntRange(0), help="As of this block; by default the last one read. 截至区块")
@moments.at
@asks
def show(*, asking: Asking, block: int | None, at: int | None) -> None:
    """Show the statement of IDENTIFIER's account. 查看账户

    Without IDENTIFIER: that of the key that signs in, or of the body that its person belongs to. `leaving` and
    `arriving` are accepted and not on chain yet; as of a named block they are left out.
    """
    with asking.open() as (client, about):
        found = client.account(about if asking.identifier is not None else _body_of(client, about), block=block, at=at)
    console().result(msgspec.to_builtins(found), statement_text(found, zh=False), statement_text(found, zh=True))


@command.command()
@click.option("--from-block", type=click.IntRange(0), default=0, show_default=True, help="First block. 起始区块")
@click.option("--block", type=click.IntRange(0), help="Last block; by default the last one read. 截至区块")
@asks
def movements(*, asking: Asking, from_block: int, block: int | None) -> None:
    """Show what moved in IDENTIFIER's account. 账户变动

    Of each asset what there was before --from-block, every movement in the order of the chain, and what there is at
    --block; the sums are added up here. Without IDENTIFIER as `show`.
    """
    with asking.open() as (client, about):
        whose = about if asking.identifier is not None else _body_of(client, about)
        found = client.movements(whose, from_block=from_block, block=block)
    console().result(msgspec.to_builtins(found), movements_text(found, zh=False), movements_text(found, zh=True))


@command.command()
@click.option("--after", type=click.IntRange(0), help="Only those above this log position. 起始记录")
@asks
def notices(*, asking: Asking, after: int | None) -> None:
    """Show which powers were exercised over IDENTIFIER's account. 通知

    Freezes, releases, suspensions, transfers without a trade, reversals, cancellations by order, halts of the market:
    each with its reason, the document's SHA-256, who approved it, and how to object. Without IDENTIFIER as `show`.
    """
    with asking.open() as (client, about):
        whose = about if asking.identifier is not None else _body_of(client, about)
        found = list(client.notices(whose, after=-1 if after is None else after))
    console().result(
        {"account": whose, "notices": msgspec.to_builtins(found)},
        notices_text(found, zh=False),
        notices_text(found, zh=True),
    )


@command.command("list")
@looks
def list_command(*, looking: Looking) -> None:
    """List all accounts, as regulator or administration. 列出账户"""
    with looking.client() as client:
        found = list(client.accounts())
    console().result(
        {"accounts": msgspec.to_builtins(found)},
        "\n".join(_line(one, zh=False) for one in found) or "no accounts",
        "\n".join(_line(one, zh=True) for one in found) or "没有账户",
    )


def _body_of(client: Client, identifier: str) -> str:
    found = client.identifier(identifier)
    if found is None or found.get("kind") != Kind.PERSON:
        return identifier
    return str(found.get("parent") or identifier)


def statement_text(found: Account, *, zh: bool) -> str:
    """The statement for people; the instant that was asked for stands above it."""
    parts = [f"{found.identifier} (0x{found.account})", block_line(found.as_of, zh=zh)]
    if found.at is not None:
        parts.insert(1, f"{format_instant(found.at)} 时" if zh else f"at {format_instant(found.at)}")
    if found.holdings:
        parts.append(table(_HOLDINGS_ZH if zh else _HOLDINGS, [_holding(one, zh=zh) for one in found.holdings]))
    else:
        parts.append("没有持有任何资产" if zh else "it holds nothing")
    free, trading, leaving = (
        yuan(fen) for fen in (found.cash.free_fen, found.cash.trading_fen, found.cash.withdrawing_fen)
    )
    parts.append(
        f"资金：可用 {free} 元，交易 {trading} 元，出金途中 {leaving} 元；质押 {found.pledged} 吨"
        if zh
        else f"cash: free CNY {free}, trading CNY {trading}, on its way to the bank CNY {leaving}; "
        f"pledged {found.pledged} t"
    )
    parts += _state_lines(found.suspended_at, zh=zh)
    if found.owed is not None:
        owed, until = found.owed, format_instant(found.owed.due_at)
        parts.append(
            f"应退 {owed.tonnes} 吨，{until} 前退还 {owed.reserve}"
            if zh
            else f"owes {owed.tonnes} t, before {until}, to {owed.reserve}"
        )
    if found.freezes:
        rows = [
            (
                *(one.freeze, asset_name(one.asset, zh=zh), one.tonnes, one.left),
                *("-" if one.lapses_at is None else format_instant(one.lapses_at), one.index),
            )
            for one in found.freezes
        ]
        parts.append(table(_FREEZES_ZH if zh else _FREEZES, rows))
    if found.years:
        years = [one.year for one in found.years]
        parts.append(positions_table(found.years, years, ("year", "年度"), zh=zh))
    return "\n".join(parts)


def _holding(one: Holding, *, zh: bool) -> tuple[object, ...]:
    name = asset_name(one.asset, zh=zh)
    return name, one.registry, one.trading, one.locked, one.frozen, one.leaving, one.arriving


def _state_lines(suspended_at: int | None, *, zh: bool) -> list[str]:
    if suspended_at is None:
        return []
    since = format_instant(suspended_at)
    return [f"账户自 {since} 起暂停" if zh else f"suspended since {since}: nothing leaves it"]


def _line(one: AccountSummary, *, zh: bool) -> str:
    held = ", ".join(
        f"{asset_name(each.asset, zh=zh)} {each.registry + each.trading + each.frozen} t" for each in one.holdings
    )
    parts = [held or ("无" if zh else "nothing"), *_state_lines(one.suspended_at, zh=zh)]
    if one.owed is not None:
        parts.append(f"应退 {one.owed.tonnes} 吨" if zh else f"owes {one.owed.tonnes} t")
    return f"{one.identifier}: {'; '.join(parts)}"

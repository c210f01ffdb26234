"""How commands write what is owed and held: blocks, assets, money, terms, positions, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.instants import format_instant
from quota.scoring import Grade
from tanlu.cli.tables import table
from tanlu.client.compliance import AsOf, Position, Score, Terms

_HEADER = (
    "emissions",
    "quota",
    "ccer/cap",
    "credit",
    "due",
    "until",
    "missed",
    "charged CNY",
    "charge now CNY",
    "carried",
    "score",
)
_HEADER_ZH = (
    "排放量",
    "已清缴配额",
    "CCER/上限",
    "抵免",
    "待清缴",
    "截止",
    "欠缴",
    "已计违约金（元）",
    "现应违约金（元）",
    "已结转",
    "评分",
)


def block_line(as_of: AsOf | None, *, zh: bool) -> str:
    """Which block the numbers are as of."""
    if as_of is None:
        return "未读取任何链" if zh else "no chain was read"
    place = f"{as_of.number}" if as_of.hash is None else f"{as_of.number} 0x{as_of.hash}"
    state = ("已终局" if zh else "final") if as_of.final else ("未终局" if zh else "not final yet")
    line = f"截至区块 {place}（{state}）" if zh else f"as of block {place} ({state})"
    since = as_of.unchanged_since
    if since is not None and since.number != as_of.number:
        line += (
            f"，自区块 {since.number} 0x{since.hash} 起无变化"
            if zh
            else f", unchanged since block {since.number} 0x{since.hash}"
        )
    return line


def asset_name(asset: str, *, zh: bool) -> str:
    """The asset as people write it."""
    if not zh:
        return asset
    kind, _, vintage = asset.partition("-")
    return f"{vintage} 年配额" if vintage else kind.upper()


def yuan(fen: int | None) -> str:
    """Money in yuan with two decimals; `-` for none."""
    return "-" if fen is None else f"{fen // 100}.{fen % 100:02}"


def terms_lines(terms: Terms | None, price_fen: int | None, *, zh: bool) -> list[str]:
    """Terms and price of a year."""
    if terms is None:
        return ["本年度尚无履约条件" if zh else "no terms yet"]
    cap, base = _percent(terms.offset_cap_bps), _percent(terms.carry_base_bps)
    surrender, carry, closes = (
        format_instant(at) for at in (terms.surrender_deadline, terms.carry_over_until, terms.closes_at)
    )
    vintages = terms.earlier_vintages
    if zh:
        return [
            f"清缴须早于 {surrender}；结转须早于 {carry}；{closes} 起关闭",
            f"CCER 上限 {cap}；结转基数 {base} 加净售出的 {_percent(terms.carry_multiple_bps)}；"
            f"违约金为价格的 {_times(terms.charge_multiple_bps)} 倍；{'接受' if vintages else '不接受'}更早年份的配额",
            "尚无参考价格" if price_fen is None else f"参考价格：每吨 {yuan(price_fen)} 元",
        ]
    return [
        f"surrender before {surrender}; carry over before {carry}; closes from {closes}",
        f"CCER up to {cap}; carry-over {base} and {_percent(terms.carry_multiple_bps)} of net sales; "
        f"charge {_times(terms.charge_multiple_bps)} times the price; earlier vintages "
        f"{'accepted' if vintages else 'not accepted'}",
        "no reference price yet" if price_fen is None else f"reference price CNY {yuan(price_fen)} a tonne",
    ]


def positions_table(found: Sequence[Position], first: Sequence[object], title: tuple[str, str], *, zh: bool) -> str:
    """A row for each position; ``first`` are the cells of the first column, ``title`` its heading in both languages."""
    rows = [(cell, *_row(one, zh=zh)) for cell, one in zip(first, found, strict=True)]
    return table((title[zh], *(_HEADER_ZH if zh else _HEADER)), rows)


def _row(one: Position, *, zh: bool) -> tuple[object, ...]:
    offsets = f"{one.offsets_counted}/{one.offset_cap}"
    unused = one.offsets_used - one.offsets_counted
    if unused:
        # What is used and counts no more is not hidden: an amendment down leaves it so (DOMAIN 2).
        offsets += f"（另 {unused} 不计）" if zh else f" (+{unused} used)"
    emissions = f"{one.emissions}（第 {one.revision} 版）" if zh else f"{one.emissions} (rev {one.revision})"
    closed = ("（已关闭）" if zh else " (closed)") if one.closed else ""
    until = "-" if one.deadline is None else format_instant(one.deadline)
    missed, charged = (str(one.missed), yuan(one.charge_fen)) if one.assessed else ("-", "-")
    return (
        *(emissions if one.revision else "-", one.quota, offsets, f"+{one.credit_in} -{one.credit_out}", one.due),
        *(f"{until}{closed}", missed, charged, yuan(one.charge_now_fen), one.carried, _score(one.score)),
    )


def _score(score: Score | None) -> str:
    if score is None:
        return "-"
    grades = {grade.code: grade.value for grade in Grade}
    points = f"{score.points_bps // 100}.{score.points_bps % 100:02}"
    return f"{points} {grades.get(score.grade, score.grade)}"


def _percent(bps: int) -> str:
    whole, part = divmod(bps, 100)
    return f"{whole} %" if not part else f"{whole}.{part:02} %"


def _times(bps: int) -> str:
    whole, part = divmod(bps, 10_000)
    return str(whole) if not part else f"{whole}.{part:04}".rstrip("0")

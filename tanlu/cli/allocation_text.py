"""How allocations are written: tables, totals, and a share step by step with the sums beside it (DOMAIN 26 to 31)."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.bodies.allocations import AllocationShare
from quota.trace import show
from tanlu.cli.tables import table
from tanlu.client.allocations import AllocationTotals
from tanlu.explaining import Explained


def rows_table(rows: Sequence[AllocationShare], *, zh: bool) -> str:
    """A row for each enterprise."""
    names = ("企业", "授予", "应退", "抵扣") if zh else ("enterprise", "granted", "owes", "settles")
    cells = [names, *((row.identifier, str(row.granted), str(row.owes), str(row.settles)) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    aligned = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in cells]
    return "\n".join("  ".join(line) for line in aligned)


def totals_line(one: AllocationTotals, *, zh: bool) -> str:
    """An allocation in a line."""
    if zh:
        given = f"{one.accounts} 家共 {one.tonnes} 吨"
        return f"第 {one.index} 条记录：{one.year} 年 {one.round}，{given}，{one.state or '无链'}"
    return f"entry {one.index}: {one.year} {one.round}, {one.tonnes} t to {one.accounts}, {one.state or 'no chain'}"


def sums_lines(found: Explained, *, zh: bool) -> list[str]:
    """What the steps take from all enterprises together: their exact shares with the sum, and the sector's balance."""
    lines: list[str] = []
    sector = found.sector
    if sector is not None:
        benchmark, emitted, given = show(sector.benchmark), show(sector.emissions), show(sector.entitled)
        if sector.published:
            lines.append(
                f"行业 {sector.name}：采用已公布基准值 {benchmark}"
                if zh
                else f"sector {sector.name}: published benchmark {benchmark}"
            )
        else:
            lines.append(
                f"行业 {sector.name}：基准值 {benchmark} 使 ΣA = {given} 与 ΣE = {emitted} tCO2 平衡（精确到六位小数）"
                if zh
                else f"sector {sector.name}: benchmark {benchmark} balances ΣA = {given} and ΣE = {emitted} tCO2, as "
                "far as six places of it do"
            )
    if not found.scaled:
        return lines
    entitled = show(found.entitled)
    rows: list[tuple[object, ...]] = [(one.identifier, show(one.exact), one.tonnes) for one in found.shares]
    rows.append(("合计" if zh else "sum", entitled, sum(one.tonnes for one in found.shares)))
    lines.append(
        f"缩减：可分配 {found.available} 吨 ÷ 精确份额之和 {entitled} tCO2e = {found.as_dict()['ratio']}"
        if zh
        else f"scaled: {found.available} t available ÷ {entitled} tCO2e, the sum of exact shares = "
        f"{found.as_dict()['ratio']}"
    )
    header = ("企业", "精确份额（tCO2e）", "分配（吨）") if zh else ("enterprise", "exact share, tCO2e", "allocated, t")
    lines.append(table(header, rows))
    return lines

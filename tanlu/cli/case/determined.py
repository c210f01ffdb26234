"""What ``tanlu case verify`` says of a figure that two persons determined (DOMAIN 10)."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.receipts import DeterminedFigure, Finding, Receipt
from ledger.trust import Trust
from tanlu.cli.console import console
from tanlu.registered import verify_determined_on_chain


def show_determined(determination: Receipt, enterprise: str, year: int, trust: Trust, *, rpc: str, wait: float) -> None:
    """Judge it, and print what was checked and what was not. Raises ReceiptRefused."""
    found = verify_determined_on_chain(determination, enterprise, year, trust, rpc, wait=wait)
    console().result(
        {
            "accepted": True,
            "enterprise": enterprise,
            "year": year,
            "tonnes": found.on_chain.tonnes,
            "revision": found.on_chain.revision,
            "verifier": None,
            "approved_by": [approval.identifier for approval in found.words.approvals],
            "document_hash": found.words.document_hash,
            "block": found.block,
            "determination": found.report.as_dict(),
            "checked": [_out(one) for one in found.checked],
            "not_checked": [_out(one) for one in found.not_checked],
        },
        _english(found),
        _chinese(found),
    )


def finding_lines(findings: Sequence[Finding], *, zh: bool = False) -> list[str]:
    """Each finding in a line of its own."""
    return [f"  {finding.step}. {finding.text_zh if zh else finding.text}" for finding in findings]


def _english(found: DeterminedFigure) -> str:
    words, receipt = found.words, found.report
    head = f"accepted: {words.tonnes} t of {words.enterprise} {words.year}, revision {words.revision}"
    lines = [f"{head}, determined by two persons, on chain as of block {found.block}"]
    lines += [f"determination, entry {receipt.index}, {receipt.state}; checked:"]
    lines += finding_lines((*receipt.checked, *found.checked))
    return "\n".join([*lines, "not checked:", *finding_lines((*receipt.not_checked, *found.not_checked))])


def _chinese(found: DeterminedFigure) -> str:
    words, receipt = found.words, found.report
    head = f"通过：{words.enterprise} {words.year} 年度 {words.tonnes} 吨，第 {words.revision} 版"
    lines = [f"{head}，双人核定，链上区块 {found.block}"]
    lines += [f"核定，第 {receipt.index} 条记录，{receipt.state}；已核验："]
    lines += finding_lines((*receipt.checked, *found.checked), zh=True)
    return "\n".join([*lines, "未核验：", *finding_lines((*receipt.not_checked, *found.not_checked), zh=True)])


def _out(finding: Finding) -> dict[str, str | int]:
    return {"step": finding.step, "text": finding.text, "text_zh": finding.text_zh}

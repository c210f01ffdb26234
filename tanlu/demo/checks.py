"""What a suspicious visitor does with receipts: verifies them without the service, asks the chain, and alters them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from ledger import receipts
from ledger.chain.view import Web3ChainView
from ledger.errors import ReceiptRefused
from ledger.receipts.registered import FigureWords
from ledger.trust import Trust
from tanlu.errors import TanluError
from tanlu.verify import verify_receipt

_DIGITS = "0123456789abcdef"
_ON_CHAIN_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A registered figure: receipts of the report and the verdict it rests on, and the words that were signed."""

    report: bytes
    verdict: bytes
    words: FigureWords


class Unsound(TanluError):
    """A receipt that must be good was refused, or a bad one was not: the demo stops."""


def verify_all(held: dict[str, bytes], trust: Trust, rpc: str | None) -> int:
    """Verify every receipt, with the chain if ``rpc`` names a node. Returns how many. Raises ReceiptRefused."""
    for receipt in held.values():
        verify_receipt(receipt, trust, rpc=rpc)
    return len(held)


def verify_figures(figures: dict[str, Figure], trust: Trust, rpc: str) -> dict[str, int]:
    """Tonnes by letter, as the contract holds them: each figure is judged with both receipts, by the contract at the
    node ``rpc``, and one tonne more must be refused. Raises ReceiptRefused, Unsound."""
    tonnes = {}
    with closing(Web3ChainView(rpc)) as chain:
        for letter, figure in figures.items():
            report, verdict = receipts.parse(figure.report), receipts.parse(figure.verdict)
            found = _registered(report, verdict, figure.words, trust, chain)
            tonnes[letter] = found.on_chain.tonnes
            more = replace(figure.words, tonnes=figure.words.tonnes + 1)
            try:
                receipts.verify_registered(report, verdict, more, trust, chain)
            except ReceiptRefused:
                continue
            raise Unsound(
                rule="demo.altered_figure",
                value=letter,
                expected="a refusal",
                message=f"{letter}'s figure with one tonne more was not refused.",
                message_zh=f"{letter} 的数值多一吨未被拒绝。",
            )
    return tonnes


def _registered(
    report: receipts.Receipt, verdict: receipts.Receipt, words: FigureWords, trust: Trust, chain: Web3ChainView
) -> receipts.RegisteredFigure:
    """Judge a figure, which may still be on its way to the contract."""
    until = time.monotonic() + _ON_CHAIN_SECONDS
    while True:
        try:
            return receipts.verify_registered(report, verdict, words, trust, chain)
        except ReceiptRefused as refused:
            if refused.rule != "chain.emissions" or time.monotonic() > until:
                raise
        time.sleep(0.5)


def reject_altered(receipt: bytes, trust: Trust, rpc: str) -> list[tuple[str, str]]:
    """Alter one digit or character in each part of a receipt; every copy must be refused.

    Returns (what was altered, the rule that refused it). Raises Unsound for one that was not refused.
    """
    refusals = []
    for what, altered in _alterations(json.loads(receipt)):
        # Where the anchor stands is a fact of the chain, so only with a node can an altered one be told.
        node = rpc if what.startswith("anchor.") else None
        try:
            verify_receipt(json.dumps(altered).encode(), trust, rpc=node)
        except ReceiptRefused as refused:
            refusals.append((what, refused.rule))
            continue
        raise Unsound(
            rule="demo.altered_receipt",
            value=what,
            expected="a refusal",
            message=f"A receipt with altered {what} was not refused.",
            message_zh=f"被改动的收据（{what}）未被拒绝。",
        )
    return refusals


def _alterations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for what, change in _CHANGES.items():
        copy = json.loads(json.dumps(document))
        change(copy)
        yield what, copy


def _other(text: str, at: int) -> str:
    """``text`` with the character at ``at`` exchanged for another of its kind."""
    found = text[at]
    replacement = _DIGITS[(_DIGITS.index(found) + 1) % 16] if found in _DIGITS else ("B" if found == "A" else "A")
    return text[:at] + replacement + text[at + 1 :]


def _entry_payload(copy: dict[str, Any]) -> None:
    header, payload, signature = copy["entry"].split(".")
    copy["entry"] = ".".join([header, _other(payload, len(payload) // 2), signature])


def _entry_signature(copy: dict[str, Any]) -> None:
    header, payload, signature = copy["entry"].split(".")
    copy["entry"] = ".".join([header, payload, _other(signature, 10)])


def _number(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(copy: dict[str, Any]) -> None:
        *parents, last = path
        target: Any = copy
        for name in parents:
            target = target[name]
        target[last] += 1

    return change


def _hash(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(copy: dict[str, Any]) -> None:
        *parents, last = path
        target: Any = copy
        for name in parents:
            target = target[name]
        target[last] = _other(target[last], 20)

    return change


def _proof(copy: dict[str, Any]) -> None:
    copy["inclusion"]["proof"][0] = _other(copy["inclusion"]["proof"][0], 0)


def _shorter_proof(copy: dict[str, Any]) -> None:
    copy["inclusion"]["proof"].pop()


def _checkpoint_root(copy: dict[str, Any]) -> None:
    lines = copy["checkpoint"].split("\n")
    lines[2] = _other(lines[2], 3)
    copy["checkpoint"] = "\n".join(lines)


def _checkpoint_signature(copy: dict[str, Any]) -> None:
    copy["checkpoint"] = _other(copy["checkpoint"], len(copy["checkpoint"]) - 20)


_CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "entry (payload)": _entry_payload,
    "entry (signature)": _entry_signature,
    "index": _number("index"),
    "inclusion.size": _number("inclusion", "size"),
    "inclusion.proof": _proof,
    "inclusion.proof (shorter)": _shorter_proof,
    "keys[0].index": _number("keys", 0, "index"),
    "keys[0].entry": _hash("keys", 0, "entry"),
    "status": _hash("status"),
    "checkpoint (root)": _checkpoint_root,
    "checkpoint (signature)": _checkpoint_signature,
    "log": _hash("log"),
    "anchor.chain_id": _number("anchor", "chain_id"),
    "anchor.deployment_id": _hash("anchor", "deployment_id"),
    "anchor.epoch": _number("anchor", "epoch"),
    "anchor.root": _hash("anchor", "root"),
    "anchor.tx": _hash("anchor", "tx"),
    "anchor.block_number": _number("anchor", "block_number"),
    "anchor.block_hash": _hash("anchor", "block_hash"),
}

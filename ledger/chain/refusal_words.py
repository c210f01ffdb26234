"""Why a contract took no call, in sentences: the table ``refusals.tsv``, by the names of the contracts' errors.

The outbox keeps a refusal as ``ContractRefused`` writes it: ``BalanceInsufficient(account=0x…, asset=67561, …)``. A
contract speaks in account ids, asset ids and Unix seconds; people read identifiers, ``quota-2025`` and instants.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from attestation.assets import format_asset
from attestation.instants import format_instant

_REFUSAL = re.compile(r"([A-Z][A-Za-z0-9]*)\(((?:[A-Za-z_]\w*=[^,]*(?:, )?)*)\)")
_ACCOUNT = re.compile(r"0x([0-9a-f]{64})")
_ASSETS = frozenset({"asset", "buyAsset", "fromAsset", "sellAsset", "toAsset"})
_INSTANTS = frozenset(
    {
        "at",
        "carryOverUntil",
        "closesAt",
        "commentsUntil",
        "cutOff",
        "deadline",
        "dueAt",
        "from",
        "lapsesAt",
        "nowAt",
        "since",
        "surrenderDeadline",
        "until",
    }
)
_LAST_INSTANT = 253_402_300_799
"""The end of the year 9999: what is later is shown as the number that it is."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decoded refusal: the error's name, its arguments as they are written to people, a sentence in English and
    Chinese."""

    name: str
    arguments: Mapping[str, str]
    text: str
    text_zh: str

    @property
    def rule(self) -> str:
        """Its stable dotted code."""
        return f"contract.{self.name}"

    @property
    def value(self) -> str:
        """The error with its arguments."""
        return f"{self.name}({', '.join(f'{name}={value}' for name, value in self.arguments.items())})"


def _load() -> Mapping[str, tuple[tuple[str, str], ...]]:
    table = resources.files("ledger.chain").joinpath("refusals.tsv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    words: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in rows:
        words[row["name"]] = (*words.get(row["name"], ()), (row["text"], row["text_zh"]))
    return MappingProxyType(words)


WORDS: Mapping[str, tuple[tuple[str, str], ...]] = _load()
"""English and Chinese by the error's name, with its arguments in braces. Errors of one name are those of several
contracts, and not all have the same arguments: the first sentence counts whose values are there."""


def accounts_in(reason: str) -> Iterable[bytes]:
    """The 32-byte words of a refusal, of which some may be account ids."""
    return (bytes.fromhex(word) for word in _ACCOUNT.findall(reason))


def refusal_in(reason: str, names: Mapping[bytes, str]) -> Refusal | None:
    """The refusal that a text of the outbox is; None for every other text. ``names``: identifiers by account id."""
    found = _REFUSAL.fullmatch(reason)
    if found is None:
        return None
    pairs = (pair.split("=", 1) for pair in found[2].split(", ") if pair)
    arguments = {name: _shown(name, value, names) for name, value in pairs}
    for texts in WORDS.get(found[1], ()):
        try:
            text, text_zh = (one.format_map(arguments) for one in texts)
        except KeyError:
            continue
        return Refusal(found[1], arguments, text, text_zh)
    fallback = f"{found[1]}({', '.join(f'{name}={value}' for name, value in arguments.items())})"
    return Refusal(found[1], arguments, f"the contract refuses it: {fallback}", f"合约拒绝：{fallback}")


def _shown(name: str, value: str, names: Mapping[bytes, str]) -> str:
    account = _ACCOUNT.fullmatch(value)
    if account is not None:
        return names.get(bytes.fromhex(account[1]), value)
    if not value.isdecimal():
        return value
    if name in _INSTANTS and int(value) <= _LAST_INSTANT:
        return format_instant(int(value))
    if name in _ASSETS:
        try:
            return format_asset(int(value))
        except ValueError:
            return value
    return value

"""What verified and determined figures on chain are both judged by: the contract that a trust file names, a key that
may have been called compromised, and what the contract holds for a case (DOMAIN 2, 10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attestation.identifiers import account_id
from ledger.receipts.chain_view import ChainView, EmissionsOnChain, KeyOnChain
from ledger.receipts.refusal import refusal, require_equal
from ledger.trust import Trust


class EmissionsView(ChainView, Protocol):
    """A chain as one node shows it, with registered emissions."""

    def emissions(self, registry: bytes, account: bytes, year: int, block: int) -> EmissionsOnChain | None:
        """The figure that the emissions registry at that address holds for a case as of that block; None if none."""
        ...


class _Figure(Protocol):
    """Words that name a figure."""

    @property
    def enterprise(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def tonnes(self) -> int: ...
    @property
    def revision(self) -> int: ...


def find_registry(trust: Trust) -> bytes:
    """The trusted address of the emissions registry. Refuses a trust file without one (``trust.contracts``)."""
    if trust.emissions_registry is None:
        raise refusal(
            12,
            "trust.contracts",
            "no emissions_registry",
            "its address",
            why="the trust file names no emissions registry",
            why_zh="信任文件未给出排放登记合约",
        )
    return trust.emissions_registry


def check_flag(name: str, found: KeyOnChain, at: int) -> None:
    """Refuse a key that is flagged where entry ``at`` stands (``receipt.key.compromised``)."""
    if found.invalid_since is not None and found.invalid_since <= at:
        raise refusal(
            11,
            "receipt.key.compromised",
            f"{name}, from entry {found.invalid_since}",
            f"a key that is not flagged at entry {at}",
            why="the key that signed was called compromised",
            why_zh="签署所用密钥已被宣布失窃",
        )


def check_standing(
    chain: EmissionsView, block: int, trust: Trust, words: _Figure, expected: Iterable[tuple[str, object]]
) -> EmissionsOnChain:
    """What the contract holds for the case as of ``block``: tonnes and revision of the words, and the ``expected``
    members of ``EmissionsOnChain`` (name, value). Refuses anything else (``chain.emissions.*``)."""
    registry = find_registry(trust)
    require_equal(12, "chain.deployment-id", chain.deployment_id(registry), trust.deployment_id)
    found = chain.emissions(registry, account_id(words.enterprise), words.year, block)
    if found is None:
        raise refusal(
            12,
            "chain.emissions",
            "none",
            f"{words.tonnes} t",
            why=f"the contract holds no figure of {words.enterprise} for {words.year}",
            why_zh=f"合约中没有 {words.enterprise} {words.year} 年度的登记数值",
        )
    if found.revision > words.revision:
        raise refusal(
            12,
            "chain.emissions.revision",
            f"{found.revision}, of {found.tonnes} t",
            words.revision,
            why="a later version of the figure took its place",
            why_zh="该数值已被更新的版本取代",
        )
    for name, value in (("revision", words.revision), ("tonnes", words.tonnes), *expected):
        require_equal(12, f"chain.emissions.{name.removesuffix('_leaf')}", getattr(found, name), value)
    return found

"""The sequencer as a role: it signs nothing before it knows that chain and witnesses hold what this log extends.

Both are asked through :class:`~ledger.held_heads.HeldHead`, as often as the sequencer wants to know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from attestation.typed_data import Domain
from ledger.chain.contracts import EvidenceLog
from ledger.chain.intents import AnchorIntent
from ledger.chain.rpc import Rpc
from ledger.checkpoint import SignatureKind, VerifierKey
from ledger.cosigning import Witness
from ledger.errors import HistoryDiverged, WitnessUnavailable
from ledger.held_heads import HeldHead
from ledger.merkle import EMPTY_ROOT
from ledger.sequencer import Sequencer
from ledger.witness.client import WitnessClient

Holder = Callable[[], HeldHead | None]


class _WitnessHealth(msgspec.Struct, frozen=True):
    origin: str
    epoch: int
    size: str
    root: str
    cosigner: str | None


@dataclass(slots=True)
class Sequencing:
    """Makes the sequencer in its first round and steps it from then on.

    ``urls`` and ``keys`` (cosignature keys of the trust file) belong together in order; ``cosigners`` are the addresses
    of the trust file, among which each witness's second key must be.
    """

    make: Callable[[Sequence[Witness], Sequence[Holder]], Sequencer]
    urls: Sequence[str]
    keys: Sequence[VerifierKey]
    cosigners: Sequence[bytes]
    domain: Domain
    rpc: Rpc
    _sequencer: Sequencer | None = field(default=None)

    def round(self) -> bool:
        """One step; whether more is waiting. Raises what ``Sequencer`` raises."""
        if self._sequencer is None:
            self._sequencer = self._start()
        return self._sequencer.step()

    def _start(self) -> Sequencer:
        pairs = list(zip(self.urls, self.keys, strict=True))
        witnesses = [self._meet(url, key)[0] for url, key in pairs]
        holders: list[Holder] = [partial(self._witness_head, url, key) for url, key in pairs]
        return self.make(witnesses, [*holders, self._chain_head])

    def _witness_head(self, url: str, key: VerifierKey) -> HeldHead | None:
        return self._meet(url, key)[1]

    def _chain_head(self) -> HeldHead | None:
        # A chain that does not have the contract yet, or has forgotten it, holds nothing that could contradict.
        if not self.rpc.code(self.domain.verifying_contract):
            return None
        head = EvidenceLog(self.rpc, self.domain.verifying_contract).head()
        if isinstance(head, AnchorIntent):
            return HeldHead("chain", head.size, head.root, head.epoch)
        return HeldHead("chain", 0, EMPTY_ROOT, head)

    def _meet(self, url: str, key: VerifierKey) -> tuple[Witness, HeldHead]:
        with WitnessClient(url, ()) as client:
            raw = client.health()
        try:
            health = msgspec.json.decode(raw, type=_WitnessHealth)
            size, root = int(health.size), bytes.fromhex(health.root)
        except (ValueError, msgspec.MsgspecError) as error:
            raise WitnessUnavailable(
                "The witness's health answer cannot be read.",
                rule="witness.health",
                value=url,
                expected="origin, size, root, cosigner",
                message_zh="无法解读见证人的健康应答。",
            ) from error
        cosigner = None if health.cosigner is None else VerifierKey.parse(health.cosigner)
        known = cosigner is not None and cosigner.kind is SignatureKind.EIP712 and cosigner.material in self.cosigners
        if cosigner is None or not known:
            raise HistoryDiverged(
                "The witness signs for the chain with a key that the trust file does not have.",
                rule="witness.cosigner",
                value=health.cosigner,
                expected=", ".join("0x" + address.hex() for address in self.cosigners),
                message_zh="见证人的链上共签密钥不在信任文件中。",
            )
        keys = (key, cosigner)
        held = HeldHead(f"witness at {url}", size, root, health.epoch)
        return Witness(WitnessClient(url, keys, domain=self.domain), size), held

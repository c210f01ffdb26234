"""What it costs to surrender, whole transaction through the registrar's account, on a real Anvil.

``python -m bench.surrender_gas`` deploys the committed artifacts as in production, enrols an enterprise and two
persons, sets terms and a number, carries in quota and CCER, and surrenders: the first of the account and year, whose
slots are all new, then quota and CCER on top. Gas is held against the limit; JSON goes to
``build/bench/surrender_gas.json``.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from attestation.asset_messages import AssetMessage, OffsetEntry, OpeningBalance, Surrender, YearTerms
from attestation.assets import CCER, AssetId, quota_of
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import (
    Domain,
    emissions_determination_digest,
    sign_compact_digest,
    sign_key_possession,
)
from ganache import Node, development_keys
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    EMISSIONS_REGISTRY,
    IDENTIFIER_REGISTRY,
    Deployment,
    IdentifierRegistry,
)
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.emission_intents import DetermineIntent
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.intents import EnrolIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signed_intents import SignedIntent
from ledger.chain.signing import account_address, current_fee, sign

LIMIT_GAS = 180_000
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "surrender_gas.json"
PARK, WORKS, BUREAU = "88.608.1/PARK", "88.608.5288/WORKS", "88.608.2/BUREAU"
WANG, LI = "88.608.1/WANG", "88.608.2/LI"
TONNES = 38_942
_DAY = 86_400
_GAS_BOUND = 3_000_000
_DEADLINE = 30.0
_PEOPLE = (
    (PARK, 1, None, Purpose.ADMINISTRATION),
    (BUREAU, 5, None, Purpose.ADMINISTRATION),
    (WANG, 6, PARK, Purpose.ADMINISTRATION),
    (LI, 6, BUREAU, Purpose.ADMINISTRATION),
    (WORKS, 2, None, Purpose.STATEMENT | Purpose.ASSET),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One surrender on chain, whole transaction."""

    what: str
    tonnes: int
    gas: int


class SurrenderBench:
    """One deployment with one enterprise that owes ``TONNES`` for the chain's present year."""

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], folder: Path) -> None:
        self._rpc = rpc
        self._sender: LocalAccount = Account.from_key(keys[1])
        self._keys = {name: PrivateKey.generate(Algorithm.ES256K) for name, *_ in _PEOPLE}
        self._deployment = self._deploy(Account.from_key(keys[0]), account_address(Account.from_key(keys[2])), folder)
        self._compliance = Compliance(rpc, self._deployment.addresses[COMPLIANCE])
        self._now = rpc.head().timestamp
        self._year = time.gmtime(self._now).tm_year
        self._index = 0
        self._prepare()

    def measure(self) -> list[Measured]:
        """The first surrender of the account and year, then one of each kind on top."""
        quota = quota_of(self._year)
        return [
            self._surrender("first of the account and year", quota, 36_000),
            self._surrender("quota again", quota, 995),
            self._surrender("CCER, up to the cap", CCER, 1_947),
        ]

    def _surrender(self, what: str, asset: AssetId, tonnes: int) -> Measured:
        message = Surrender(secrets.token_bytes(32), account_id(WORKS), self._year, asset, tonnes, self._now + _DAY)
        gas = self._send(self._compliance.address, self._compliance.tell(message.op_id, self._signed(message, WORKS)))
        return Measured(what, tonnes, gas)

    def _prepare(self) -> None:
        registry = IdentifierRegistry(self._rpc, self._deployment.addresses[IDENTIFIER_REGISTRY])
        for name, kind, parent, purposes in _PEOPLE:
            key = self._keys[name]
            possession = sign_key_possession(self._deployment.registry_domain, account_id(name), key, purposes)
            intent = EnrolIntent(
                name, kind, parent, None, 2, int(purposes), key.public.on_chain, *self._entry(), possession
            )
            self._send(registry.address, registry.tell(secrets.token_bytes(32), intent))
        self._determine()
        year, account = self._year, account_id(WORKS)
        month = 30 * _DAY
        terms = YearTerms(
            secrets.token_bytes(32),
            year=year,
            offset_cap_bps=500,
            surrender_deadline=self._now + month,
            carry_over_until=self._now + 2 * month,
            closes_at=self._now + 2 * month,
            carry_base_bps=500,
            carry_multiple_bps=15_000,
            charge_multiple_bps=50_000,
            amendment_seconds=month,
            earlier_vintages=False,
            document_hash=secrets.token_bytes(32),
        )
        self._tell(self._compliance, terms)
        ledger = CarbonLedger(self._rpc, self._deployment.addresses[CARBON_LEDGER])
        quota = (account, quota_of(year), 40_000, secrets.token_bytes(32))
        self._tell(ledger, OpeningBalance(secrets.token_bytes(32), *quota))
        series, cancellation, document = (secrets.token_bytes(32) for _ in range(3))
        self._tell(
            ledger,
            OffsetEntry(secrets.token_bytes(32), account, 3_000, series, 1, 3_000, cancellation, document),
        )

    def _determine(self) -> None:
        """Two persons' number: what a surrender reads of it are the same slots as of a verifier's."""
        domain, document = _known(self._deployment.emissions_domain), secrets.token_bytes(32)
        digest = emissions_determination_digest(domain, account_id(WORKS), self._year, TONNES, document, 1)
        approvals = tuple(sign_compact_digest(digest, self._keys[person]) for person in (WANG, LI))
        intent = DetermineIntent(*self._entry(), WORKS, self._year, TONNES, 1, document, approvals)
        registry = EmissionsRegistry(self._rpc, self._deployment.addresses[EMISSIONS_REGISTRY])
        self._send(registry.address, registry.tell(secrets.token_bytes(32), intent))

    def _tell(self, contract: Compliance | CarbonLedger, message: AssetMessage) -> None:
        self._send(contract.address, contract.tell(message.op_id, self._signed(message, WANG, LI)))

    def _signed(self, message: AssetMessage, *signers: str) -> SignedIntent:
        ours = {"carbon-ledger": self._deployment.ledger_domain, "compliance": self._deployment.compliance_domain}
        digest = message.digest(_known(ours[message.CHECKER.value]))
        signatures = tuple(sign_compact_digest(digest, self._keys[name]) for name in signers)
        return SignedIntent(*self._entry(), message, signatures)

    def _send(self, to: bytes, data: bytes) -> int:
        signed = sign(
            self._sender,
            chain_id=self._deployment.chain_id,
            nonce=self._rpc.nonce(account_address(self._sender)),
            fee=current_fee(self._rpc),
            gas=_GAS_BOUND,
            to=to,
            data=data,
        )
        self._rpc.send_raw(signed.raw)
        receipt = self._rpc.wait_for_receipt(signed.hash, deadline=_DEADLINE)
        if not receipt.succeeded:
            raise ValueError(f"call 0x{data[:4].hex()} did not take effect")
        return receipt.gas_used

    def _entry(self) -> tuple[bytes, int]:
        self._index += 1
        return secrets.token_bytes(32), self._index

    def _deploy(self, deployer: LocalAccount, governor: bytes, folder: Path) -> Deployment:
        cosigner = PrivateKey.generate(Algorithm.ES256K).public.evm_address
        if cosigner is None:
            raise ValueError("a cosigner's key is ES256K")
        parameters = DeploymentParameters(
            chain_id=self._rpc.chain_id(),
            deployment_id=secrets.token_bytes(32),
            cosigners=(cosigner,),
            threshold=1,
            epoch_delay=3600,
            recovery_delay=3600,
            approvers=(),
            registrar=account_address(self._sender),
            governor=governor,
        )
        return ensure_deployed(self._rpc, parameters, deployer, folder / "addresses.json")


def run() -> dict[str, object]:
    """Measure; the answer is what goes into the JSON file."""
    with tempfile.TemporaryDirectory() as folder, Node(Path(folder) / "chain") as engine:
        rpc = Rpc(engine.rpc_url)
        measured = SurrenderBench(rpc, development_keys(engine.rpc_url, engine.chain_id), Path(folder)).measure()
        rpc.close()
    first = measured[0]
    return {
        "engine": "anvil",
        "limit_gas": LIMIT_GAS,
        "measured": {each.what: each.gas for each in measured},
        "first_gas": first.gas,
        "passed": first.gas <= LIMIT_GAS,
    }


def main() -> int:
    """Run, print, write the JSON; 1 where the limit is missed."""
    result = run()
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("surrender, whole transaction on Anvil")
    measured = result["measured"]
    if not isinstance(measured, dict):
        raise TypeError("measured surrenders are a table")
    for what, gas in measured.items():
        print(f"  {gas:>7,} gas  {what}")
    print(f"  limit of the first {LIMIT_GAS:,}; {OUTPUT.name} written")
    return 0 if result["passed"] else 1


def _known(domain: Domain | None) -> Domain:
    if domain is None:
        raise ValueError("the deployment has no such contract")
    return domain


if __name__ == "__main__":
    raise SystemExit(main())

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

from attestation.asset_messages import AssetMessage, OffsetEntry, OpeningBalance, Surrender, YearTerms
from attestation.assets import CCER, AssetId, quota_of
from attestation.identifiers import account_id
from attestation.keys import Purpose
from attestation.typed_data import emissions_determination_digest, sign_compact_digest
from attestation.typed_message import Checker
from bench.relayed import Relayed, known
from ganache import Node, development_keys
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE, EMISSIONS_REGISTRY
from ledger.chain.emission_intents import DetermineIntent
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.rpc import Rpc

LIMIT_GAS = 180_000
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "surrender_gas.json"
PARK, WORKS, BUREAU = "88.608.1/PARK", "88.608.5288/WORKS", "88.608.2/BUREAU"
WANG, LI = "88.608.1/WANG", "88.608.2/LI"
TONNES = 38_942
_DAY = 86_400
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
        self._chain = Relayed(rpc, keys, folder, _PEOPLE)
        self._compliance = Compliance(rpc, self._chain.deployment.addresses[COMPLIANCE])
        self._ledger = CarbonLedger(rpc, self._chain.deployment.addresses[CARBON_LEDGER])
        self._now = self._chain.now
        self._year = time.gmtime(self._now).tm_year
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
        return Measured(what, tonnes, self._tell(self._compliance, message, WORKS))

    def _prepare(self) -> None:
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
        self._tell(self._compliance, terms, WANG, LI)
        quota = (account, quota_of(year), 40_000, secrets.token_bytes(32))
        self._tell(self._ledger, OpeningBalance(secrets.token_bytes(32), *quota), WANG, LI)
        series, cancellation, document = (secrets.token_bytes(32) for _ in range(3))
        offsets = OffsetEntry(secrets.token_bytes(32), account, 3_000, series, 1, 3_000, cancellation, document)
        self._tell(self._ledger, offsets, WANG, LI)

    def _determine(self) -> None:
        """Two persons' number: what a surrender reads of it are the same slots as of a verifier's."""
        deployment, document = self._chain.deployment, secrets.token_bytes(32)
        case = (account_id(WORKS), self._year, TONNES, document, 1)
        digest = emissions_determination_digest(known(deployment.emissions_domain), *case)
        approvals = tuple(sign_compact_digest(digest, self._chain.keys[person]) for person in (WANG, LI))
        intent = DetermineIntent(*self._chain.entry(), WORKS, self._year, TONNES, 1, document, approvals)
        registry = EmissionsRegistry(self._chain.rpc, deployment.addresses[EMISSIONS_REGISTRY])
        self._chain.send(registry.address, registry.tell(secrets.token_bytes(32), intent))

    def _tell(self, contract: Compliance | CarbonLedger, message: AssetMessage, *signers: str) -> int:
        deployment = self._chain.deployment
        ours = {Checker.CARBON_LEDGER: deployment.ledger_domain, Checker.COMPLIANCE: deployment.compliance_domain}
        signed = self._chain.signed(message, ours[message.CHECKER], *signers)
        return self._chain.send(contract.address, contract.tell(message.op_id, signed))


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


if __name__ == "__main__":
    raise SystemExit(main())

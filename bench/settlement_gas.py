"""What it costs to settle a trade (P5), whole transaction through the registrar's account, on a real Anvil.

``python -m bench.settlement_gas`` deploys the committed artifacts as in production, enrols two enterprises and two
persons, opens a trading day in agreement mode with bands, locks and limits, and settles two signed orders of listed
trades: fresh ones, whose fills are new slots; a second fill of the same; ten fresh trades in one batch. Accounts that
traded before have all their slots, as in the floor that the limit is a multiple of. JSON goes to
``build/bench/settlement_gas.json``.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from attestation.asset_messages import AssetMessage, OpeningBalance
from attestation.assets import quota_of
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.market_messages import Deposit, MarketReference, MarketTerms, Order, TradingMove
from attestation.typed_data import Domain, sign_compact_digest, sign_key_possession
from ganache import Node, development_keys
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.contracts import CARBON_LEDGER, EXCHANGE, IDENTIFIER_REGISTRY, Deployment, IdentifierRegistry
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.exchange import Exchange, trade_words
from ledger.chain.intents import EnrolIntent
from ledger.chain.market_intents import MarketIntent, OpenDayIntent, SettleIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signed_intents import SignedIntent
from ledger.chain.signing import account_address, current_fee, sign

FLOOR_GAS = 108_680
"""Two signatures, delivery versus payment on one ledger, fresh order slots; nothing else asked (P5)."""
LIMIT_GAS = 135_850
"""1.25 times the floor."""
BATCH_SHARE = 0.75
SEAPORT_GAS = 170_229
"""`matchOrders` of two orders by the same settings of one compiler."""
SEAPORT_SHARE = 0.85
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "settlement_gas.json"
PARK, BUYER, SELLER, BUREAU = "88.608.1/PARK", "88.608.5288/WORKS", "88.608.5289/GLASS", "88.608.2/BUREAU"
WANG, LI = "88.608.1/WANG", "88.608.2/LI"
QUOTA = quota_of(2026)
CASH = 0x0003_0000
DAY = 20_260_914
PRICE_FEN = 6_250
BATCH = 10
_DAY_SECONDS = 86_400
_GAS_BOUND = 5_000_000
_DEADLINE = 30.0
_PEOPLE = (
    (PARK, 1, None, Purpose.ADMINISTRATION),
    (BUREAU, 5, None, Purpose.ADMINISTRATION),
    (WANG, 6, PARK, Purpose.ADMINISTRATION),
    (LI, 6, BUREAU, Purpose.ADMINISTRATION),
    (BUYER, 2, None, Purpose.STATEMENT | Purpose.ASSET),
    (SELLER, 2, None, Purpose.STATEMENT | Purpose.ASSET),
)


class SettlementBench:
    """One deployment with an open trading day, a buyer with cash and a seller with units in trading."""

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], folder: Path) -> None:
        self._rpc = rpc
        self._sender: LocalAccount = Account.from_key(keys[1])
        self._keys = {name: PrivateKey.generate(Algorithm.ES256K) for name, *_ in _PEOPLE}
        self._deployment = self._deploy(Account.from_key(keys[0]), account_address(Account.from_key(keys[2])), folder)
        self._exchange = Exchange(rpc, self._deployment.addresses[EXCHANGE])
        self._now = rpc.head().timestamp
        self._index = 0
        self._prepare()

    def measure(self) -> dict[str, int]:
        """Gas by what was settled; of the batch per trade."""
        first = self._trade(20)
        self._settle(replace(first, tonnes=5))
        fresh = self._settle(replace(self._trade(20), tonnes=5))
        warm = self._settle(replace(first, tonnes=5, buy_filled=5, sell_filled=5))
        words = [trade_words(secrets.token_bytes(32), self._trade(10)) for _ in range(BATCH)]
        batch = self._send(self._exchange.address, self._exchange.data("settleBatch", words))
        settled = self._exchange.view("dayOf", QUOTA, DAY)[0][4]
        if settled != 15 + 10 * BATCH:
            raise ValueError(f"{settled} t were settled")
        return {"fresh": fresh, "warm": warm, "batch_per_trade": batch // BATCH}

    def _trade(self, tonnes: int) -> SettleIntent:
        domain, deadline = _known(self._deployment.exchange_domain), self._now + _DAY_SECONDS
        made = [
            Order(
                account_id(name), QUOTA, side, tonnes, PRICE_FEN, 1, other, 1, 10, deadline, 0, secrets.token_bytes(32)
            )
            for name, side, other in ((BUYER, 1, account_id(SELLER)), (SELLER, 2, bytes(32)))
        ]
        buy, sell = made
        signatures = [
            sign_compact_digest(order.digest(domain), self._keys[name])
            for order, name in zip(made, (BUYER, SELLER), strict=True)
        ]
        leaf, index = self._entry()
        leaves = secrets.token_bytes(32), secrets.token_bytes(32)
        return SettleIntent(leaf, index, 0, DAY, tonnes, PRICE_FEN, 0, 0, *leaves, buy, sell, *signatures)

    def _prepare(self) -> None:
        registry = IdentifierRegistry(self._rpc, self._deployment.addresses[IDENTIFIER_REGISTRY])
        for name, kind, parent, purposes in _PEOPLE:
            key = self._keys[name]
            possession = sign_key_possession(self._deployment.registry_domain, account_id(name), key, purposes)
            intent = EnrolIntent(
                name, kind, parent, name, 2, int(purposes), key.public.on_chain, *self._entry(), possession
            )
            self._send(registry.address, registry.tell(secrets.token_bytes(32), intent))
        terms = MarketTerms(_op(), 1, 1_000, 3_000, 1_000, 5, 0, bytes(32), 10, 2, 200, _DAY_SECONDS, _op())
        self._tell(terms, WANG, LI)
        self._tell(MarketReference(_op(), QUOTA, 6_000, _op()), WANG, LI)
        self._told(OpenDayIntent(*self._entry(), QUOTA, DAY, self._now + _DAY_SECONDS))
        ledger = CarbonLedger(self._rpc, self._deployment.addresses[CARBON_LEDGER])
        deadline = self._now + _DAY_SECONDS
        for name in (BUYER, SELLER):
            account = account_id(name)
            opening = OpeningBalance(_op(), account, QUOTA, 10_000, _op())
            digest = opening.digest(_known(self._deployment.ledger_domain))
            self._send(ledger.address, ledger.tell(opening.op_id, self._signed(opening, digest, WANG, LI)))
            self._tell(Deposit(_op(), account, 10**9, _op()), WANG, LI)
            self._tell(TradingMove(_op(), account, QUOTA, 5_000, True, deadline), name)
            self._tell(TradingMove(_op(), account, CASH, 5 * 10**8, True, deadline), name)

    def _tell(self, message: MarketTerms | MarketReference | Deposit | TradingMove, *signers: str) -> None:
        digest = message.digest(_known(self._deployment.exchange_domain))
        self._send(self._exchange.address, self._exchange.tell(message.op_id, self._signed(message, digest, *signers)))

    def _told(self, intent: MarketIntent) -> None:
        self._send(self._exchange.address, self._exchange.tell(_op(), intent))

    def _settle(self, intent: SettleIntent) -> int:
        return self._send(self._exchange.address, self._exchange.tell(_op(), intent))

    def _signed(
        self,
        message: AssetMessage | MarketTerms | MarketReference | Deposit | TradingMove,
        digest: bytes,
        *signers: str,
    ) -> SignedIntent:
        return SignedIntent(
            *self._entry(), message, tuple(sign_compact_digest(digest, self._keys[name]) for name in signers)
        )

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
        measured = SettlementBench(rpc, development_keys(engine.rpc_url, engine.chain_id), Path(folder)).measure()
        rpc.close()
    fresh, each = measured["fresh"], measured["batch_per_trade"]
    return {
        "engine": "anvil",
        "floor_gas": FLOOR_GAS,
        "limit_gas": LIMIT_GAS,
        "measured": measured,
        "of_floor": round(fresh / FLOOR_GAS, 3),
        "of_seaport": round(fresh / SEAPORT_GAS, 3),
        "batch_of_single": round(each / fresh, 3),
        "passed": fresh <= LIMIT_GAS and each <= BATCH_SHARE * fresh and fresh < SEAPORT_SHARE * SEAPORT_GAS,
    }


def main() -> int:
    """Run, print, write the JSON; 1 where the limit is missed."""
    result = run()
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("settlement of a trade, whole transaction on Anvil")
    measured = result["measured"]
    if not isinstance(measured, dict):
        raise TypeError("measured settlements are a table")
    for what, gas in measured.items():
        print(f"  {gas:>7,} gas  {what.replace('_', ' ')}")
    print(
        f"  fresh: {result['of_floor']} of the floor {FLOOR_GAS:,} (limit {LIMIT_GAS:,}), {result['of_seaport']} of"
        f" Seaport; a trade of a batch: {result['batch_of_single']} of a single one; {OUTPUT.name} written"
    )
    return 0 if result["passed"] else 1


def _op() -> bytes:
    return secrets.token_bytes(32)


def _known(domain: Domain | None) -> Domain:
    if domain is None:
        raise ValueError("the deployment has no such contract")
    return domain


if __name__ == "__main__":
    raise SystemExit(main())

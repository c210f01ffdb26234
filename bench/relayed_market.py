"""A deployment with an open market, set up by the relayer itself, for ``bench.relayer``: what its fills rest on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from attestation.asset_messages import OpeningBalance
from attestation.assets import quota_of
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.market_messages import Deposit, MarketReference, MarketTerms, Order, TradingMove
from attestation.typed_data import Domain, sign_compact_digest, sign_key_possession
from attestation.typed_message import Checker, TypedMessage
from ledger.chain import outbox
from ledger.chain.asset_intents import AssetIntent
from ledger.chain.contracts import CARBON_LEDGER, EXCHANGE, IDENTIFIER_REGISTRY, NAMES, Deployment
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.deploy_plan import created_address
from ledger.chain.finality import Confirmations
from ledger.chain.intents import EnrolIntent
from ledger.chain.market_intents import OpenDayIntent, SettleIntent
from ledger.chain.outbox import State
from ledger.chain.relayer import Relayer
from ledger.chain.rpc import Rpc, address_text
from ledger.chain.signed_intents import SignedIntent
from ledger.chain.signing import account_address
from ledger.db.base import Database
from ledger.db.log_models import LogState
from ledger.db.migrate import upgrade
from ledger.view import integrated_tree

PAIRS = 20
QUOTA, CASH = quota_of(2026), 0x0003_0000
DAY, PRICE_FEN = 20_260_914, 6_250
DEADLINE = 600.0
"""Seconds that a set-up or a run may take."""
_DAY_SECONDS = 86_400
_PERSONS = (("88.608.1/PARK", 1, None), ("88.608.2/BUREAU", 5, None))
_APPROVERS = (("88.608.1/WANG", 6, "88.608.1/PARK"), ("88.608.2/LI", 6, "88.608.2/BUREAU"))
BUYERS = tuple(f"88.608.{5000 + number}/BUYER" for number in range(PAIRS))
SELLERS = tuple(f"88.608.{6000 + number}/SELLER" for number in range(PAIRS))


class RelayedMarket:
    """Twenty buyers with cash, twenty sellers with units, an open day; a store and a snapshot to go back to."""

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], folder: Path) -> None:
        self._rpc, self._folder = rpc, folder
        self._sender: LocalAccount = Account.from_key(keys[1])
        self._deployer: LocalAccount = Account.from_key(keys[0])
        self._now = rpc.head().timestamp
        self._index = 0
        self._keys = {
            name: PrivateKey.generate(Algorithm.ES256K)
            for name in (*BUYERS, *SELLERS, *(name for name, *_ in (*_PERSONS, *_APPROVERS)))
        }
        cosigner = PrivateKey.generate(Algorithm.ES256K).public.evm_address or b""
        self._parameters = DeploymentParameters(
            chain_id=rpc.chain_id(),
            deployment_id=secrets.token_bytes(32),
            cosigners=(cosigner,),
            threshold=1,
            epoch_delay=3600,
            recovery_delay=3600,
            approvers=(),
            registrar=account_address(self._sender),
            governor=account_address(Account.from_key(keys[2])),
        )
        rpc.request("anvil_setBalance", address_text(account_address(self._sender)), hex(10**24))
        self._store = folder / "opened.sqlite3"
        self._open_market()
        self._snapshot: str = rpc.request("evm_snapshot")

    @staticmethod
    def _all_final(database: Database, count: int) -> bool:
        with database.read() as session:
            found = outbox.counts(session)
        if found[State.REFUSED]:
            raise ValueError(f"{found[State.REFUSED]} fills were refused")
        return found[State.PENDING] == found[State.SENT] == found[State.MINED] == 0 and found[State.FINAL] >= count

    def _relayer(self, database: Database) -> Relayer:
        return Relayer(
            database,
            self._rpc,
            self._sender,
            deploy=self._deploy,
            tree_of=integrated_tree,
            finality=Confirmations(0),
            holder=secrets.token_hex(4),
            clock=time.time,
        )

    def _deploy(self) -> Deployment:
        return ensure_deployed(self._rpc, self._parameters, self._deployer, self._folder / "addresses.json")

    def _domain(self, name: str) -> Domain:
        address = created_address(account_address(self._deployer), NAMES.index(name))
        return Domain(self._parameters.chain_id, address, self._parameters.deployment_id)

    # --- the market, told by the relayer ---

    def _open_market(self) -> None:
        database = Database(f"sqlite:///{self._store}")
        upgrade(database)
        with database.write() as session:
            origin = "bench.example/log/" + self._parameters.deployment_id.hex()
            session.add(LogState(id=1, origin=origin, epoch=0, next_index=0, tree_size=0))
            for intent in self._enrolments():
                outbox.enqueue_key(session, self._parameters.deployment_id, intent, now=1)
            for asset in self._preparations():
                outbox.enqueue_asset(session, self._parameters.deployment_id, asset, now=1)
        relayer, until = self._relayer(database), time.monotonic() + DEADLINE
        while not self._all_final(database, 1):
            relayer.step()
            if time.monotonic() > until:
                raise TimeoutError("the market is not open")
        relayer.release()
        database.close()

    def _enrolments(self) -> list[EnrolIntent]:
        office, traders = Purpose.ADMINISTRATION, Purpose.STATEMENT | Purpose.ASSET
        people = [(*one, office) for one in (*_PERSONS, *_APPROVERS)]
        people += [(name, 2, None, traders) for name in (*BUYERS, *SELLERS)]
        made = []
        for name, kind, parent, purposes in people:
            key = self._keys[name]
            possession = sign_key_possession(self._domain(IDENTIFIER_REGISTRY), account_id(name), key, purposes)
            group = None if parent else name
            made.append(
                EnrolIntent(
                    name, kind, parent, group, 2, int(purposes), key.public.on_chain, *self._entry(), possession
                )
            )
        return made

    def _preparations(self) -> list[AssetIntent]:
        until = self._now + _DAY_SECONDS
        persons = tuple(name for name, *_ in _APPROVERS)
        told: list[AssetIntent] = [
            self._said(MarketTerms(_op(), 1, 1_000, 3_000, 1_000, 5, 0, bytes(32), 10, 2, 200, 3_600, _op()), persons),
            self._said(MarketReference(_op(), QUOTA, 6_000, _op()), persons),
        ]
        for name in SELLERS:
            account = account_id(name)
            told.append(self._said(OpeningBalance(_op(), account, QUOTA, 100_000, _op()), persons))
            told.append(self._said(TradingMove(_op(), account, QUOTA, 50_000, True, until), (name,)))
        for name in BUYERS:
            account = account_id(name)
            told.append(self._said(Deposit(_op(), account, 10**10, _op()), persons))
            told.append(self._said(TradingMove(_op(), account, CASH, 5 * 10**9, True, until), (name,)))
        return [*told, OpenDayIntent(*self._entry(), QUOTA, DAY, until)]

    def _said(self, message: Any, signers: Sequence[str]) -> SignedIntent:
        checked: TypedMessage = message
        name = {Checker.EXCHANGE: EXCHANGE, Checker.CARBON_LEDGER: CARBON_LEDGER}[checked.CHECKER]
        digest = checked.digest(self._domain(name))
        return SignedIntent(
            *self._entry(), message, tuple(sign_compact_digest(digest, self._keys[signer]) for signer in signers)
        )

    def _fill(self, buyer: str, seller: str) -> SettleIntent:
        domain, until = self._domain(EXCHANGE), self._now + _DAY_SECONDS
        buy, sell = (
            Order(account_id(name), QUOTA, side, 1, PRICE_FEN, 1, other, 1, 10, until, 0, _op())
            for name, side, other in ((buyer, 1, account_id(seller)), (seller, 2, bytes(32)))
        )
        signatures = [
            sign_compact_digest(order.digest(domain), self._keys[name])
            for order, name in ((buy, buyer), (sell, seller))
        ]
        return SettleIntent(*self._entry(), 0, DAY, 1, PRICE_FEN, 0, 0, _op(), _op(), buy, sell, *signatures)

    def _entry(self) -> tuple[bytes, int]:
        self._index += 1
        return _op(), self._index


def _op() -> bytes:
    return secrets.token_bytes(32)

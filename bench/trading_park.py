"""A park that trades: enterprises with units and cash in their trading balances, and one open day (DOMAIN 12 to 24).

Everything is said by those who must say it (registrar, two persons of two bodies, holders) and is on the chain before
trading begins.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from msgspec.structs import replace

from attestation.bodies import Approval, Body, MoveTrading
from attestation.bodies.holdings import CarryIn
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.market_operations import holder_message
from attestation.statements import build, prove_key
from attestation.typed_data import sign_compact_digest
from bench.deployment import Deployment
from tanlu import assets, market, market_office
from tanlu.client import Client, Credentials

QUOTA = "quota-2026"
TONNES_EACH, FEN_EACH = 2_000_000, 100_000_000_000
REFERENCE_FEN, BAND_BPS, FEE_BPS = 6_000, 1_000, 5
ORDERS = "orders"
_PARK, _BUREAU = "88.608.1/PARK", "88.608.2/BUREAU"
_OFFICER, _INSPECTOR = "88.608.1/PARK_WANG", "88.608.2/BUREAU_LI"
_CHINA = timezone(timedelta(hours=8))
_HOURS = 6 * 3_600
_ON_CHAIN_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Trader:
    """An enterprise with the key that signs its orders; ``seq``: its last statement in the stream of orders."""

    identifier: str
    key: PrivateKey
    seq: int


@dataclass(slots=True)
class TradingPark:
    """A deployment as it is made ready to trade. ``day``: YYYYMMDD; ``until``: unix seconds, its end."""

    deployment: Deployment
    client: Client
    day: int = 0
    until: int = 0
    traders: list[Trader] = field(default_factory=list)
    _persons: list[tuple[str, PrivateKey]] = field(default_factory=list)
    _seqs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def prepare(self, count: int) -> None:
        """Enrol, set the rules, endow everybody, open the day. Raises RuntimeError for what was not taken."""
        self.client.enrol(self.deployment.first_entry)
        self._admit(count)
        self._endow()
        self.open()

    def open(self) -> None:
        """Today's trading day, long enough for any run."""
        now = int(time.time())
        self.day, self.until = int(f"{datetime.now(UTC).astimezone(_CHINA):%Y%m%d}"), now + _HOURS
        body = market_office.open_day(QUOTA, self.day, [(now - 1, self.until)], self.until + 3_600)
        entry = self.say(body, "market")
        index = self.client.submit(entry).index
        _until(lambda: self.client.entry(index).state in {"anchored", "final"}, "the day's opening in an anchored head")

    def close(self) -> None:
        """The day's close, as its entries give it."""
        session = self.client.market.session(QUOTA, self.day)
        self.client.submit(self.say(market_office.close_day(session), "market"))

    def say(self, body: Body, kind: str) -> bytes:
        """A statement of the registrar's."""
        deployment = self.deployment
        return self._signed(deployment.registrar_identifier, deployment.registrar, kind, f"bench-{kind}", body)

    def _admit(self, count: int) -> None:
        entries: list[bytes] = []

        def enrol(identifier: str, kind: Kind, purposes: Purpose, parent: str | None = None) -> PrivateKey:
            made = PrivateKey.generate(Algorithm.ES256K)
            trust = self.deployment.trust
            proved = prove_key(
                log=trust.log,
                identifier=identifier,
                kind=kind,
                key=made,
                purposes=purposes,
                iat=int(time.time()),
                parent=parent,
                domain=trust.registry_domain,
            )
            entries.append(self.say(proved, "key"))
            return made

        enrol(_BUREAU, Kind.REGULATOR, Purpose.ADMINISTRATION)
        for person, parent in ((_OFFICER, _PARK), (_INSPECTOR, _BUREAU)):
            self._persons.append((person, enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent)))
        names = [f"88.608.{3_000 + number}/WORKS" for number in range(count)]
        self.traders = [
            Trader(name, enrol(name, Kind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET), 2) for name in names
        ]
        self._submit(entries)

    def _endow(self) -> None:
        """Terms and price, units of an old register, money of the bank; then all of it into trading."""
        said: list[tuple[str, Any]] = [("market", self._terms()), ("market", self._reference())]
        for number, trader in enumerate(self.traders):
            said += [
                ("holding", _carried_in(trader.identifier)),
                ("cash", market_office.deposit(trader.identifier, FEN_EACH, f"BANK-{number:04}")),
            ]
        self._decide(said)
        until = int(time.time()) + _HOURS
        moves: list[tuple[Trader, MoveTrading]] = [
            (trader, market.move(asset, amount, until, inward=True))
            for trader in self.traders
            for asset, amount in ((QUOTA, TONNES_EACH), ("cash", FEN_EACH))
        ]
        domain = market.market_domain(self.deployment.trust)
        entries = []
        for trader, body in moves:
            digest = holder_message(body, trader.identifier).digest(domain)
            signed = replace(body, signature=f"0x{sign_compact_digest(digest, trader.key).hex()}")
            entries.append(self._signed(trader.identifier, trader.key, "order", ORDERS, signed))
        self._submit(entries)
        self._taken(body.op_id for _, body in moves)

    def _decide(self, said: Sequence[tuple[str, Any]]) -> None:
        """What two persons approve, submitted and on chain."""
        entries = []
        for kind, body in said:
            message = assets.message_of(kind, body)
            digest = message.digest(assets.domain_of(self.deployment.trust, message))
            approvals = tuple(
                Approval(identifier=person, signature=f"0x{sign_compact_digest(digest, key).hex()}")
                for person, key in self._persons
            )
            entries.append(self.say(replace(body, approvals=approvals), kind))
        self._submit(entries)
        self._taken(body.op_id for _, body in said)

    def _signed(self, identifier: str, key: PrivateKey, kind: str, stream: str, body: Body) -> bytes:
        self._seqs[identifier, stream] += 1
        return build(
            kind,
            log=self.deployment.trust.log,
            iss=identifier,
            key=key,
            iat=int(time.time()),
            stream=stream,
            seq=self._seqs[identifier, stream],
            body=body,
        )

    def _submit(self, entries: Sequence[bytes]) -> None:
        result = self.client.submit_bulk(entries)
        if result.refused:
            raise RuntimeError(f"not accepted: {result.refused[0].problem}")

    def _taken(self, operations: Iterable[str]) -> None:
        for op_id in operations:
            found = self.client.operation(op_id, wait=_ON_CHAIN_SECONDS).require_taken()
            if not found.settled:
                raise RuntimeError(f"{found.kind} {op_id} is {found.state}")

    @staticmethod
    def _terms() -> Body:
        return market_office.terms(
            mode="agreement",
            band_bps=BAND_BPS,
            block_band_bps=3_000,
            block_threshold=1_000,
            lock_days=5,
            fee_bps=FEE_BPS,
            fee_account=_PARK,
            minimum_volume=1,
            minimum_groups=2,
            maximum_holders=200,
            release_delay_s=604_800,
            document_hash=_document("terms"),
        )

    @staticmethod
    def _reference() -> Body:
        return market_office.reference(QUOTA, REFERENCE_FEN, _document("appraisal"), "opening price")


def connect(deployment: Deployment) -> Client:
    """The registrar's own way to the service: who oversees the market."""
    who = Credentials(deployment.registrar_identifier, deployment.registrar)
    return Client(deployment.url, trust=deployment.trust, credentials=who, patience=300)


def _carried_in(identifier: str) -> Body:
    return CarryIn(
        op_id=assets.new_operation(),
        account=identifier,
        asset=QUOTA,
        tonnes=TONNES_EACH,
        document_hash=_document(f"balance of {identifier}"),
        reason="balance of the old register",
        approvals=(),
    )


def _document(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()


def _until(good: Any, expected: str) -> None:
    limit = time.monotonic() + _ON_CHAIN_SECONDS
    while not good():
        if time.monotonic() > limit:
            raise RuntimeError(f"not in time: {expected}")
        time.sleep(0.5)

"""What a holder signs on the market follows from the body alone, by a key that the exchange will take (DOMAIN 12 to
21)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.bodies import PlaceOrder
from attestation.errors import AttestationError
from attestation.instants import parse_instant
from attestation.judging.trading_balances import cost_fen
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.market_operations import holder_message, order_message
from attestation.typed_data import recover
from ledger.trust import Trust
from tanlu import assets, market, market_office
from tanlu.client.market_answers import AuctionShown, Offer
from tanlu.errors import InputRefused
from tanlu.keyring import Card, HeldKey
from tanlu.proposals import Proposal, read_proposal, write_proposal
from tanlu.sealed_bids import read_bid, write_bid

from .conftest import World

WORKS, OTHER = "88.608.5288/A", "88.608.5289/B"
BEFORE = parse_instant("2027-01-01T00:00:00+08:00")
OFFERED: dict[str, Any] = {"deadline": BEFORE, "epoch": 3, "fee_limit_bps": 5}
ORDER = market.place("quota-2025", "buy", 233, 6_180, **OFFERED)
ACTS = [
    market.cancel("ab" * 32, BEFORE),
    market.cancel_all(4, BEFORE),
    market.move("quota-2025", 7, BEFORE, inward=True),
    market.move("cash", 7, BEFORE, inward=False),
    market.withdraw(7, "cd" * 32, BEFORE),
]
APPROVED = [
    market_office.terms(
        mode="agreement", band_bps=1_000, block_band_bps=3_000, block_threshold=1_000, lock_days=5, fee_bps=0,
        fee_account="88.608.1/PARK", minimum_volume=1, minimum_groups=2, maximum_holders=200, release_delay_s=60,
        document_hash="02" * 32,
    ),
    market_office.reference("quota-2025", 6_000, "02" * 32, "opening price"),
    market_office.bind(WORKS, "cd" * 32, "02" * 32),
    market_office.deposit(WORKS, 4_375_000, "B-1"),
    market_office.payout("0f" * 32, "B-2", paid=False),
]  # fmt: skip


@pytest.fixture
def trust(world: World) -> Trust:
    addresses = {"emissions_registry": 3, "carbon_ledger": 4, "compliance": 5, "credit_scores": 6, "exchange": 7}
    return replace(world.trust, **{name: bytes([number]) * 20 for name, number in addresses.items()})


def held(
    identifier: str = WORKS, purposes: Purpose = Purpose.ASSET, algorithm: Algorithm = Algorithm.ES256K
) -> HeldKey:
    key = PrivateKey.generate(algorithm)
    return HeldKey(Card(identifier, purposes, key.public), key)


@pytest.mark.parametrize("body", [ORDER, *ACTS], ids=lambda body: body.action)
def test_what_is_signed_is_the_exchanges_message_of_that_body_and_account(trust: Trust, body: Any) -> None:
    owner = held()
    signed = market.sign_order(trust, owner, body)
    compact = bytes.fromhex(signed.signature.removeprefix("0x"))
    assert msgspec.structs.replace(signed, signature=market.UNSIGNED) == body

    def digest(holder: str, domain: Any) -> bytes:
        message = order_message(signed, holder) if isinstance(signed, PlaceOrder) else holder_message(signed, holder)
        return message.digest(domain)

    address = owner.card.public.evm_address
    assert recover(digest(WORKS, trust.exchange_domain), compact) == address
    assert recover(digest(OTHER, trust.exchange_domain), compact) != address
    elsewhere = replace(trust, exchange=bytes([8]) * 20)
    assert recover(digest(WORKS, elsewhere.exchange_domain), compact) != address


def test_an_order_has_its_hash_before_it_is_signed_and_keeps_it(trust: Trust) -> None:
    """DOMAIN 14: so a bid is sealed by the hash of the order that opens it."""
    before = market.order_hash(trust, ORDER, WORKS)
    assert market.order_hash(trust, market.sign_order(trust, held(), ORDER), WORKS) == before
    again = market.place("quota-2025", "buy", 233, 6_180, **OFFERED)
    assert market.order_hash(trust, again, WORKS) != before, "two equal orders are two"
    assert market.order_hash(trust, ORDER, OTHER) != before


@pytest.mark.parametrize(
    ("holder", "rule"),
    [
        (held(algorithm=Algorithm.ED25519), "key.algorithm"),
        (held(purposes=Purpose.STATEMENT), "purpose.key"),
    ],
    ids=["ed25519", "statement"],
)
def test_a_key_that_the_exchange_would_not_take_signs_nothing(trust: Trust, holder: HeldKey, rule: str) -> None:
    with pytest.raises(AttestationError) as refused:
        market.sign_order(trust, holder, ORDER)
    assert refused.value.rule == rule


def test_a_ledger_without_an_exchange_has_no_orders(trust: Trust) -> None:
    bare = replace(trust, exchange=None)
    for call in (lambda: market.sign_order(bare, held(), ORDER), lambda: market.order_hash(bare, ORDER, WORKS)):
        with pytest.raises(AttestationError) as refused:
            call()
        assert (refused.value.rule, refused.value.value) == ("asset.no_contract", "Exchange")
    with pytest.raises(AttestationError):
        assets.approve(bare, held(purposes=Purpose.ADMINISTRATION), Proposal("cash", APPROVED[3]).message)


def test_an_acceptance_names_order_maker_price_and_kind() -> None:
    """DOMAIN 12: by a named counterparty, at the posted price."""
    offer = Offer(
        order="ab" * 32, index=9, account=OTHER, side="sell", kind="block", price_fen=6_250, remaining=1_700,
        minimum_fill=0, counterparty=WORKS, deadline=BEFORE,
    )  # fmt: skip
    taken = market.accept("quota-2025", offer, 1_000, **OFFERED)
    said = (taken.side, taken.tonnes, taken.price_fen, taken.kind, taken.counterparty, taken.accepts)
    assert said == ("buy", 1_000, 6_250, "block", OTHER, "ab" * 32)


@given(tonnes=st.integers(1, 10**6), price=st.integers(1, 10**6), bps=st.integers(0, 255), least=st.integers(0, 10**6))
def test_a_bid_locks_what_the_log_asks_for_it(tonnes: int, price: int, bps: int, least: int) -> None:
    """DOMAIN 14, 20: value and the most that its fees may come to."""
    minimum = min(least, tonnes)
    bid = market.place(
        "quota-2025", "buy", tonnes, price, deadline=BEFORE, epoch=0, fee_limit_bps=bps, minimum_fill=minimum
    )
    assert market.maximum_of(bid) == cost_fen(tonnes, price, bps, minimum) >= tonnes * price


@pytest.mark.parametrize("body", APPROVED, ids=lambda body: body.action)
def test_what_two_persons_approve_goes_through_a_file(trust: Trust, tmp_path: Path, body: Any) -> None:
    """DOMAIN 23: an altered proposal has no approval."""
    type_ = "market" if body.action in {"terms", "reference"} else "cash"
    path = tmp_path / "proposal.json"
    write_proposal(path, trust, Proposal(type_, body))
    found = read_proposal(path, trust)
    assert (found.body, found.op_id) == (body, body.op_id)
    person = held("88.608.1/WANG", Purpose.ADMINISTRATION)
    approval = assets.approve(trust, person, found.message)
    compact = bytes.fromhex(approval.signature.removeprefix("0x"))
    assert (
        recover(found.message.digest(assets.domain_of(trust, found.message)), compact) == person.card.public.evm_address
    )
    path.write_text(path.read_text().replace(type_, "order", 1), encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        read_proposal(path, trust)
    assert refused.value.rule == "asset.proposal"


def test_a_sealed_bid_is_read_by_its_maker_alone(trust: Trust, tmp_path: Path) -> None:
    """DOMAIN 14."""
    path = tmp_path / "bid.json"
    bid = market.place("quota-2025", "buy", 233, 6_180, kind="auction", auction="0a" * 32, **OFFERED)
    signed = market.sign_order(trust, held(), bid)
    write_bid(path, trust, WORKS, signed, market.maximum_of(signed))
    assert read_bid(path, trust, WORKS) == signed
    assert path.stat().st_mode & 0o077 == 0, "for nobody else"
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(path.read_text().replace(trust.log, "other.test/log"), encoding="utf-8")
    for call, rule in (
        (lambda: read_bid(path, trust, OTHER), "sealed.bid"),
        (lambda: read_bid(elsewhere, trust, WORKS), "request.log"),
        (lambda: write_bid(path, trust, WORKS, signed, 1), "file.exists"),
    ):
        with pytest.raises(InputRefused) as refused:
            call()
        assert refused.value.rule == rule
    write_bid(tmp_path / "plain.json", trust, WORKS, market.sign_order(trust, held(), ORDER), 1)
    with pytest.raises(InputRefused):
        read_bid(tmp_path / "plain.json", trust, WORKS)


def test_nothing_is_cleared_before_bids_are_opened() -> None:
    """DOMAIN 14."""
    found = AuctionShown(
        op_id="0a" * 32, index=1, asset="quota-2025", day=2026_01_05, lot_tonnes=500, floor_fen=6_000, seller=OTHER,
        order="0b" * 32, commit_until=1, reveal_until=2, forfeit_bps=0, document_hash="0c" * 32, commitments=3,
        revealed=0, price_fen=None, awards=None, unsold=None, cleared_index=None, lapsed=None,
    )  # fmt: skip
    with pytest.raises(InputRefused) as refused:
        market_office.clear(found)
    assert refused.value.rule == "auction.open"
    nothing = market_office.clear(msgspec.structs.replace(found, price_fen=0, awards=(), unsold=500))
    assert (nothing.price_fen, nothing.awards, nothing.unsold) == (0, (), 500)

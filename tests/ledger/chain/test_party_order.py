"""The order of the log, by account, whatever waits: judged without a chain, over made-up rounds."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from attestation.asset_messages import Cancel, Freeze, Release, Surrender, Transfer
from attestation.assets import quota_of
from attestation.identifiers import account_id
from attestation.typed_data import Domain, emissions_determination_digest, sign_compact_digest
from ledger.chain.answer import Call, Impossible, Wait
from ledger.chain.asset_intents import AssessIntent, AssetIntent, CloseIntent, SignedIntent
from ledger.chain.emission_intents import AssignIntent, DetermineIntent, EmissionIntent, TieIntent
from ledger.chain.party_order import PartyOrder, SigningDomains
from ledger.db.chain_models import OutboxRow

from ..registry_life import PARK, VERIFIER, WORKS, key

DOMAINS = SigningDomains(*(Domain(31337, bytes([seed]) * 20, b"\x5a" * 32) for seed in (1, 2, 3)))
LEAF = b"\x03" * 32
ACCOUNTS = HOLDER, OTHER, THIRD = account_id(WORKS), account_id("88.608.5288/A"), account_id("88.608.5288/B")
QUOTA, YEAR = quota_of(2025), 2025
CALL, WAIT, EARLY = Call(b"\x13" * 20, b"", 1), Wait("not yet"), Wait("too early", not_ready=True)
NO_FREEZE = bytes(32)


def op(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def row(place: int, intent: AssetIntent | EmissionIntent) -> OutboxRow:
    kind = intent.KIND if isinstance(intent, AssignIntent | DetermineIntent | TieIntent) else intent.kind
    return OutboxRow(id=place, kind=kind, payload=json.dumps(intent.to_payload()), position=place)


def surrender(account: bytes, number: int = 1) -> SignedIntent:
    message = Surrender(op(number), account, YEAR, QUOTA, 5, 99)
    assert DOMAINS.compliance is not None
    return SignedIntent(LEAF, 7, message, (sign_compact_digest(message.digest(DOMAINS.compliance), key(2)),))


def cancel(account: bytes, number: int = 1) -> SignedIntent:
    message = Cancel(op(number), account, QUOTA, 5, 99)
    assert DOMAINS.ledger is not None
    return SignedIntent(LEAF, 7, message, (sign_compact_digest(message.digest(DOMAINS.ledger), key(6)),))


def approved(message: Any, account: bytes | None = None) -> SignedIntent:
    assert DOMAINS.ledger is not None
    approvals = tuple(sign_compact_digest(message.digest(DOMAINS.ledger), key(seed)) for seed in (4, 5))
    return SignedIntent(LEAF, 7, message, approvals, account=account)


def transfer(sender: bytes, receiver: bytes, number: int = 1) -> SignedIntent:
    return approved(Transfer(op(number), sender, receiver, QUOTA, 5, 2, NO_FREEZE, LEAF))


def determine() -> DetermineIntent:
    assert DOMAINS.emissions is not None
    digest = emissions_determination_digest(DOMAINS.emissions, HOLDER, YEAR, 7, LEAF, 1)
    approvals = tuple(sign_compact_digest(digest, key(seed)) for seed in (4, 5))
    return DetermineIntent(LEAF, 7, WORKS, YEAR, 7, 1, LEAF, approvals)


def after(*seen: tuple[AssetIntent | EmissionIntent, Call | Wait | Impossible]) -> PartyOrder:
    """Of a round in which these came first, with what was decided of them."""
    order = PartyOrder((), DOMAINS)
    for place, (intent, judged) in enumerate(seen, 1):
        told = row(place, intent)
        if not order.holds(told):
            order.saw(told, judged)
    return order


def held(order: PartyOrder, intent: AssetIntent | EmissionIntent) -> bool:
    return order.holds(row(99, intent))


def test_what_waits_holds_up_the_same_account_and_no_other() -> None:
    order = after((transfer(HOLDER, OTHER), WAIT))
    assert held(order, cancel(HOLDER, 2))
    assert held(order, cancel(OTHER, 3))
    assert not held(order, cancel(THIRD, 4))


def test_what_is_held_up_holds_up_what_comes_after_it() -> None:
    order = after((cancel(HOLDER), WAIT), (transfer(HOLDER, OTHER, 2), CALL))
    assert held(order, transfer(OTHER, THIRD, 3))


def test_what_is_too_early_holds_up_nobody() -> None:
    order = after((AssessIntent(LEAF, 7, HOLDER, YEAR), EARLY), (CloseIntent(LEAF, 8, YEAR, (HOLDER, OTHER)), EARLY))
    assert not held(order, surrender(HOLDER))
    assert not held(order, transfer(HOLDER, OTHER, 2))
    assert not held(order, determine())


def test_a_refusal_holds_up_nobody() -> None:
    assert not held(after((cancel(HOLDER), Impossible("no"))), cancel(HOLDER, 2))


def test_obligations_wait_for_figures_and_figures_for_obligations_and_other_units_for_neither() -> None:
    """DOMAIN 2: the order in which a surrender and an amendment were logged is the order in which they count."""
    waiting = after((determine(), WAIT))
    assert held(waiting, surrender(HOLDER))
    assert held(waiting, AssessIntent(LEAF, 7, HOLDER, YEAR))
    assert not held(waiting, surrender(OTHER, 2))
    assert not held(after((determine(), WAIT)), cancel(HOLDER))
    assert held(after((surrender(HOLDER), WAIT)), determine())
    assert not held(after((surrender(OTHER), WAIT)), determine())
    assert not held(after((cancel(HOLDER), WAIT)), determine())


def test_an_assignment_that_waits_holds_up_no_units() -> None:
    assign = AssignIntent(LEAF, 7, WORKS, YEAR, VERIFIER, 1, 9)
    assert not held(after((assign, WAIT)), surrender(HOLDER))
    assert held(after((assign, WAIT), (determine(), CALL)), surrender(HOLDER)), "save by the figure that waits for it"


def test_a_tie_waits_and_nothing_waits_for_it() -> None:
    tie = TieIntent(LEAF, 7, WORKS, PARK)
    assert held(after((determine(), WAIT)), tie)
    assert not held(after((tie, WAIT)), determine())


def test_a_release_waits_for_its_freeze_and_for_its_account() -> None:
    freeze, release = approved(Freeze(op(1), HOLDER, QUOTA, 5, LEAF)), Release(op(2), op(1), 5, LEAF)
    assert held(after((freeze, WAIT)), approved(release, HOLDER))
    assert held(after((approved(release, HOLDER), WAIT)), cancel(HOLDER, 3))


def test_whoever_signed_what_waits_keeps_the_key() -> None:
    assert after((surrender(HOLDER), WAIT)).signers == {key(2).public.kid_name}
    assert after((cancel(HOLDER), WAIT)).signers == {key(6).public.kid_name}
    assert after((transfer(HOLDER, OTHER), EARLY)).signers == {key(4).public.kid_name, key(5).public.kid_name}
    assert after((cancel(HOLDER), WAIT), (surrender(HOLDER, 2), CALL)).signers == {
        key(2).public.kid_name,
        key(6).public.kid_name,
    }
    assert after((surrender(HOLDER), CALL), (cancel(OTHER, 2), Impossible("no"))).signers == set()


def test_a_refusal_is_about_the_intent_itself_only_when_nothing_of_its_parties_is_on_its_way() -> None:
    order = PartyOrder([row(1, transfer(HOLDER, OTHER)), row(2, determine())], DOMAINS)
    assert not order.alone(row(3, cancel(OTHER, 2)))
    assert not order.alone(row(4, surrender(HOLDER, 3)))
    assert order.alone(row(5, cancel(THIRD, 4)))


@st.composite
def logs(draw: Any) -> list[AssetIntent]:
    """Up to twelve entries about three accounts."""
    made: list[AssetIntent] = []
    for number in range(draw(st.integers(2, 12))):
        sender, receiver = draw(st.permutations(ACCOUNTS))[:2]
        said = (transfer(sender, receiver, number), cancel(sender, number), surrender(sender, number))
        made.append(draw(st.sampled_from(said)))
    return made


@given(logs(), st.data())
def test_what_goes_never_overtakes_what_waits_about_the_same_account(made: list[AssetIntent], data: Any) -> None:
    order, waiting = PartyOrder((), DOMAINS), list[AssetIntent]()
    for place, intent in enumerate(made):
        told = row(place, intent)
        if order.holds(told):
            waiting.append(intent)
            continue
        judged = data.draw(st.sampled_from((CALL, WAIT)))
        order.saw(told, judged)
        if judged is WAIT:
            waiting.append(intent)
        else:
            assert not any(intent.parties & before.parties for before in waiting)

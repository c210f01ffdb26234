"""Cash at the custody bank (DOMAIN 21, 23): bound, deposited, paid out, reconciled, by two persons."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.typed_data import Domain


def tell(market, body):
    return market.administer(body, "cash")


@pytest.fixture
def banked(market):
    """The steel works' bank account is bound."""
    tell(market, market.approved(market.bind()))
    return market


def test_money_comes_in_with_the_bank_s_reference_once(banked, world) -> None:
    tell(banked, banked.approved(banked.deposit(5_000)))
    assert banked.log.cash(banked.steel).withdrawable == 6_000
    with world.refused("cash.reference", 11, "ICBC-1"):
        tell(banked, banked.approved(banked.deposit(5_000)))
    tell(banked, banked.approved(banked.deposit(5_000, "ICBC-3")))


def test_a_withdrawal_is_settled_once_paid_or_not(banked, world) -> None:
    gone, back = banked.withdraw(300), banked.withdraw(700)
    for body in (gone, back):
        banked.say(body)
    with world.refused("withdrawal.unknown", 11, "ab" * 32):
        tell(banked, banked.approved(banked.payout("ab" * 32)))
    tell(banked, banked.approved(banked.payout(gone.op_id)))
    for paid in (True, False):
        with world.refused("withdrawal.done", 11, "paid"):
            tell(banked, banked.approved(banked.payout(gone.op_id, "ICBC-4", paid=paid)))
    with world.refused("cash.reference", 11, "ICBC-2"):
        tell(banked, banked.approved(banked.payout(back.op_id)))
    tell(banked, banked.approved(banked.payout(back.op_id, "ICBC-5", paid=False)))
    with world.refused("withdrawal.done", 11, "released"):
        tell(banked, banked.approved(banked.payout(back.op_id, "ICBC-6")))


def test_the_bank_pays_nothing_that_the_exchange_has_not_locked(banked, world) -> None:
    """DOMAIN 21: locked, then paid: what is on its way the exchange may still refuse to lock."""
    body = banked.withdraw(300)
    banked.say(body)
    banked.log.unlocked.add(body.op_id)
    for paid in (True, False):
        with world.refused("withdrawal.unlocked", 11, body.op_id):
            tell(banked, banked.approved(banked.payout(body.op_id, paid=paid)))
    banked.log.unlocked.clear()
    tell(banked, banked.approved(banked.payout(body.op_id)))


def test_two_persons_of_two_bodies_move_money(banked, world) -> None:
    """DOMAIN 23; over the exchange's message of exactly this deployment and amount."""
    officer = banked.units.persons[0]
    for body in (banked.bind(), banked.deposit(1)):
        with world.refused("approval.count", 9):
            tell(banked, banked.approved(body, persons=(officer,)))
        with world.refused("approval.same_person", 12):
            tell(banked, banked.approved(body, persons=(officer, officer)))
        with world.refused("approval.signature", 12):
            tell(banked, banked.approved(body, domain=Domain(31337, b"\x66" * 20, b"\x5b" * 32)))
        with world.refused("approval.signature", 12):
            tell(banked, replace(banked.approved(body), account=banked.tiles))
    with world.refused("approval.signature", 12):
        tell(banked, replace(banked.approved(banked.deposit(1)), fen=2))
    with world.refused("approval.signature", 12):
        tell(banked, replace(banked.approved(banked.deposit(1)), bank_reference="ICBC-9"))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"op_id": "00" * 32}, "operation.form"),
        ({"fen": 0}, "body.integer"),
        ({"bank_reference": " ICBC"}, "body.name"),
        ({"bank_reference": ""}, "body.name"),
        ({"bank_reference": "icbc-1"}, "cash.reference_form"),
        ({"bank_reference": "ICBC 1"}, "cash.reference_form"),
        ({"bank_reference": "ＩＣＢＣ-1"}, "cash.reference_form"),
        ({"account": "nobody at all"}, "identifier"),
    ],
)
def test_a_deposit_without_form_is_refused(banked, world, changed: dict[str, object], rule: str) -> None:
    refusal = world.refusal_of(tell, banked, replace(banked.approved(banked.deposit(1)), **changed))
    assert refusal is not None
    assert refusal.rule.startswith(rule)
    assert refusal.step == 9


def test_a_binding_names_an_account_and_a_bank_account(market, world, cases) -> None:
    for account, rule in (("88.608.9999/nobody", "account.unknown"), (cases.V1, "account.kind")):
        with world.refused(rule, 11):
            tell(market, market.approved(market.bind(account)))
    with world.refused("cash.account_form", 9):
        tell(market, market.approved(market.bind(bank_account="00" * 32)))
    with world.refused("bytes32.format", 9):
        tell(market, market.approved(market.bind(document_hash="00" * 32)))
    with world.refused("bytes32.format", 9):
        tell(market, replace(market.bind(), bank_account="6222-0000"))


def test_an_operation_is_used_once(banked, world) -> None:
    body = banked.approved(banked.deposit(1))
    tell(banked, body)
    with world.refused("operation.used", 11, body.op_id):
        tell(banked, banked.approved(banked.deposit(2, "ICBC-7", op_id=body.op_id)))


def test_days_are_reconciled_in_their_order_and_again_where_they_differed(banked, world, marketwork) -> None:
    day = marketwork.FIRST_DAY
    tell(banked, banked.reconcile(1, day))
    assert banked.log.cash_halted
    tell(banked, banked.reconcile(0, day))
    assert not banked.log.cash_halted
    with world.refused("day.order", 11, str(day - 1)) as caught:
        tell(banked, banked.reconcile(0, day - 1))
    assert caught.value.expected == f"{day} or later"
    with world.refused("market.day", 9):
        tell(banked, banked.reconcile(0, 2024_04_31))
    with world.refused("body.integer", 9):
        tell(banked, banked.reconcile(-1, day))


def test_only_the_registrar_s_administration_speaks_for_the_bank(banked, world) -> None:
    with world.refused("purpose.registrar", 8):
        banked.administer(banked.reconcile(0), "cash", iss=banked.steel)
    with world.refused("purpose.registrar", 8):
        banked.administer(banked.day(), "market", iss=banked.steel)


def test_a_log_without_an_exchange_has_no_cash(banked, world) -> None:
    body = banked.approved(banked.deposit(1))
    banked.log.exchange_domain = None
    with world.refused("asset.no_contract", 11, "Exchange"):
        tell(banked, body)
    with world.refused("asset.no_contract", 11, "Exchange"):
        banked.administer(banked.day())

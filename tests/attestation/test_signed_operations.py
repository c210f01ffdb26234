"""The contract's message of each body: derived by one table, so that nobody signs another act than the logged one."""

from __future__ import annotations

import msgspec
import pytest
from eth_utils.crypto import keccak

from attestation import asset_messages as messages
from attestation.assets import CCER, quota_of
from attestation.bodies import CancelUnits, FreezeUnits
from attestation.identifiers import account_id
from attestation.signed_operations import compliance_message, holding_message, intent_message

DOCUMENT = bytes([0xAB] * 32)


def test_each_action_has_its_message(units, unitwork) -> None:
    """DOMAIN 22, 23: account ids, asset numbers and Unix seconds, in the order of the contract's struct."""
    steel, tiles, year = account_id(unitwork.STEEL), account_id(unitwork.TILES), units.year
    park = account_id(units.memory.PARK)
    made = {
        units.issue(7): messages.Issue(_op(1), park, year, 7, DOCUMENT),
        units.transfer(7): messages.Transfer(_op(2), steel, tiles, quota_of(year), 7, 3, bytes(32), DOCUMENT),
        units.of_units(CancelUnits, 7): messages.CancelByOrder(_op(3), steel, quota_of(year), 7, DOCUMENT),
        units.of_units(FreezeUnits, 7): messages.Freeze(_op(4), steel, quota_of(year), 7, DOCUMENT),
        units.suspend(): messages.Suspension(_op(5), steel, True, DOCUMENT),
        units.carry_in(7): messages.OpeningBalance(_op(6), steel, quota_of(year), 7, DOCUMENT),
        units.offsets(11, 17): messages.OffsetEntry(
            _op(7), steel, 7, keccak(b"CCER-2024-017-A"), 11, 17, keccak(b"ZX-2024-0001"), DOCUMENT
        ),
    }
    for body, message in made.items():
        assert holding_message(body) == message
    frozen = units.freeze(7)
    assert holding_message(units.release(frozen, 3)) == messages.Release(
        _op(9), bytes.fromhex(frozen.op_id), 3, DOCUMENT
    )
    assert compliance_message(units.price(9_500)) == messages.ReferencePrice(_op(10), year, 9_500, DOCUMENT)
    assert compliance_message(units.terms()) == messages.YearTerms(
        *(_op(11), year, 500, unitwork.DEADLINE, unitwork.CARRY_UNTIL, unitwork.CARRY_UNTIL),
        *(500, 15_000, 50_000, 30 * 86_400, False, DOCUMENT),
    )


def test_the_holder_s_account_is_who_signs(units, unitwork) -> None:
    year, until = units.year, units.log.now + unitwork.DAY
    for holder in (unitwork.STEEL, unitwork.TILES):
        account, op = account_id(holder), units.operations + 1
        said = [intent_message(body, holder) for body in _words(units)]
        assert said == [
            messages.Surrender(_op(op), account, year, CCER, 5, until),
            messages.CarryOver(_op(op + 1), account, year, 5, until),
            messages.Cancel(_op(op + 2), account, quota_of(year), 5, until),
            messages.Return(_op(op + 3), account, year, 5, until),
        ]


@pytest.mark.parametrize(
    ("cause", "number"), [("succession", 1), ("enforcement", 2), ("correction", 3), ("reserve-grant", 4)]
)
def test_causes_have_the_contract_s_numbers(units, cause: str, number: int) -> None:
    assert holding_message(units.transfer(1, cause=cause)).as_tuple()[5] == number


def test_reasons_are_no_part_of_what_is_signed(units) -> None:
    body = units.issue()
    other = msgspec.structs.replace(body, reason="another reason")
    assert holding_message(body) == holding_message(other)


def _words(units):
    return (units.surrender(5, asset="ccer"), units.carry_over(5), units.cancel_own(5), units.give_back(5))


def _op(number: int) -> bytes:
    return number.to_bytes(32)

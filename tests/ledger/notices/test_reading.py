"""Every power over an account is told to its holder, with what the entry itself says (DOMAIN 22, 23)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from attestation.bodies import CancelUnits
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.notices import Notice, NoticeReader, Power
from ledger.notices.words import done, grounds, remedy
from tests.ledger.mirrored import Mirror, casework, memory, unitwork

STEEL, TILES, PARK = unitwork.STEEL, unitwork.TILES, memory.PARK


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    yield made
    made.database.close()


def notices(mirror: Mirror, account: str | None = STEEL, **bounds: int) -> list[Notice]:
    found = NoticeReader(mirror.database, mirror.parameters).page(account, **bounds)
    assert found is not None
    return found


def exercised(mirror: Mirror) -> None:
    """Each power over units once, and what is none: an issue, a balance carried in, a holder's own word."""
    units = mirror.units()
    hold, signed = units.hold, units.signed
    hold(signed(units.issue(5_000)))
    hold(signed(units.carry_in(1_000)))
    lasting, emergency, lapsing = signed(units.freeze(20)), *(units.freeze(one, approvals=None) for one in (10, 30))
    hold(lasting)
    hold(emergency)
    hold(units.confirm(emergency))
    hold(signed(units.release(lasting, 5)))
    hold(signed(units.transfer(10, freeze=lasting.op_id, cause="enforcement")))
    hold(lapsing)
    mirror.memory.now += unitwork.DAY
    hold(units.lapse(lapsing))
    hold(signed(units.of_units(CancelUnits, 40)))
    units.say(units.cancel_own(3))
    hold(signed(units.suspend()))
    hold(signed(units.suspend(suspended=False)))


def test_every_power_over_an_account_is_told_and_nothing_else(mirror: Mirror) -> None:
    exercised(mirror)
    found = notices(mirror)
    assert [one.power for one in found] == [
        Power.FREEZE,
        Power.FREEZE_AT_ONCE,
        Power.CONFIRM_FREEZE,
        Power.RELEASE,
        Power.TRANSFER,
        Power.FREEZE_AT_ONCE,
        Power.LAPSE_FREEZE,
        Power.CANCEL,
        Power.SUSPEND,
        Power.RESUME,
    ]
    assert [one.tonnes for one in found] == [20, 10, 10, 5, 10, 30, 30, 40, None, None]
    assert [one.index for one in found] == sorted({one.index for one in found})


def test_a_notice_says_why_on_which_document_who_and_when(mirror: Mirror) -> None:
    exercised(mirror)
    persons = (casework.OFFICER, casework.INSPECTOR)
    alone = {Power.FREEZE_AT_ONCE, Power.LAPSE_FREEZE}
    for one in notices(mirror):
        assert one.reason == unitwork.DOCUMENT["reason"]
        assert one.document_hash == unitwork.DOCUMENT["document_hash"]
        assert one.approvers == (() if one.power in alone else tuple(sorted(persons)))
        assert one.issuer == PARK
        assert one.state == State.PENDING.value
        for lines in zip(done(one), grounds(one), remedy(one), strict=True):
            assert "{" not in "".join(lines)
            assert "None" not in "".join(lines)
        assert f"Entry {one.index}," in grounds(one)[0]
        assert f"tanlu receipt {one.index}" in remedy(one)[1]


def test_an_end_of_a_freeze_names_the_freeze(mirror: Mirror) -> None:
    exercised(mirror)
    lasting, emergency, confirmed, released, taken, lapsing, lapsed, *_ = notices(mirror)
    assert confirmed.freeze == emergency.freeze == emergency.op_id
    assert released.freeze == taken.freeze == lasting.freeze
    assert lapsed.freeze == lapsing.freeze


def test_a_transfer_is_told_to_both_and_to_nobody_else(mirror: Mirror) -> None:
    exercised(mirror)
    (taken,) = notices(mirror, TILES)
    assert (taken.sender, taken.receiver, taken.accounts) == (STEEL, TILES, (STEEL, TILES))
    assert notices(mirror, PARK) == []
    assert len(notices(mirror, None)) == len(notices(mirror))


def test_pages_follow_the_log_without_holes(mirror: Mirror) -> None:
    exercised(mirror)
    whole, read, after = notices(mirror), [], -1
    while page := notices(mirror, after=after, limit=3):
        assert len(page) <= 3
        read += page
        after = page[-1].index
    assert read == whole


def test_only_what_is_recent_is_told_again(mirror: Mirror) -> None:
    """Of what is older no reminder goes out any more; the listing keeps it."""
    exercised(mirror)
    late = [one for one in notices(mirror) if one.at >= mirror.memory.now]
    assert 0 < len(late) < len(notices(mirror))
    assert notices(mirror, since=mirror.memory.now) == late


def test_what_the_contract_refused_is_told_as_refused(mirror: Mirror) -> None:
    exercised(mirror)
    first = notices(mirror)[0]
    with mirror.database.write() as session:
        row = update(OutboxRow).where(OutboxRow.position == first.index)
        session.execute(row.values(state=State.REFUSED.value, doubt_number=9, doubt_hash=bytes(32)))
    assert [one.state for one in notices(mirror)].count("refused") == 1
    assert notices(mirror)[0].state == "refused"


def test_who_has_no_account_has_no_notices(mirror: Mirror) -> None:
    mirror.units()
    reader = NoticeReader(mirror.database, mirror.parameters)
    assert reader.page("88.608.404/nobody") is None
    assert reader.page(casework.OFFICER) is None

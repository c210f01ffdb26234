"""A settled error is undone by compensating entries that name the trade, never by more than it moved (DOMAIN 22)."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.identifiers import account_id
from ledger.chain.operations import Kind
from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketFillRow
from ledger.notices import NoticeReader, Power
from tests.ledger.market_desk import ASSET, MarketDesk, refused

PRICE = 6_250


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    made.work.opened(6_000)
    made.trade(made.steel, made.tiles, 700, PRICE)
    return made


def trade(desk: MarketDesk) -> MarketFillRow:
    with desk.database.read() as session:
        found: MarketFillRow = session.query(MarketFillRow).one()
        return found


def back(desk: MarketDesk, tonnes: int, **changed: object) -> Any:
    """The transfer back of so much of the trade, as two persons approved it."""
    given = {"sender": desk.tiles, "receiver": desk.steel, "reverses": trade(desk).op_id.hex()}
    return desk.work.units.signed(desk.work.units.transfer(tonnes, **given | changed))


def refund(desk: MarketDesk, fen: int, reference: str, **changed: object) -> Any:
    given = {"account": desk.tiles, "reverses": trade(desk).op_id.hex()}
    return desk.work.approved(desk.work.deposit(fen, reference, **given | changed))


def bank(desk: MarketDesk, body: Any) -> None:
    desk.work.administer(body, "cash")


def held(desk: MarketDesk, tonnes: int, account: str | None = None) -> None:
    """The account holds so much of the asset in the registry, by the chain."""
    desk.block += 1
    zero = dict.fromkeys(("frozen", "issued", "surrendered", "cancelled", "trading"), 0)
    place = {"block_number": desk.block, "log_index": 0, "part": 0, "tx_hash": bytes(32)}
    whose = account_id(account or desk.tiles)
    with desk.database.write() as session:
        session.add(ChainMovementRow(**place, **zero, account=whose, asset=ASSET, in_registry=tonnes, kind="Moved"))


def test_units_and_cash_of_a_settled_trade_come_back_by_entries_that_name_it(desk: MarketDesk) -> None:
    hold = desk.work.units.hold
    refused("reversal.unsettled", hold, back(desk, 700))
    desk.mine()
    held(desk, 700)
    refused("reversal.exceeds", hold, back(desk, 701))
    hold(back(desk, 300))
    refused("reversal.exceeds", hold, back(desk, 401))
    hold(back(desk, 400))
    refused("reversal.exceeds", hold, back(desk, 1))
    paid = trade(desk).value_fen + trade(desk).buyer_fee_fen
    refused("reversal.exceeds", bank, desk, refund(desk, paid + 1, "B-1"))
    bank(desk, refund(desk, paid, "B-1"))
    refused("reversal.exceeds", bank, desk, refund(desk, 1, "B-2"))
    reader = NoticeReader(desk.database, desk.parameters)
    told = [one for one in reader.page(desk.tiles) or [] if one.reverses is not None]
    assert [(one.power, one.tonnes, one.fen, one.reverses) for one in told] == [
        (Power.REVERSAL, 300, None, trade(desk).op_id),
        (Power.REVERSAL, 400, None, trade(desk).op_id),
        (Power.REFUND, None, paid, trade(desk).op_id),
    ]
    assert [one.power for one in reader.page(desk.steel) or []][-2:] == [Power.REVERSAL] * 2
    assert desk.faults() == []


def test_a_reversal_is_of_the_trade_s_own_parties_and_asset(desk: MarketDesk) -> None:
    hold = desk.work.units.hold
    desk.mine()
    held(desk, 700)
    held(desk, 10, account=desk.steel)
    refused("reversal.parties", hold, back(desk, 1, sender=desk.steel, receiver=desk.tiles))
    refused("reversal.parties", hold, back(desk, 1, receiver=desk.food))
    refused("reversal.cause", hold, back(desk, 1, cause="succession"))
    refused("reversal.unknown", hold, back(desk, 1, reverses="ab" * 32))
    refused("operation.form", hold, back(desk, 1, reverses="00" * 32))
    refused("reversal.parties", bank, desk, refund(desk, 1, "B-1", account=desk.steel))
    refused("reversal.unknown", bank, desk, refund(desk, 1, "B-1", reverses="ab" * 32))


def test_what_the_contract_refused_to_bring_back_may_be_brought_back_again(desk: MarketDesk) -> None:
    desk.mine()
    held(desk, 700)
    first = back(desk, 700)
    desk.work.units.hold(first)
    desk.mine(refuse=(bytes.fromhex(first.op_id),))
    desk.work.units.hold(back(desk, 700))
    with desk.database.read() as session:
        states = [row.state for row in session.query(OutboxRow).filter(OutboxRow.kind == Kind.TRANSFER.value)]
    assert states == ["refused", "pending"]

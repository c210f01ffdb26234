"""Sums of amounts near the bounds of 64 bits: exact on every engine (DOMAIN 1, law 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, MetaData, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from attestation.assets import CCER, quota_of
from attestation.identifiers import account_id
from ledger.db.account_queries import AccountRepository
from ledger.db.asset_models import ChainFreezeRow, ChainMovementRow
from ledger.db.assets import AssetRepository, Balance
from ledger.db.base import Database
from ledger.db.exact_sum import exact_sum, read_sum
from ledger.db.obligation_models import ChainSurrenderRow

LARGE = 2**62
A, B = account_id("88.608.5288/A"), account_id("88.608.5289/B")
QUOTA = quota_of(2025)
INT64 = st.integers(-(2**63), 2**63 - 1)

_ENGINE = create_engine("sqlite://", poolclass=StaticPool)
_ROWS = Table("numbers", MetaData(), Column("number", BigInteger))
_ROWS.create(_ENGINE)


@given(st.lists(INT64, min_size=1, max_size=20))
def test_a_sum_is_that_of_the_numbers_however_large(numbers: list[int]) -> None:
    with _ENGINE.begin() as connection:
        connection.execute(_ROWS.delete())
        connection.execute(_ROWS.insert(), [{"number": number} for number in numbers])
        assert read_sum(connection.execute(select(exact_sum(_ROWS.c.number))).scalar()) == sum(numbers)


def test_the_sum_of_nothing_is_none() -> None:
    assert read_sum(None) == 0


def place(number: int) -> dict[str, object]:
    return {"block_number": number, "log_index": 0, "tx_hash": bytes(32), "op_id": bytes([number]) * 32}


def moved(number: int, account: bytes, asset: int, **changes: object) -> ChainMovementRow:
    nothing = dict.fromkeys(("in_registry", "trading", "frozen", "issued", "surrendered", "cancelled"), 0)
    members = {**place(number), "part": 0, "kind": "Issued", "account": account, "asset": asset, "entry_index": number}
    return ChainMovementRow(**{**members, **nothing, **changes})  # type: ignore[arg-type]  # names are checked above


@pytest.fixture
def filled(database: Database) -> Database:
    """A has been issued five times almost 2^62 t, B twice; A froze and surrendered as much."""
    with database.write() as session:
        for number in range(1, 6):
            session.add(moved(number, A, QUOTA, in_registry=LARGE - number, issued=LARGE - number))
        for number in (6, 7):
            session.add(moved(number, B, QUOTA, in_registry=LARGE, issued=LARGE))
        for number in (8, 9, 10):
            session.add(moved(number, A, QUOTA, in_registry=-LARGE, frozen=LARGE, freeze=b"f" * 32))
        session.add(moved(11, A, QUOTA, in_registry=-LARGE, surrendered=LARGE))
        session.add(moved(12, A, CCER, in_registry=7, issued=7))
        for number in (13, 14, 15):
            members = {"account": A, "year": 2025, "asset": QUOTA, "tonnes": LARGE, "due": 0, "offsets_used": 0}
            session.add(ChainSurrenderRow(**place(number), **members, entry_index=number))
        named = {"account": A, "asset": QUOTA, "tonnes": LARGE, "document_hash": bytes(32), "lapses_at": 0}
        session.add(ChainFreezeRow(**{**place(16), "op_id": b"f" * 32}, **named, entry_index=16))
    return database


def test_amounts_near_2_to_the_62_add_up_beyond_2_to_the_63(filled: Database) -> None:
    """Law 3 and 5: what is held, issued, frozen and surrendered, to the tonne."""
    with filled.read() as session:
        units, accounts = AssetRepository(session), AccountRepository(session)
        held = Balance(registry=5 * LARGE - 15 - 4 * LARGE, trading=0, frozen=3 * LARGE)
        assert units.balances(A) == {QUOTA: held, CCER: Balance(registry=7)}
        assert units.balance(A, QUOTA) == held
        supply = units.supply(QUOTA)
        assert (supply.issued, supply.surrendered) == (7 * LARGE - 15, LARGE)
        assert supply.held == supply.issued - supply.surrendered - supply.cancelled
        together = accounts.circulation(QUOTA)
        assert (together.registry, together.frozen, together.accounts) == (3 * LARGE - 15, 3 * LARGE, 2)
        (freeze,) = units.freezes(A)
        assert freeze.left == 3 * LARGE
        assert units.position(A, 2025).quota == 3 * LARGE
        assert units.balance(A, QUOTA, block=1) == Balance(registry=LARGE - 1)

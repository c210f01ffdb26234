"""Single statements that wait for their turn become durable in one transaction, and are answered each by itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from api.together import MOST, Together
from attestation.envelope import leaf_hash
from attestation.errors import AttestationError
from ledger import effects, promises
from ledger.errors import StoreUnavailable
from ledger.log import Log


@pytest.fixture
def together(park: Any) -> Together:
    return Together(park.service())


@contextmanager
def _commits(park: Any) -> Iterator[list[int]]:
    """One for each transaction that wrote an entry."""
    sizes: list[int] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("INSERT INTO entries"):
            sizes.append(len(parameters) if many else 1)

    event.listen(park.database.engine, "before_cursor_execute", note)
    try:
        yield sizes
    finally:
        event.remove(park.database.engine, "before_cursor_execute", note)


@asynccontextmanager
async def _waiting(together: Together, entries: list[bytes]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """All of them while somebody else has the turn, which ends with the block."""
    go, has = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        loop.call_soon_threadsafe(has.set)
        assert go.wait(30)

    other = asyncio.create_task(together._service.write(hold))
    await has.wait()
    tasks = [asyncio.create_task(together.accept(entry)) for entry in entries]
    await asyncio.sleep(0)
    try:
        yield tasks
    finally:
        go.set()
        await other


async def test_who_waits_together_is_written_together_in_the_order_of_arrival(together: Together, park: Any) -> None:
    entries = [park.reading(seq) for seq in range(1, 11)]
    with _commits(park) as sizes:
        async with _waiting(together, entries) as tasks:
            assert park.view.size() == 3
        answers = await asyncio.gather(*tasks)
    assert sizes == [10]
    assert [answer.index for answer in answers] == list(range(3, 13))
    for entry, answer in zip(entries, answers, strict=True):
        promise = promises.verify(answer.promise, park.log_key.public, park.origin)
        assert (promise.first_index, promise.count, promise.leaves_root) == (answer.index, 1, leaf_hash(entry))


async def test_who_comes_alone_is_written_alone_and_a_crowd_in_transactions_of_bounded_size(
    together: Together, park: Any
) -> None:
    with _commits(park) as sizes:
        await together.accept(park.reading(1))
        async with _waiting(together, [park.reading(seq) for seq in range(2, MOST + 5)]) as tasks:
            pass
        await asyncio.gather(*tasks)
    assert sizes == [1, MOST, 3]


async def test_a_refusal_is_its_own_and_the_same_statement_twice_is_one_entry(together: Together, park: Any) -> None:
    good, after = park.reading(1), park.reading(2)
    wrong = park.reading(3, key=park.enterprise)
    async with _waiting(together, [good, wrong, good, after]) as tasks:
        pass
    first, refusal, again, second = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(refusal, AttestationError)
    assert (first.index, again.index, second.index) == (3, 3, 4)
    assert (first.repeated, again.repeated, second.repeated) == (False, True, False)
    assert park.view.size() == 5


async def test_a_statement_that_the_program_fails_over_takes_no_other_with_it(
    together: Together, park: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, bad = effects.apply, park.reading(2)

    def fails(session: Any, context: Any, statement: Any, index: int) -> None:
        if statement.entry == bad:
            raise ZeroDivisionError("a fault of the program")
        apply(session, context, statement, index)

    monkeypatch.setattr("ledger.log.effects.apply", fails)
    async with _waiting(together, [park.reading(1), bad, park.reading(3)]) as tasks:
        pass
    first, fault, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(fault, ZeroDivisionError)
    assert (first.index, third.index, park.view.size()) == (3, 4, 5)


async def test_a_transaction_that_fails_leaves_nothing_and_all_may_send_again(
    together: Together, park: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [park.reading(seq) for seq in range(1, 4)]

    def gone(_log: Log, _entries: Any) -> None:
        raise OperationalError("commit", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(Log, "submit", gone)
        async with _waiting(together, entries) as tasks:
            pass
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    assert park.view.size() == 3
    assert [(await together.accept(entry)).index for entry in entries] == [3, 4, 5]


async def test_who_goes_away_before_the_turn_is_not_written_and_the_others_are(together: Together, park: Any) -> None:
    async with _waiting(together, [park.reading(1), park.reading(2)]) as (gone, stays):
        gone.cancel()
        await asyncio.sleep(0)
    assert (await stays).index == 3
    assert gone.cancelled()
    assert park.view.size() == 4

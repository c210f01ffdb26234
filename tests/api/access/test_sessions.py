"""Of all who hold one nonce one gets a token, on each engine, however they race and whatever their clocks say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.access.proving import Proved
from api.access.sessions import Opened, Sessions
from api.problems import Refused
from attestation.sign_in import build_sign_in
from ledger.db.access import CLOCKS_APART_SECONDS, AccessRepository
from ledger.db.access_models import SessionRow, SpentNonce
from ledger.db.base import Database
from ledger.db.log_models import KeyRow
from ledger.db.migrate import upgrade
from tests.api.conftest import Park
from tests.ledger.engines import fresh_postgres

DEADLINE = 60.0
RACERS = 8


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.sqlite3'}"
    return fresh_postgres(request.getfixturevalue("postgres"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def other_process(park: Park, url: str) -> Iterator[Callable[[], Sessions]]:
    """Makes the sessions of another process of the same log: connections, memory and clock of its own."""
    opened: list[Database] = []

    def make() -> Sessions:
        opened.append(Database(url))
        return Sessions(opened[-1], park.parameters, seconds=900, clock=lambda: float(park.now), ticks=lambda: 0.0)

    yield make
    for database in opened:
        database.close()


def prove(park: Park, nonce: str | None = None) -> Proved:
    made = park.access.proving.challenge()
    entry = build_sign_in(
        park.enterprise_id, park.enterprise, log=made.log, audience=made.audience, nonce=nonce or made.nonce,
        iat=park.now, exp=park.now + 60,
    )  # fmt: skip
    return park.access.proving.prove(entry)


def rule_or_token(sessions: Sessions, proved: Proved) -> str:
    try:
        return sessions.open(proved).token
    except Refused as refused:
        return refused.rule


def rows(park: Park, table: type[SessionRow | SpentNonce]) -> int:
    with park.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_of_processes_that_race_with_one_nonce_one_gets_a_token(
    park: Park, other_process: Callable[[], Sessions]
) -> None:
    park.service()
    nonce = park.access.proving.challenge().nonce
    proved = [prove(park, nonce) for _ in range(RACERS)]
    processes = [other_process() for _ in range(RACERS)]
    start = threading.Barrier(RACERS)

    def race(number: int) -> str:
        start.wait(DEADLINE)
        return rule_or_token(processes[number], proved[number])

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = list(pool.map(race, range(RACERS), timeout=DEADLINE))
    tokens = [outcome for outcome in outcomes if outcome != "sign_in.replayed"]
    assert len(tokens) == 1, outcomes
    assert (rows(park, SessionRow), rows(park, SpentNonce)) == (1, 1)
    assert other_process().caller(tokens[0]).identifier == park.enterprise_id


def test_a_sign_in_that_waited_until_its_nonce_ended_opens_nothing(park: Park) -> None:
    """Its first use may be forgotten by then."""
    park.service()
    first = prove(park)
    late = prove(park, first.nonce)
    park.access.sessions.open(first)
    for now in (first.nonce_expires_at, first.nonce_expires_at + CLOCKS_APART_SECONDS + 1):
        park.now = now
        park.access.sessions.open(prove(park))
        assert rule_or_token(park.access.sessions, late) == "sign_in.nonce"


def test_a_clock_that_is_behind_gives_no_second_token_for_a_nonce(park: Park) -> None:
    park.service()
    proved = prove(park)
    before = park.now
    park.access.sessions.open(proved)
    park.now = proved.nonce_expires_at + CLOCKS_APART_SECONDS - 1
    park.access.sessions.open(prove(park))  # what is forgotten is forgotten now
    park.now = before
    assert rule_or_token(park.access.sessions, proved) == "sign_in.replayed"


def test_spent_nonces_and_ended_sessions_are_not_kept_for_ever(park: Park) -> None:
    park.service()
    for _ in range(3):
        park.access.sessions.open(prove(park))
    assert (rows(park, SessionRow), rows(park, SpentNonce)) == (3, 3)
    park.now += 300 + 900 + CLOCKS_APART_SECONDS
    park.access.sessions.open(prove(park))
    assert (rows(park, SessionRow), rows(park, SpentNonce)) == (1, 1)


def test_a_key_revoked_between_check_and_token_gets_none_and_keeps_the_nonce_unspent(park: Park) -> None:
    park.service()
    proved = prove(park)
    with park.database.write() as session:
        session.get_one(KeyRow, park.enterprise.public.kid_name).revoked_index = 2
    assert rule_or_token(park.access.sessions, proved) == "sign_in.key"
    assert (rows(park, SessionRow), rows(park, SpentNonce)) == (0, 0)


def test_a_token_of_a_revoked_key_is_nobodys_in_every_process(
    park: Park, other_process: Callable[[], Sessions]
) -> None:
    park.service()
    opened: Opened = park.access.sessions.open(prove(park))
    with park.database.write() as session:
        session.get_one(KeyRow, park.enterprise.public.kid_name).revoked_index = 2
    for sessions in (park.access.sessions, other_process()):
        with pytest.raises(Refused) as caught:
            sessions.caller(opened.token)
        assert caught.value.rule == "access.token_unknown"


def test_a_session_that_ends_while_it_is_looked_up_is_not_kept(park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    park.service()
    sessions = park.access.sessions
    token = sessions.open(prove(park)).token
    look_up = AccessRepository.session

    def ended_meanwhile(self: AccessRepository, token_hash: bytes) -> Any:
        found = look_up(self, token_hash)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(sessions.end, token).result(DEADLINE)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(AccessRepository, "session", ended_meanwhile)
        sessions.caller(token)
    assert sessions.kept(token) is None
    with pytest.raises(Refused):
        sessions.caller(token)

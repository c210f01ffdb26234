"""A sign-in is for this service, now, once, by an active key; its token is short-lived and dies with the key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.app import create_app
from attestation.keys import Algorithm, PrivateKey
from attestation.sign_in import build_sign_in
from ledger.db.log_models import KeyRow
from tests.api.conftest import BASE_URL

JOSE = {"content-type": "application/jose"}
SESSIONS = "/v1/sessions"
# URLs of the same host to a lenient reader; a signature is for the one that it names.
NEARLY = [
    "", "http://test/", "http://test:80", "http://TEST", "HTTP://test", "https://test", "http://test.", "http://test?",
    "http://test#", "http://test/v1", "http://user@test", "http://test@elsewhere.example", "//test", "test", " http://test",
    "http://test\x00", "http://t\u0435st", "http://%74est",
]  # fmt: skip


@pytest.fixture
async def stranger(park: Any) -> Any:
    """A client that is not signed in."""
    transport = httpx.ASGITransport(create_app(park.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
        yield http


def signed(park: Any, key: PrivateKey | None = None, **changed: Any) -> bytes:
    made = park.access.proving.challenge()
    good = {
        "log": made.log, "audience": made.audience, "nonce": made.nonce, "iat": park.now, "exp": park.now + 60,
    }  # fmt: skip
    identifier = changed.pop("identifier", park.enterprise_id)
    return build_sign_in(identifier, key or park.enterprise, **good | changed)


async def test_a_sign_in_gives_a_token_that_works_until_it_is_ended(park: Any, stranger: Any, problem: Any) -> None:
    made = (await stranger.post(f"{SESSIONS}/challenge")).json()
    assert (made["log"], made["audience"], made["domain"]) == (park.origin, BASE_URL, "test")
    answer = await stranger.post(SESSIONS, content=signed(park, nonce=made["nonce"]), headers=JOSE)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    opened = answer.json()
    bearer = {"authorization": f"Bearer {opened['token']}"}
    who = (await stranger.get(SESSIONS, headers=bearer)).json()
    assert (who["identifier"], who["role"], who["token"]) == (park.enterprise_id, "enterprise", None)
    assert (await stranger.delete(SESSIONS, headers=bearer)).status_code == 204
    problem(await stranger.get(SESSIONS, headers=bearer), 401, "access.token_unknown")


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("sign_in.log", lambda _: {"log": "other.example/log/" + "00" * 32}),
        ("sign_in.audience", lambda _: {"audience": "https://elsewhere.example"}),
        ("sign_in.future", lambda park: {"iat": park.now + 301, "exp": park.now + 400}),
        ("sign_in.expired", lambda park: {"iat": park.now - 100, "exp": park.now}),
        ("sign_in.lifetime", lambda park: {"exp": park.now + 601}),
        ("sign_in.lifetime", lambda park: {"iat": park.now + 100, "exp": park.now + 50}),
        ("sign_in.nonce", lambda _: {"nonce": "ab" * 32}),
        ("sign_in.nonce", lambda _: {"nonce": ""}),
        ("sign_in.key", lambda park: {"identifier": park.meter_id}),
        ("sign_in.key", lambda _: {"identifier": "88.608.1/NOBODY"}),
        ("sign_in.key", lambda park: {"identifier": park.enterprise_id, "key": PrivateKey.generate(Algorithm.ED25519)}),
        ("sign_in.key", lambda park: {"identifier": park.enterprise_id, "key": park.meter}),
    ],
)
async def test_what_is_not_meant_for_this_service_now_is_refused(
    park: Any, stranger: Any, problem: Any, rule: str, change: Callable[[Any], dict[str, Any]]
) -> None:
    problem(await stranger.post(SESSIONS, content=signed(park, **change(park)), headers=JOSE), 401, rule)


async def test_audience_and_log_are_compared_letter_by_letter(park: Any, stranger: Any, problem: Any) -> None:
    for url in NEARLY:
        problem(
            await stranger.post(SESSIONS, content=signed(park, audience=url), headers=JOSE), 401, "sign_in.audience"
        )
    for log in (park.origin.upper(), park.origin + "/", " " + park.origin, ""):
        problem(await stranger.post(SESSIONS, content=signed(park, log=log), headers=JOSE), 401, "sign_in.log")


async def test_a_nonce_of_five_minutes_ago_is_refused(park: Any, stranger: Any, problem: Any) -> None:
    nonce = park.access.proving.challenge().nonce
    park.now += 300
    problem(await stranger.post(SESSIONS, content=signed(park, nonce=nonce), headers=JOSE), 401, "sign_in.nonce")


async def test_an_altered_sign_in_is_refused(park: Any, stranger: Any, problem: Any) -> None:
    entry = signed(park)
    spoilt = entry[:-6] + (b"AAAAAA" if not entry.endswith(b"AAAAAA") else b"BBBBBA")
    answer = await stranger.post(SESSIONS, content=spoilt, headers=JOSE)
    assert answer.status_code in {400, 401}, answer.text
    assert answer.json()["rule"] in {"sign_in.signature", "base64url.trailing_bits"}


async def test_a_statement_is_no_sign_in_and_a_sign_in_no_statement(park: Any, stranger: Any, problem: Any) -> None:
    problem(await stranger.post(SESSIONS, content=park.reading(1), headers=JOSE), 400, "sign_in.form")
    entry, before = signed(park), park.view.size()
    answer = await stranger.post("/v1/statements", content=entry, headers=JOSE | park.bearer())
    assert answer.status_code in {400, 403, 422}
    assert park.view.size() == before


async def test_of_two_sign_ins_with_one_nonce_one_wins(park: Any, stranger: Any) -> None:
    entry = signed(park)
    answers = await asyncio.gather(*(stranger.post(SESSIONS, content=entry, headers=JOSE) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 7
    assert {answer.json()["rule"] for answer in answers if answer.status_code == 401} == {"sign_in.replayed"}


async def test_a_nonce_is_good_for_every_process_of_the_log_and_for_no_other_log(park: Any, stranger: Any) -> None:
    entry = signed(park)
    park.service()  # another process: its own access over the same store
    assert park.access.sessions.open(park.access.proving.prove(entry)).caller.identifier == park.enterprise_id
    park.log_key = PrivateKey.generate(Algorithm.ED25519)
    nonce = park.access.proving.challenge().nonce
    park.service()
    with pytest.raises(Exception, match="nonce"):
        park.access.proving.prove(signed(park, nonce=nonce))


async def test_the_root_key_signs_in_to_an_empty_log(empty_park: Any) -> None:
    empty_park.service()
    token = empty_park.sign_in()
    assert empty_park.access.sessions.caller(token).role == "administration"


async def test_a_revoked_keys_sessions_end_and_it_signs_in_no_more(park: Any, stranger: Any, problem: Any) -> None:
    bearer = park.bearer(park.enterprise_id, park.enterprise)
    assert (await stranger.get(SESSIONS, headers=bearer)).status_code == 200
    waiting = signed(park)
    with park.database.write() as session:
        session.get_one(KeyRow, park.enterprise.public.kid_name).revoked_index = 2
    park.access.sessions._kept.clear()  # what two seconds do
    problem(await stranger.get(SESSIONS, headers=bearer), 401, "access.token_unknown")
    problem(await stranger.post(SESSIONS, content=waiting, headers=JOSE), 401, "sign_in.key")


async def test_a_token_ends_by_itself(park: Any, stranger: Any, problem: Any) -> None:
    bearer = park.bearer()
    park.now += park.access.limits.token_seconds - 1
    assert (await stranger.get(SESSIONS, headers=bearer)).status_code == 200
    park.now += 1
    problem(await stranger.get(SESSIONS, headers=bearer), 401, "access.token_expired")


@pytest.mark.parametrize(
    "header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer x", "Bearer " + "é" * 43, "Bearer " + "a" * 44]
)
async def test_other_headers_are_no_tokens(stranger: Any, header: str) -> None:
    answer = await stranger.get(SESSIONS, headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert header.rsplit(maxsplit=1)[-1] not in answer.text or len(header.rsplit(maxsplit=1)[-1]) < 8


async def test_a_sign_in_of_megabytes_is_not_read(park: Any, stranger: Any, problem: Any) -> None:
    problem(await stranger.post(SESSIONS, content=b"a" * 20_000, headers=JOSE), 413, "sign_in.size")


async def test_the_challenge_is_nobodys_but_each_sign_in_is_its_signers(park: Any, stranger: Any, problem: Any) -> None:
    """Whose key signed is who gets the token, whoever asked for the nonce; another's name under it opens nothing."""
    nonce = park.access.proving.challenge().nonce
    stolen = signed(park, nonce=nonce, identifier=park.registrar_id)  # by the enterprise's key
    problem(await stranger.post(SESSIONS, content=stolen, headers=JOSE), 401, "sign_in.key")
    answer = await stranger.post(SESSIONS, content=signed(park, nonce=nonce), headers=JOSE)
    assert (answer.status_code, answer.json()["identifier"]) == (201, park.enterprise_id)
    of_another = signed(park, park.registrar, nonce=nonce, identifier=park.registrar_id)
    problem(await stranger.post(SESSIONS, content=of_another, headers=JOSE), 401, "sign_in.replayed")

"""Applications over HTTP: anybody sends, the park reads, personal data can go (DOMAIN 47)."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from api.access.access import AccessLimits
from api.app import create_app
from attestation.admission_codes import code_hash
from attestation.bodies import ApproveApplication, ReviewApplication
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.applications import DAY, Terms
from ledger.db.access import AccessRepository
from tests.api.conftest import BASE_URL
from tests.applying import CREDIT_CODE, application, encoded

JSON = {"content-type": "application/json"}
CODE = "0f" * 16


class Desk:
    """The park's service and who asks it."""

    def __init__(self, park, service) -> None:
        self.park, self.service = park, service
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(service), raise_app_exceptions=False), base_url=BASE_URL
        )
        self.said = 0

    def document(self, **changed: object) -> dict[str, object]:
        return application(self.park.origin, iat=self.park.now, **changed)

    async def send(self, data: bytes | None = None, **changed: object) -> httpx.Response:
        content = encoded(self.document(**changed)) if data is None else data
        return await self.http.post("/v1/applications", content=content, headers=JSON)

    async def get(self, path: str, headers=None, **params: object) -> httpx.Response:
        return await self.http.get(path, headers=self.park.bearer() if headers is None else headers, params=params)

    def person(self, name: str, parent: str) -> PrivateKey:
        key = PrivateKey.generate(Algorithm.ED25519)
        self.take(self.park.key(name, Kind.PERSON, key, Purpose.ADMINISTRATION, parent))
        return key

    def take(self, entry: bytes) -> str:
        """Log an entry past HTTP; its statement id."""
        (outcome,) = self.park.log.submit([entry]).outcomes
        return outcome.ref.statement_id.hex()

    def say(self, iss: str, key: PrivateKey, body) -> str:
        return self.take(self.park.sign("admission", iss, key, "admissions", 1, body))


@pytest.fixture
async def desk(park):
    made = Desk(park, park.service())
    yield made
    await made.http.aclose()


async def test_anybody_sends_and_the_same_document_is_one(desk) -> None:
    first = await desk.send()
    again = await desk.send(json.dumps(desk.document(), separators=(",", ":")).encode())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["application"] == again.json()["application"]
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.headers["location"] == f"/v1/applications/{first.json()['application']}"


async def test_nothing_of_an_application_is_in_the_log(desk) -> None:
    before = desk.park.view.size()
    await desk.send()
    assert desk.park.view.size() == before


async def test_the_park_that_keeps_the_register_reads_and_every_look_is_noted(desk, problem) -> None:
    """Not the regulator, not another park: what is there is personal data."""
    name = (await desk.send()).json()["application"]
    keys = {}
    for identifier, kind in (("88.608.2/BUREAU", Kind.REGULATOR), ("88.608.3/PARK", Kind.PARK)):
        keys[identifier] = PrivateKey.generate(Algorithm.ED25519)
        desk.take(desk.park.key(identifier, kind, keys[identifier], Purpose.STATEMENT))
    for path in ("/v1/applications", f"/v1/applications/{name}"):
        problem(await desk.get(path, headers={}), 401, "access.token_missing")
        for identifier, key in keys.items():
            problem(await desk.get(path, headers=desk.park.bearer(identifier, key)), 403, "access.role")
        headers = desk.park.bearer(desk.park.enterprise_id, desk.park.enterprise)
        problem(await desk.get(path, headers=headers), 403, "access.role")
    found = (await desk.get(f"/v1/applications/{name}")).json()
    assert (found["state"], found["reviews"]) == ("received", [])
    assert found["document"]["representatives"][0]["name"] == "Zhang San 张三"
    desk.service.access.reads.write()
    with desk.park.database.read() as session:
        noted = AccessRepository(session).reads(after=0, limit=100, owner_body=None)
    assert (f"application {name}", 200) in {(row.object, row.status) for row in noted}


async def test_the_log_says_what_became_of_it(desk) -> None:
    park = desk.park
    people = {name: desk.person(name, park.registrar_id) for name in ("88.608.1/li", "88.608.1/wang")}
    name = (await desk.send()).json()["application"]

    async def state() -> str:
        return str((await desk.get(f"/v1/applications/{name}")).json()["state"])

    assert await state() == "received"
    body = ReviewApplication(
        application=name,
        identifier="88.608.7000/glass",
        kind="enterprise",
        credit_code=CREDIT_CODE,
        recommended=True,
        reason="seen",
    )
    review = desk.say("88.608.1/li", people["88.608.1/li"], body)
    assert await state() == "recommended"
    approval = desk.say(
        "88.608.1/wang", people["88.608.1/wang"], ApproveApplication(review=review, code_hash=code_hash(CODE))
    )
    assert await state() == "approved"
    (shown,) = (await desk.get(f"/v1/applications/{name}")).json()["reviews"]
    assert (shown["statement_id"], shown["approval_id"], shown["approver"]) == (review, approval, "88.608.1/wang")


async def test_many_applications_come_page_by_page_oldest_first(desk) -> None:
    names = []
    for number in range(7):
        desk.park.now += number % 2
        names.append((await desk.send(identifier=f"88.608.7000/works-{number}")).json()["application"])
    found, after = [], None
    while True:
        page = (await desk.get("/v1/applications", limit=3, **({} if after is None else {"after": after}))).json()
        found += [(each["received_at"], each["application"]) for each in page["applications"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(name for _, name in found) == sorted(names)
    assert found == sorted(found)


async def test_two_applications_for_one_identifier_are_both_kept(desk) -> None:
    """The park decides which one to review; the hash says which one it was."""
    first, second = await desk.send(), await desk.send(licence_hash="0b" * 32)
    assert first.json()["application"] != second.json()["application"]
    assert len((await desk.get("/v1/applications")).json()["applications"]) == 2


async def test_who_is_enrolled_does_not_apply(desk, problem) -> None:
    found = problem(await desk.send(identifier=desk.park.enterprise_id), 409, "admission.known")
    assert desk.park.enterprise_id in found["value"]


async def test_an_erased_application_is_gone(desk, problem) -> None:
    name = (await desk.send()).json()["application"]
    path = f"/v1/applications/{name}"
    problem(await desk.http.delete(path), 401, "access.token_missing")
    assert (await desk.http.delete(path, headers=desk.park.bearer())).status_code == 204
    problem(await desk.get(path), 404, "applications.unknown")
    problem(await desk.http.delete(path, headers=desk.park.bearer()), 404, "applications.unknown")
    assert (await desk.send()).status_code == 201


async def test_an_application_is_erased_when_its_time_is_over(park) -> None:
    desk = Desk(park, replace(park.service(), application_terms=Terms(days=30)))
    name = (await desk.send()).json()["application"]
    sent = park.now
    park.now = sent + 30 * DAY
    assert (await desk.get(f"/v1/applications/{name}")).status_code == 200
    park.now += 1
    assert (await desk.get(f"/v1/applications/{name}")).status_code == 404
    assert (await desk.get("/v1/applications")).json()["applications"] == []
    await desk.send(identifier="88.608.7000/later")
    with park.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM applications").scalar() == 1


async def test_a_full_desk_says_so_and_keeps_what_it_has(park, problem) -> None:
    desk = Desk(park, replace(park.service(), application_terms=Terms(most=1)))
    await desk.send()
    found = problem(await desk.send(identifier="88.608.7000/second"), 503, "applications.full")
    assert found["value"] == "1 applications"
    assert (await desk.send()).status_code == 200


async def test_one_address_sends_so_many_an_hour(park, problem) -> None:
    desk = Desk(park, park.service(access=AccessLimits(applications_per_hour=2)))
    assert [(await desk.send()).status_code for _ in range(2)] == [201, 200]
    answer = await desk.send()
    problem(answer, 429, "access.applications")
    assert 1_700 < int(answer.headers["retry-after"]) <= 1_800


@pytest.mark.parametrize(
    ("status", "rule", "data"),
    [
        (400, "http.empty", b""),
        (400, "json.syntax", b"{"),
        (400, "json.object", b"[]"),
        (413, "application.size", b" " * (32 * 1024 + 1)),
        (422, "body.missing_field", b"{}"),
    ],
)
async def test_what_is_no_application_is_refused(desk, problem, status: int, rule: str, data: bytes) -> None:
    problem(await desk.send(data), status, rule)
    assert (await desk.get("/v1/applications")).json()["applications"] == []


async def test_another_media_type_is_refused(desk, problem) -> None:
    answer = await desk.http.post("/v1/applications", content=b"{}", headers={"content-type": "application/jose"})
    problem(answer, 415, "http.media_type")


@pytest.mark.parametrize("after", ["1", "x" * 70, "1-" + "0" * 63])
async def test_a_cursor_that_is_none_is_refused(desk, problem, after: str) -> None:
    problem(await desk.get("/v1/applications", after=after), 422, "page.cursor")


async def test_an_enterprise_without_opening_says_so(desk, problem) -> None:
    path = f"/v1/openings/{desk.park.enterprise_id}"
    found = (await desk.get(path, headers=desk.park.bearer(desk.park.enterprise_id, desk.park.enterprise))).json()
    assert found == {"identifier": desk.park.enterprise_id, "opening": None}
    problem(await desk.get("/v1/openings/88.608.7000/nobody"), 404, "identifiers.unknown")
    problem(await desk.get(path, headers={}), 401, "access.token_missing")

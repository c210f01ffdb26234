"""Accounts, supplies, obligations and operations over HTTP (DOMAIN 2 to 7, 22, law 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.app import create_app
from attestation.identifiers import account_id
from ledger.chain import outbox
from ledger.chain.rpc import BlockRef
from ledger.db.chain_models import OutboxRow
from tests.api.access.observed import ASSIGNED, OTHER, PERSON, REGULATOR, Populated
from tests.api.conftest import BASE_URL
from tests.ledger.engines import migrated_sqlite
from tests.read_chain import DOCUMENT, GENESIS_TIME, ROOT, ReadChain

YEAR, DEADLINE = 2023, 1_735_660_800


class Read(Populated):
    """The park with a year of units read of a chain: enterprise A met most of its obligation."""

    def populate(self) -> None:
        super().populate()
        chain = self.chain = ReadChain(self.database, self.parameters.deployment_id, self.registrar_id)
        a = self.enterprise_id
        chain.knows(self.registrar_id, a, OTHER)
        chain.issued(1_000, YEAR)
        self.before = chain.carried_in(a, 400, YEAR)
        chain.allocated(a, 200, YEAR, owes=30, due_at=DEADLINE + 500)
        chain.offsets(a, 40)
        self.freeze = chain.frozen(a, 50, YEAR, lapses_at=DEADLINE + 900)
        chain.figure(a, YEAR, 600)
        chain.figure(OTHER, YEAR, 10)
        chain.terms(YEAR, DEADLINE)
        chain.price(YEAR, 6_001)
        chain.surrendered(a, YEAR, 500)
        chain.surrendered_offsets(a, YEAR, 30)
        chain.score(a, YEAR, 8_713, 4)
        chain.suspended(OTHER)
        self.last_event = chain.figure(a, YEAR, 500, revision=2)
        self.head = chain.block(final=self.last_event)


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("accounts")
    database = migrated_sqlite(folder / "log.sqlite3")
    made: Any = Read(database)
    made.populate()
    made.app = create_app(made.service())
    yield made
    made.access.close()
    database.close()


def get(park: Any, path: str, identifier: str | None = None, **query: object) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(park.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            headers = {} if identifier is None else park.bearer(identifier, park.holders[identifier])
            return await http.get(path, params=query, headers=headers)  # type: ignore[arg-type]  # texts and numbers

    return asyncio.run(ask())


def found(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_statement_of_an_account_has_everything_and_its_block(park: Any) -> None:
    a = park.enterprise_id
    said = found(get(park, f"/v1/accounts/{a}", a))
    assert {name: said[name] for name in ("identifier", "account", "kind", "cash", "pledged", "suspended_at")} == {
        "identifier": a,
        "account": account_id(a).hex(),
        "kind": "enterprise",
        "cash": {"free_fen": 0, "trading_fen": 0, "withdrawing_fen": 0},
        "pledged": 0,
        "suspended_at": None,
    }
    assert said["holdings"] == [
        {"asset": "quota-2023", "registry": 50, "trading": 0, "locked": 0, "frozen": 50, "leaving": 0, "arriving": 0},
        {"asset": "ccer", "registry": 10, "trading": 0, "locked": 0, "frozen": 0, "leaving": 0, "arriving": 0},
    ]
    assert said["owed"] == {"tonnes": 30, "due_at": DEADLINE + 500, "reserve": park.registrar_id}
    assert said["freezes"] == [
        {
            "freeze": park.freeze.hex(),
            "asset": "quota-2023",
            "tonnes": 50,
            "left": 50,
            "lapses_at": DEADLINE + 900,
            "document_hash": DOCUMENT.hex(),
            "index": 3,
        }
    ]
    block = said["as_of"]
    assert (block["number"], block["final"], block["read_at"]) == (park.head, False, GENESIS_TIME + park.head)
    assert block["unchanged_since"]["number"] == park.last_event
    assert block["hash"] != block["unchanged_since"]["hash"]


def test_a_year_of_the_statement_follows_from_the_figure_that_stands(park: Any) -> None:
    """DOMAIN 2, 3, 7: an amendment down leaves CCER above the new cap used, and not counted."""
    a = park.enterprise_id
    (year,) = found(get(park, f"/v1/accounts/{a}", a))["years"]
    names = ("year", "emissions", "revision", "offset_cap", "quota", "offsets_used", "offsets_counted", "due")
    assert tuple(year[name] for name in names) == (YEAR, 500, 2, 25, 500, 30, 25, 0)
    assert (year["charge_now_fen"], year["price_fen"], year["assessed"]) == (0, 6_001, False)
    # The amendment came before the deadline: that stands.
    assert year["deadline"] == year["terms"]["surrender_deadline"] == DEADLINE
    assert year["score"] == {
        "points_bps": 8_713,
        "grade": 4,
        "formula": DOCUMENT.hex(),
        "input_root": ROOT.hex(),
        "revision": 1,
        "published_at": GENESIS_TIME + park.last_event - 2,
    }


def test_an_earlier_block_shows_what_was_then(park: Any) -> None:
    a = park.enterprise_id
    said = found(get(park, f"/v1/accounts/{a}", a, block=park.before))
    assert said["holdings"][0]["registry"] == 400
    assert (said["owed"], said["freezes"], said["years"]) == (None, [], [])
    assert said["as_of"]["final"] is True
    assert said["as_of"]["unchanged_since"]["number"] == park.before
    empty = found(get(park, f"/v1/accounts/{a}", a, block=0))
    assert (empty["holdings"], empty["as_of"]["hash"], empty["as_of"]["unchanged_since"]) == ([], None, None)


def test_the_park_lists_accounts_and_nobody_else_does(park: Any) -> None:
    said = found(get(park, "/v1/accounts", park.registrar_id, limit=2))
    names = [one["identifier"] for one in said["accounts"]]
    more = found(get(park, "/v1/accounts", REGULATOR, after=said["next"]))
    assert names == [park.registrar_id, park.enterprise_id]
    assert [one["identifier"] for one in more["accounts"]] == [OTHER]
    assert more["next"] is None
    assert more["accounts"][0]["suspended_at"] == GENESIS_TIME + park.last_event - 1
    assert said["accounts"][0]["kind"] == "park"
    for identifier in (park.enterprise_id, OTHER, ASSIGNED, park.meter_id):
        assert get(park, "/v1/accounts", identifier).status_code == 403, identifier


def test_law_three_is_everybodys_to_check(park: Any) -> None:
    said = found(get(park, "/v1/assets"))
    quota, ccer = said["assets"]
    assert quota == {
        "asset": "quota-2023",
        "issued": 1_400,
        "surrendered": 500,
        "cancelled": 0,
        "registry": 850,
        "trading": 0,
        "frozen": 50,
        "accounts": 2,
    }
    assert (ccer["issued"], ccer["surrendered"], ccer["registry"]) == (40, 30, 10)
    for one in said["assets"]:
        assert one["issued"] == sum(one[name] for name in ("registry", "trading", "frozen", "surrendered", "cancelled"))
    earlier = found(get(park, "/v1/assets/quota-2023", block=park.before))
    assert (earlier["issued"], earlier["registry"], earlier["accounts"]) == (1_400, 1_400, 2)
    assert earlier["as_of"]["number"] == park.before
    never = found(get(park, "/v1/assets/quota-2199"))
    assert (never["issued"], never["accounts"]) == (0, 0)


def test_units_in_trading_are_counted_once_whoever_keeps_them(tmp_path: Path) -> None:
    """Law 3 (DOMAIN 22): the exchange has them in custody, and they are their holder's."""
    database = migrated_sqlite(tmp_path / "log.sqlite3")
    made: Any = Populated(database)
    made.populate()
    chain = ReadChain(database, made.parameters.deployment_id, made.registrar_id)
    chain.knows(made.registrar_id, made.enterprise_id)
    chain.carried_in(made.enterprise_id, 400, YEAR)
    chain.moved(made.enterprise_id, 150, YEAR)
    made.app = create_app(made.service())
    supply = found(get(made, "/v1/assets/quota-2023"))
    assert [supply[name] for name in ("issued", "registry", "trading", "frozen", "accounts")] == [400, 250, 150, 0, 1]
    (held,) = found(get(made, f"/v1/accounts/{made.enterprise_id}", made.enterprise_id))["holdings"]
    assert (held["registry"], held["trading"], held["locked"]) == (250, 150, 0)
    made.access.close()
    database.close()


def test_a_years_positions_are_the_overseers_and_each_its_own(park: Any) -> None:
    a = park.enterprise_id
    said = found(get(park, f"/v1/compliance/{YEAR}", park.registrar_id, limit=1))
    assert [one["enterprise"] for one in said["positions"]] == [a]
    rest = found(get(park, f"/v1/compliance/{YEAR}", park.registrar_id, after=said["next"]))
    (other,) = rest["positions"]
    assert (other["enterprise"], other["emissions"], other["due"]) == (OTHER, 10, 10)
    assert other["charge_now_fen"] == 10 * 6_001 * 5
    assert rest["next"] is None
    own = found(get(park, f"/v1/compliance/{YEAR}/{a}", PERSON))
    assert own["position"] == said["positions"][0]
    assert own["terms"]["offset_cap_bps"] == 500
    nothing = found(get(park, "/v1/compliance/2022/" + a, a))
    assert (nothing["terms"], nothing["price_fen"], nothing["position"]["deadline"]) == (None, None, None)
    assert nothing["position"]["charge_now_fen"] is None


@pytest.mark.parametrize("path", ["/v1/accounts/{}", f"/v1/compliance/{YEAR}/{{}}"])
def test_what_somebody_holds_and_owes_is_theirs(park: Any, path: str) -> None:
    mine = path.format(park.enterprise_id)
    for identifier in (park.enterprise_id, PERSON, REGULATOR, park.registrar_id):
        assert get(park, mine, identifier).status_code == 200, identifier
    for identifier in (OTHER, ASSIGNED, park.meter_id):
        answer = get(park, mine, identifier)
        assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours"), identifier
    assert get(park, mine).status_code == 401


@pytest.mark.parametrize(
    ("path", "query", "status", "rule"),
    [
        ("/v1/accounts/88.608.5288/A", {"block": 10_000}, 404, "accounts.block"),
        ("/v1/accounts/88.608.5288/A", {"block": -1}, 422, "request.parameter"),
        ("/v1/accounts/88.608.5288/A", {"block": "head"}, 422, "request.parameter"),
        ("/v1/accounts/88.608.404/nobody", {}, 404, "accounts.unknown"),
        ("/v1/accounts/88.608.5288/A_METER_1", {}, 404, "accounts.unknown"),
        ("/v1/accounts/no%20identifier", {}, 400, "identifier.characters"),
        ("/v1/accounts", {"after": "x"}, 422, "page.cursor"),
        ("/v1/accounts", {"limit": 101}, 422, "request.parameter"),
        ("/v1/assets", {"block": 10_000}, 404, "accounts.block"),
        ("/v1/assets/quota-1989", {}, 422, "request.parameter"),
        ("/v1/assets/cea", {}, 422, "request.parameter"),
        ("/v1/compliance/1989", {}, 422, "request.parameter"),
        ("/v1/compliance/2023/88.608.404/nobody", {}, 404, "accounts.unknown"),
        ("/v1/operations/" + "00" * 32, {}, 404, "operations.unknown"),
        ("/v1/operations/" + "00" * 31, {}, 422, "request.parameter"),
        ("/v1/operations/" + "AA" * 32, {}, 422, "request.parameter"),
    ],
)
def test_bad_questions_are_refused_with_rule_and_value(
    park: Any, path: str, query: dict[str, object], status: int, rule: str
) -> None:
    answer = get(park, path, park.registrar_id, **query)
    assert (answer.status_code, answer.json()["rule"]) == (status, rule), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["message_zh"]


def test_whose_account_it_is_sees_who_read_of_it(park: Any) -> None:
    a, operation = park.enterprise_id, f"/v1/operations/{park.operation.hex()}"
    for path in (f"/v1/accounts/{a}", f"/v1/compliance/{YEAR}/{a}", operation):
        for identifier in (REGULATOR, OTHER):
            get(park, path, identifier)
    noted = {
        (row["identifier"], row["route"], row["status"])
        for row in found(get(park, "/v1/reads", a, limit=1_000))["reads"]
    }
    for route in ("getAccount", "getObligation", "getOperation"):
        assert {(REGULATOR, route, 200), (OTHER, route, 403)} <= noted


def test_an_operation_says_how_it_ended(park: Any) -> None:
    path, a = f"/v1/operations/{park.operation.hex()}", park.enterprise_id
    said = found(get(park, path, a))
    assert (said["kind"], said["state"], said["index"], said["problem"]) == ("assess", "pending", park.report, None)
    assert said["leaf_hash"] == park.view.entry(park.report).leaf_hash.hex()
    reason = f"AssessmentEarly(account=0x{account_id(a).hex()}, year=2023, from={DEADLINE}, nowAt={DEADLINE - 1})"
    with park.database.write() as session:
        row_id = session.scalars(select(OutboxRow.id).where(OutboxRow.op_id == park.operation)).one()
        outbox.note_error(session, row_id, "the node did not answer", now=park.now)
    waits = found(get(park, path, a))["problem"]
    assert (waits["rule"], waits["value"]) == ("operation.waits", "the node did not answer")
    assert waits["message_zh"].startswith("等待中")
    with park.database.write() as session:
        block = BlockRef(park.head, bytes(32))
        assert outbox.doubt(session, row_id, reason, block, block, now=park.now)
    refused = found(get(park, path, a))
    assert refused["state"] == "refused"
    assert refused["problem"] == {
        "rule": "contract.AssessmentEarly",
        "value": f"AssessmentEarly(account={a}, year=2023, from=2024-12-31T16:00:00Z, nowAt=2024-12-31T15:59:59Z)",
        "detail": f"{a} can surrender for 2023 until before 2024-12-31T16:00:00Z: nothing is missed yet",
        "message_zh": f"{a} 在 2024-12-31T16:00:00Z 之前仍可清缴 2023 年度，尚无欠缴",
        "arguments": {
            "account": a,
            "year": "2023",
            "from": "2024-12-31T16:00:00Z",
            "nowAt": "2024-12-31T15:59:59Z",
        },
    }
    for identifier in (OTHER, ASSIGNED, park.meter_id):
        answer = get(park, path, identifier)
        unknown = get(park, "/v1/operations/" + "11" * 32, identifier)
        # The same whether there is one: an answer must not tell what others do.
        assert (answer.status_code, unknown.status_code) == (403, 403)
        assert answer.json()["detail"] == unknown.json()["detail"]

"""``POST /v1/judgements``: the log's own refusal of a body that nobody signed, and nothing kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from attestation.foresight import NO_SIGNATURE
from attestation.statements import MAX_ENTRY_BYTES
from attestation.typed_data import Domain
from ledger.context import LedgerContext
from ledger.db.entries import EntryRepository
from tests.api.access.observed import ASSIGNED, OTHER, PERSON, REGULATOR, Populated
from tests.api.conftest import BASE_URL
from tests.ledger.engines import migrated_sqlite

OWN = {
    "action": "cancel", "op_id": "01" * 32, "asset": "quota-2023", "tonnes": 7, "deadline": "2098-01-01T00:00:00Z",
    "signature": NO_SIGNATURE,
}  # fmt: skip
CLOSE = {"action": "close", "year": 2023, "accounts": ["88.608.5288/A"]}
APPROVALS = [{"identifier": f"0.0.0/{name}", "signature": NO_SIGNATURE} for name in "AB"]
ISSUE = {
    "action": "issue", "op_id": "02" * 32, "account": "88.608.1/PARK", "vintage": 2023, "tonnes": 9,
    "document_hash": "03" * 32, "reason": "cap", "approvals": APPROVALS,
}  # fmt: skip


class Judged(Populated):
    """The park with contracts of units."""

    def __post_init__(self) -> None:
        super().__post_init__()
        domain = Domain(31337, b"\x14" * 20, self.parameters.deployment_id)
        self.parameters = replace(self.parameters, ledger_domain=domain, compliance_domain=domain)
        # The base class made it without contracts.
        self.log._parameters = self.parameters


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("judgements")
    database = migrated_sqlite(folder / "log.sqlite3")
    made: Any = Judged(database)
    made.populate()
    made.app = create_app(made.service())
    yield made
    made.access.close()
    database.close()


def ask(
    park: Any, type_: str, body: object, identifier: str, *, raw: bytes | None = None, kind: str = "application/json"
) -> httpx.Response:
    async def posted() -> httpx.Response:
        transport = httpx.ASGITransport(park.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            headers = {**park.bearer(identifier, park.holders[identifier]), "content-type": kind}
            content = json.dumps({"type": type_, "body": body}).encode() if raw is None else raw
            return await http.post("/v1/judgements", content=content, headers=headers)

    size = park.view.size()
    answer = asyncio.run(posted())
    assert park.view.size() == size, "nothing is kept"
    return answer


def test_what_the_log_would_refuse_is_its_refusal(park: Any) -> None:
    """DOMAIN 2, 22: with rule, value, what is expected, and both languages."""
    refused = ask(park, "compliance", CLOSE, park.registrar_id)
    assert (refused.status_code, refused.json()["rule"], refused.json()["value"]) == (409, "terms.none", "2023")
    assert refused.json()["message_zh"].startswith("该年度尚无履约条件")
    refused = ask(park, "intent", OWN, park.enterprise_id)
    assert (refused.json()["rule"], refused.json()["value"]) == ("asset.balance", "7 t")


def test_approvals_are_judged_last_so_that_stand_ins_hide_nothing(park: Any) -> None:
    """DOMAIN 23."""
    assert ask(park, "holding", ISSUE, park.registrar_id).json()["rule"].startswith("approval.")
    bad = ISSUE | {"account": park.enterprise_id}
    assert ask(park, "holding", bad, park.registrar_id).json()["rule"] == "account.kind"


def test_a_body_against_which_nothing_stands_is_told_so(park: Any) -> None:
    """DOMAIN 49: a score as the facts give it."""
    size = park.view.size()
    with park.database.read() as session:
        context = LedgerContext(session, park.parameters, EntryRepository(session).state(), park.now)
        found = context.recompute_score(park.enterprise_id, 2023, None)
    body: dict[str, Any] = {"action": "propose", "enterprise": park.enterprise_id, "year": 2023}
    body |= {"formula": found.formula, "as_of": {"size": size}, "inputs": dict(found.inputs)}
    body |= {"input_root": found.input_root, "grade": found.grade, "comments_until": "2098-01-01T00:00:00Z"}
    answer = ask(park, "score", body, REGULATOR)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"type": "score", "issuer": park.registrar_id, "entries": size}


@pytest.mark.parametrize("asker", [OTHER, ASSIGNED, PERSON, "88.608.5288/A"])
def test_what_the_registrar_alone_signs_is_judged_for_who_oversees(park: Any, asker: str) -> None:
    """DOMAIN 22: a refusal may name what an account holds."""
    for type_, body in (("holding", ISSUE), ("compliance", CLOSE)):
        refused = ask(park, type_, body, asker)
        assert (refused.status_code, refused.json()["rule"]) == (403, "access.not_yours")
    assert ask(park, "compliance", CLOSE, REGULATOR).json()["rule"] == "terms.none"


def test_everybody_is_judged_as_who_asks(park: Any) -> None:
    """DOMAIN 8: verifiers and regulators hold no units; a meter asks nothing."""
    for asker, status, rule in (
        (OTHER, 409, "asset.balance"),
        (PERSON, 409, "asset.balance"),
        (ASSIGNED, 403, "purpose.kind"),
        (REGULATOR, 403, "purpose.kind"),
        (park.meter_id, 403, "access.not_yours"),
    ):
        refused = ask(park, "intent", OWN, asker)
        assert (refused.status_code, refused.json()["rule"]) == (status, rule)


@pytest.mark.parametrize(
    ("raw", "status", "rule"),
    [
        (b"", 400, "http.empty"),
        (b"[]", 422, "json.object"),
        (b'{"type": "intent"}', 422, "judgement.form"),
        (b'{"type": "intent", "body": {}, "iss": "x"}', 422, "judgement.form"),
        (b'{"type": "reading", "body": {}}', 422, "judgement.type"),
        (b'{"type": "intent", "body": {"tonnes": 1.5}}', 422, "json.float"),
        (b'{"type": "intent", "body": {"action": "burn"}}', 422, "body.choice"),
        (b" " * (MAX_ENTRY_BYTES + 1), 413, "entry.size"),
    ],
    ids=["empty", "array", "no body", "more members", "other type", "fraction", "no action", "too long"],
)
def test_what_is_no_body_is_refused(park: Any, raw: bytes, status: int, rule: str) -> None:
    refused = ask(park, "", {}, park.registrar_id, raw=raw)
    assert (refused.status_code, refused.json()["rule"]) == (status, rule)


def test_another_media_type_is_refused(park: Any) -> None:
    assert ask(park, "intent", OWN, park.registrar_id, kind="text/plain").status_code == 415

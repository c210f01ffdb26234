"""DOMAIN 48: codes over HTTP, from a real log."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from attestation.accounting import Activity, build_report
from attestation.accounting.bundled import load_bundled
from attestation.accounting.lines import LineKind
from attestation.bodies import Activity as LabelActivity
from attestation.bodies import Policy, Sector
from attestation.diagnosis import parse_body
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.log import Accepted
from tanlu.labelling import LabelInputs, build_label
from tests.api.conftest import Park

FACTORS = load_bundled("cets-steel", "03.01-v01-2024")
YEARS = (2020, 2021, 2022)


class Labelled:
    """Enterprise A with a report of three years, labelled; the last label replaced once."""

    def __init__(self, park: Park) -> None:
        self.park = park
        self.seqs: dict[str, int] = {}
        policy = Policy(
            policy="factor-set",
            id=FACTORS.id,
            version=FACTORS.version,
            effective_from="2020-01-01",
            document=FACTORS.document(),
        )
        self.take("policy", park.registrar_id, park.registrar, policy)
        self.labels: list[tuple[int, str]] = []
        for year in YEARS:
            self.labels.append(self.label(year, self.report(year)))
        replaced = self.labels[-1][1]
        self.labels.append(self.label(2022, self.reported, supersedes=replaced, reason="sector table corrected"))

    def take(self, type_: str, iss: str, key: PrivateKey, body) -> tuple[int, str]:
        seq = self.seqs[type_] = self.seqs.get(type_, 0) + 1
        (outcome,) = self.park.log.submit([self.park.sign(type_, iss, key, f"{type_}-stream", seq, body)]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return outcome.ref.index, outcome.ref.statement_id.hex()

    def report(self, year: int) -> str:
        built = build_report(
            year=year,
            period_from=f"{year}-01-01T00:00:00+08:00",
            period_to=f"{year + 1}-01-01T00:00:00+08:00",
            activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("400.00"), "t")],
            factor_set=FACTORS,
            obligation_base="direct",
        )
        self.tonnes = built.recomputed.totals.obligation_tonnes
        body = parse_body("report", built.body)
        self.reported = self.take("report", self.park.enterprise_id, self.park.enterprise, body)[1]
        return self.reported

    def label(self, year: int, report: str, **more: str) -> tuple[int, str]:
        inputs = LabelInputs(
            enterprise=self.park.enterprise_id,
            year=year,
            basis="reported",
            report=report,
            obligation_base="direct",
            tonnes=self.tonnes,
            activity=LabelActivity(product="tiles", quantity="1000", unit="t"),
            sector=Sector(name="ceramics", intensity="1.2", source="park bulletin"),
            value_added="1500",
            **more,
        )
        return self.take("label", self.park.registrar_id, self.park.registrar, build_label(inputs).body)


@pytest.fixture
def labelled(park: Park) -> Labelled:
    return Labelled(park)


async def _get(park: Park, http: httpx.AsyncClient, path: str, headers=None, **params: object) -> httpx.Response:
    return await http.get(path, headers=headers or park.bearer(), params=params)


async def test_labels_come_newest_first_and_say_what_replaced_them(labelled: Labelled, http: httpx.AsyncClient) -> None:
    park = labelled.park
    answer = await _get(park, http, f"/v1/labels/{park.enterprise_id}")
    assert answer.status_code == 200
    found = answer.json()
    assert [one["index"] for one in found["labels"]] == [index for index, _ in reversed(labelled.labels)]
    assert [one["superseded_by"] for one in found["labels"]] == [None, labelled.labels[-1][0], None, None]
    assert found["next"] is None
    newest = found["labels"][0]
    assert newest["statement_id"] == labelled.labels[-1][1]
    assert {name: newest["label"][name] for name in ("tonnes", "k", "level", "grade", "reason")} == {
        "tonnes": 902,
        "k": "0.7517",
        "level": 2,
        "grade": "mid",
        "reason": "sector table corrected",
    }


async def test_labels_come_page_by_page_and_by_year(labelled: Labelled, http: httpx.AsyncClient) -> None:
    park, seen, before = labelled.park, [], None
    for _ in range(len(labelled.labels)):
        params = {"limit": 1} if before is None else {"limit": 1, "before": before}
        page = (await _get(park, http, f"/v1/labels/{park.enterprise_id}", **params)).json()
        seen += [one["index"] for one in page["labels"]]
        before = page["next"]
    assert before is None
    assert seen == [index for index, _ in reversed(labelled.labels)]
    of_year = (await _get(park, http, f"/v1/labels/{park.enterprise_id}", year=2022)).json()
    assert [one["label"]["year"] for one in of_year["labels"]] == [2022, 2022]


async def test_labels_are_for_whose_they_are(labelled: Labelled, http: httpx.AsyncClient) -> None:
    park, other, key = labelled.park, "88.608.7000/B", PrivateKey.generate(Algorithm.ED25519)
    assert isinstance(park.log.submit([park.key(other, Kind.ENTERPRISE, key, Purpose.STATEMENT)]).outcomes[0], Accepted)
    path = f"/v1/labels/{park.enterprise_id}"
    del http.headers["authorization"]
    assert (await http.get(path)).status_code == 401
    assert (await _get(park, http, path, park.bearer(park.enterprise_id, park.enterprise))).status_code == 200
    assert (await _get(park, http, path, park.bearer(other, key))).status_code == 403
    unlabelled = await _get(park, http, f"/v1/labels/{other}", park.bearer(other, key))
    assert (unlabelled.status_code, unlabelled.json()["labels"]) == (200, [])


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/v1/labels/88.608.404/nobody", {}, 404),
        ("/v1/labels/no%20identifier", {}, 400),
        ("/v1/labels/88.608.5288/A", {"limit": 0}, 422),
        ("/v1/labels/88.608.5288/A", {"limit": 101}, 422),
        ("/v1/labels/88.608.5288/A", {"year": 1}, 422),
        ("/v1/labels/88.608.5288/A", {"before": -1}, 422),
    ],
)
async def test_bad_questions_are_refused(
    labelled: Labelled, http: httpx.AsyncClient, path: str, params: dict[str, int], status: int
) -> None:
    answer = await _get(labelled.park, http, path, **params)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_whom_a_label_is_about_reads_its_entry_and_nobody_else_does(
    labelled: Labelled, http: httpx.AsyncClient
) -> None:
    park, other, key = labelled.park, "88.608.7000/B", PrivateKey.generate(Algorithm.ED25519)
    assert isinstance(park.log.submit([park.key(other, Kind.ENTERPRISE, key, Purpose.STATEMENT)]).outcomes[0], Accepted)
    index = labelled.labels[0][0]
    place = {"issuer": park.registrar_id, "stream": "label-stream", "seq": 1}
    whose, strangers = park.bearer(park.enterprise_id, park.enterprise), park.bearer(other, key)
    assert (await _get(park, http, f"/v1/entries/{index}", whose)).json()["type"] == "label"
    assert (await _get(park, http, "/v1/entries", whose, **place)).json()["index"] == index
    assert (await _get(park, http, f"/v1/entries/{index}/receipt", whose)).status_code == 409, "not anchored yet"
    assert (await _get(park, http, f"/v1/entries/{index}", strangers)).status_code == 403
    assert (await _get(park, http, "/v1/entries", strangers, **place)).status_code == 403
    assert (await _get(park, http, f"/v1/entries/{index}/receipt", strangers)).status_code == 403

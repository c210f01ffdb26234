"""``tanlu admission`` and ``tanlu opening``: letting somebody in, command by command, with files (DOMAIN 24, 47)."""

# ruff: noqa: F811 - pytest passes fixtures by the names that they are imported under
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .keys.conftest import LI, WANG, WORKS, ZHAO, cheap_passwords, office  # noqa: F401 - fixtures by their names

GLASS, VERIFIER = "88.608.7000/glass", "88.608.9000/V"
NAME = "Glass Works 玻璃厂"
FORM = {
    "name": NAME,
    "credit_code": "91110000600037341L",
    "representatives": [{"name": "Zhang San 张三", "role": "legal representative"}],
    "bank_account": {"holder": NAME, "bank": "Bank of the Park", "number": "1"},
}


class Applicant:
    """Somebody with a key file and a form."""

    def __init__(self, answer: Any, folder: Path) -> None:
        self.answer, self.folder = answer, folder
        (folder / "licence.pdf").write_bytes(b"licence")

    def request(self, identifier: str = GLASS, kind: str = "enterprise", **options: str) -> Path:
        name = identifier.rpartition("/")[2]
        key, out = self.folder / f"{name}.key", self.folder / f"{name}.request.json"
        self.answer("keys", "new", "--identifier", identifier, "--purpose", "statement", "--out", key)
        more = [word for option, value in options.items() for word in (f"--{option}", value)]
        self.answer("keys", "request", key, "--kind", kind, "--out", out, *more)
        return out

    def apply(self, request: Path, *, code: int = 0, **changed: object) -> dict[str, Any]:
        form = self.folder / "form.json"
        form.write_text(json.dumps({k: v for k, v in (FORM | changed).items() if v is not ...}))
        licence = self.folder / "licence.pdf"
        return self.answer("admission", "apply", form, "--request", request, "--licence", licence, code=code)


@pytest.fixture
def applicant(office, answer, tmp_path: Path) -> Applicant:
    return Applicant(answer, tmp_path)


@pytest.fixture
def say(office, answer):
    """Runs ``tanlu admission`` with the key of somebody."""

    def run(who: str, *arguments: object, code: int = 0) -> dict[str, Any]:
        return answer("admission", *arguments, "--key", office.files[who], code=code)

    return run


def test_from_a_form_to_an_enrolled_enterprise(office, applicant, say, answer, tmp_path) -> None:
    request = applicant.request(group="holding 甲")
    application = applicant.apply(request)["application"]
    assert applicant.apply(request)["repeated"] is True
    (listed,) = answer("admission", "list", "--state", "received")["applications"]
    assert (listed["application"], listed["identifier"]) == (application, GLASS)

    review = say(WANG, "review", application, "--recommend", "--reason", "licence seen")["statement_id"]
    size = office.size()
    assert say(WANG, "approve", review, code=1)["rule"] == "admission.same_person"
    assert say(LI, "approve", review, code=1)["rule"] in {"admission.body", "access.role"}
    assert office.size() == size
    approved = say(ZHAO, "approve", review)
    assert len(bytes.fromhex(approved["code"])) == 16

    kept = tmp_path / "kept.request.json"
    shown = answer("admission", "show", application, "--request", kept)
    assert (shown["state"], shown["document"]["group"]) == ("approved", "holding 甲")
    enrol = ("keys", "enrol", kept, "--registrar-key", office.files["88.608.1/PARK"])
    admission = ("--admission", approved["admission"])
    size = office.size()
    wrong = answer(*enrol, *admission, "--code", "00" * 16, code=1)
    assert (wrong["rule"], office.size()) == ("admission.code", size)
    assert answer(*enrol, *admission, code=1)["rule"] == "admission.pair"
    # As people read it out: groups of four, capitals, blanks.
    code = " - ".join(approved["code"][place : place + 4] for place in range(0, 32, 4)).upper()
    assert answer(*enrol, *admission, "--code", code)["identifier"] == GLASS
    assert answer("admission", "show", application)["state"] == "enrolled"
    other = applicant.request("88.608.7000/second")
    second = ("keys", "enrol", other, "--registrar-key", office.files["88.608.1/PARK"])
    assert answer(*second, *admission, "--code", code, code=1)["rule"] == "admission.code_used"

    answer("admission", "erase", application)
    assert answer("admission", "show", application, code=1)["rule"] == "application.unknown"


def test_a_code_is_shown_to_people_in_groups_and_kept_nowhere(office, applicant, say, run, tmp_path) -> None:
    application = applicant.apply(applicant.request())["application"]
    review = say(WANG, "review", application, "--recommend", "--reason", "seen")["statement_id"]
    result = run("admission", "approve", review, "--key", office.files[ZHAO])
    assert result.exit_code == 0, result.output
    code = result.stdout.partition("shown only now: ")[2][:39]
    assert [len(group) for group in code.split("-")] == [4] * 8
    plain = code.replace("-", "").encode()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or plain not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("credit_code.check", {"credit_code": "91110000600037342L"}),
        ("application.account", {"bank_account": {"holder": "Zhang San", "bank": "b", "number": "1"}}),
        ("body.missing_field", {"representatives": ...}),
        ("application.form_file", {"identifier": GLASS}),
    ],
)
def test_a_bad_form_is_refused_before_anything_is_sent(applicant, answer, rule: str, changed) -> None:
    assert applicant.apply(applicant.request(), code=1, **changed)["rule"] == rule
    assert answer("admission", "list")["applications"] == []


def test_a_verifier_is_accredited_renewed_and_tied(office, applicant, say, answer, tmp_path) -> None:
    accreditation = {"number": "CNAS VV001", "until": "2098-06-30"}
    application = applicant.apply(
        applicant.request(VERIFIER, "verifier"), accreditation=accreditation, bank_account=...
    )["application"]
    review = say(WANG, "review", application, "--recommend", "--reason", "seen")["statement_id"]
    approved = say(ZHAO, "approve", review)
    answer(
        "keys", "enrol", tmp_path / "V.request.json", "--registrar-key", office.files["88.608.1/PARK"],
        "--admission", approved["admission"], "--code", approved["code"],
    )  # fmt: skip
    document = tmp_path / "licence.pdf"
    renewed = say(WANG, "accredit", VERIFIER, "--number", "CNAS VV002", "--until", "2099-06-30", "--document", document)
    assert renewed["index"] == office.size() - 1
    tie = ("tie", VERIFIER, WORKS, "--reason", "the same owner")
    assert say(ZHAO, *tie)["index"] == office.size() - 1
    assert say(ZHAO, *tie, code=1)["rule"] == "tie.repeated"


def test_base_years_are_carried_in_by_two_persons(office, answer, tmp_path) -> None:
    request, document = tmp_path / "opening.json", tmp_path / "province.pdf"
    document.write_bytes(b"verified elsewhere")
    years = ("--base-year", "2021=40245,tiles,120000,t", "--base-year", "2020=40001")
    why = ("--document", document, "--reason", "verified by the province")
    answer("opening", "request", WORKS, *years, *why, "--out", request)
    assert answer("opening", "show", WORKS)["opening"] is None
    approvals: list[object] = []
    for person in (ZHAO, LI):
        out = tmp_path / f"{person.rpartition('/')[2]}.approval.json"
        answer("opening", "approve", request, "--key", office.files[person], "--out", out)
        approvals += ["--approval", out]
    registrar = ("--key", office.files["88.608.1/PARK"])
    altered = tmp_path / "altered.json"
    altered.write_text(request.read_text().replace("40001", "40002"))
    size = office.size()
    assert answer("opening", "submit", altered, *approvals, *registrar, code=1)["rule"] == "approval.signature"
    twice = (*approvals[:2], *approvals[:2])
    assert answer("opening", "submit", request, *twice, *registrar, code=1)["rule"] == "approval.same_person"
    assert office.size() == size
    answer("opening", "submit", request, *approvals, *registrar)
    found = answer("opening", "show", WORKS)["opening"]
    assert [(base["year"], base["tonnes"]) for base in found["base_years"]] == [(2020, 40001), (2021, 40245)]
    assert found["proved"] is False
    assert answer("opening", "submit", request, *approvals, *registrar, code=1)["rule"] == "opening.repeated"


@pytest.mark.parametrize("text", ["2020", "2020=", "2020=1.5", "=1", "2020=1,tiles", "two=1"])
def test_a_base_year_of_bad_form_is_refused(office, answer, tmp_path, text: str) -> None:
    document = tmp_path / "d"
    document.write_bytes(b"d")
    arguments = ("--document", document, "--reason", "r", "--out", tmp_path / "o")
    refused = answer("opening", "request", WORKS, "--base-year", text, *arguments, code=1)
    assert (refused["rule"], refused["value"]) == ("opening.base_year", text)

"""Being let in, through real processes and commands as typed: application, review, second approval, code, enrolment; an
accreditation, a tie that the contract is told of, base years carried in (DOMAIN 8, 24, 47)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attestation.identifiers import account_id
from ledger.chain.contracts import EMISSIONS_REGISTRY, load_artifact
from tests.e2e.conftest import Deployment
from tests.faults.chain_facts import Chain
from tests.faults.installation import TOGETHER, Installation, run_tanlu
from tests.faults.supervision import Operator

PARK, WANG, ZHAO = "88.608.1/PARK", "88.608.1/WANG", "88.608.1/ZHAO"
BUREAU, LI = "88.608.2/BUREAU", "88.608.2/LI"
GLASS, VERIFIER = "88.608.7000/GLASS", "88.608.9000/V"
DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A park with two persons who admit, a bureau with one, and rules that ask for admissions; checked offline at the
    end."""
    folder = tmp_path_factory.mktemp("admission")
    installation = Installation.make(folder / "home")
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER):
        made = Deployment(installation, users)
        made.at_once("submit", str(installation.home / "administration" / "registrar.jws"))
        made.enrol("bureau", BUREAU, "regulator", "statement", algorithm="Ed25519")
        for name, person, parent in (("wang", WANG, PARK), ("zhao", ZHAO, PARK), ("li", LI, BUREAU)):
            made.enrol(name, person, "person", "administration", "--parent", parent, algorithm="ES256K")
        # The year may end while this runs.
        this = datetime.now(UTC).year
        for year in (this, this + 1):
            require_admissions(made, year)
        yield made
    checked = run_tanlu("fsck", "--home", str(installation.home))
    assert checked["rows"]["ties"] == 1, checked


def require_admissions(deployed: Deployment, year: int) -> None:
    body, signed = deployed.path(f"rules-{year}.json"), deployed.path(f"rules-{year}.jws")
    document = {"year": year, "admission_required": True}
    policy = {"policy": "rules", "id": f"rules-{year}", "version": "1", "effective_from": "2024-01-01"}
    Path(body).write_text(json.dumps(policy | {"document": document}))
    key = ("--key", deployed.registrar_key(), *deployed.registrar())
    deployed.at_once("sign", "policy", body, *key, "--stream", "policies", "-o", signed)
    deployed.at_once("submit", signed)


def office(deployed: Deployment) -> tuple[str, ...]:
    """Who looks at applications: the registrar."""
    return ("--as", deployed.registrar_key(), *deployed.registrar())


def key(deployed: Deployment, name: str) -> tuple[str, str]:
    return "--key", deployed.path(f"{name}.key")


def apply(deployed: Deployment, name: str, identifier: str, kind: str, **members: object) -> str:
    """A new key's request and an application with it; the application's hash."""
    file, request = deployed.path(f"{name}.key"), deployed.path(f"{name}.request.json")
    options = ("--identifier", identifier, "--algorithm", "ES256K", "--purpose", "statement")
    deployed.at_once("keys", "new", *options, "-o", file)
    deployed.at_once("keys", "request", file, "--kind", kind, "-o", request)
    form, licence = deployed.path(f"{name}.form.json"), deployed.path(f"{name}.pdf")
    people = [{"name": "Zhang San 张三", "role": "legal representative"}]
    document = {"name": name, "credit_code": "91110000600037341L", "representatives": people} | members
    Path(form).write_text(json.dumps(document))
    Path(licence).write_bytes(name.encode())
    sent = deployed.tanlu("admission", "apply", form, "--request", request, "--licence", licence)
    return str(sent["application"])


def enrol(deployed: Deployment, name: str, *admission: str, code: int = 0) -> dict[str, Any]:
    office = ("--registrar-key", deployed.registrar_key(), *deployed.registrar())
    return deployed.tanlu("keys", "enrol", deployed.path(f"{name}.request.json"), *office, *admission, code=code)


def admitted(deployed: Deployment, application: str) -> tuple[str, ...]:
    """Reviewed by one person, approved by the other; the options of the enrolment."""
    advice = ("--recommend", "--reason", "licence and site seen")
    review = deployed.at_once("admission", "review", application, *advice, *key(deployed, "wang"))
    approved = deployed.at_once("admission", "approve", review["statement_id"], *key(deployed, "zhao"))
    return "--admission", str(approved["admission"]), "--code", str(approved["code"])


def refused(answer: dict[str, Any]) -> str:
    return str(answer["error"]["rule"])


@pytest.mark.chain
def test_an_enterprise_is_let_in_by_two_persons_and_its_code(deployed: Deployment) -> None:
    account = {"holder": "glass", "bank": "Bank of the Park", "number": "1"}
    application = apply(deployed, "glass", GLASS, "enterprise", bank_account=account)
    assert refused(enrol(deployed, "glass", code=1)) == "admission.required"
    listed = deployed.tanlu("admission", "list", *office(deployed))["applications"]
    assert [(each["application"], each["state"]) for each in listed] == [(application, "received")]

    advice = ("--recommend", "--reason", "licence and site seen")
    stranger = deployed.tanlu("admission", "review", application, *advice, *key(deployed, "li"), code=1)
    assert refused(stranger) == "access.role"
    review = deployed.tanlu("admission", "review", application, *advice, *key(deployed, "wang"))["statement_id"]
    own = deployed.tanlu("admission", "approve", review, *key(deployed, "wang"), code=1)
    assert refused(own) == "admission.same_person"
    approved = deployed.tanlu("admission", "approve", review, *key(deployed, "zhao"))
    again = deployed.tanlu("admission", "approve", review, *key(deployed, "zhao"), code=1)
    assert refused(again) == "admission.approved"

    admission = ("--admission", str(approved["admission"]))
    wrong = enrol(deployed, "glass", *admission, "--code", "0" * 32, code=1)
    assert refused(wrong) == "admission.code"
    done = enrol(deployed, "glass", *admission, "--code", str(approved["code"]))
    assert done["identifier"] == GLASS
    apply(deployed, "second", "88.608.7000/SECOND", "enterprise", bank_account=account | {"holder": "second"})
    twice = enrol(deployed, "second", *admission, "--code", str(approved["code"]), code=1)
    assert refused(twice) == "admission.code_used"
    shown = deployed.tanlu("admission", "show", application, *office(deployed))
    assert (shown["state"], shown["reviews"][0]["enrolled_index"]) == ("enrolled", done["index"])


@pytest.mark.chain
def test_a_tie_of_an_accredited_verifier_reaches_the_contract(deployed: Deployment) -> None:
    accreditation = {"number": "CNAS VV001", "until": "2099-12-31"}
    application = apply(deployed, "verifier", VERIFIER, "verifier", accreditation=accreditation)
    enrol(deployed, "verifier", *admitted(deployed, application))
    certificate = ("--number", "CNAS VV001", "--until", "2100-12-31", "--document", deployed.path("verifier.pdf"))
    deployed.tanlu("admission", "accredit", VERIFIER, *certificate, *key(deployed, "wang"))
    assert not tied(deployed, VERIFIER, GLASS)
    deployed.tanlu("admission", "tie", GLASS, VERIFIER, "--reason", "the same owner", *key(deployed, "zhao"))
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not tied(deployed, VERIFIER, GLASS):
        assert time.monotonic() < deadline, "the contract was not told of the tie"
        time.sleep(0.5)
    assert tied(deployed, GLASS, VERIFIER)


def tied(deployed: Deployment, a: str, b: str) -> bool:
    """What the emissions registry answers."""
    trust = deployed.installation.trust
    chain = Chain(deployed.installation.rpc_url, trust)
    data = load_artifact(EMISSIONS_REGISTRY).abi.call("tied", account_id(a), account_id(b))
    return int.from_bytes(chain.call(trust["contracts"]["emissions_registry"], data)) == 1


@pytest.mark.chain
def test_base_years_are_carried_in_once_by_two_bodies(deployed: Deployment) -> None:
    request, document = deployed.path("opening.json"), deployed.path("glass.pdf")
    why = ("--document", document, "--reason", "verified by the province")
    deployed.tanlu("opening", "request", GLASS, "--base-year", "2020=40001", *why, "-o", request)
    approvals: tuple[str, ...] = ()
    for name in ("wang", "li"):
        out = deployed.path(f"{name}.opening.json")
        deployed.tanlu("opening", "approve", request, *key(deployed, name), "-o", out)
        approvals += ("--approval", out)
    registrar = ("--key", deployed.registrar_key(), *deployed.registrar())
    deployed.tanlu("opening", "submit", request, *approvals, *registrar)
    repeated = deployed.tanlu("opening", "submit", request, *approvals, *registrar, code=1)
    assert refused(repeated) == "opening.repeated"
    own = ("--as", deployed.path("glass.key"))
    found = deployed.tanlu("opening", "show", GLASS, *own)["opening"]
    assert (found["base_years"], found["proved"]) == ([{"year": 2020, "tonnes": 40001}], False)

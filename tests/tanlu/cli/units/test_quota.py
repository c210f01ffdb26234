"""``tanlu quota``: acts of two persons and of the registrar, by command and file (DOMAIN 4, 22 to 24, 31)."""

from __future__ import annotations

import json

import pytest

from attestation.instants import parse_instant
from tanlu.errors import ServiceUnavailable

from ...conftest import ENTERPRISE, PARK
from .conftest import GLASS, LI, STEEL, WANG, YEAR, ZHAO, Register

QUOTA = f"quota-{YEAR}"
CCER = (
    *("quota", "ccer", STEEL, "--project", "CCER-2024-017", "--methodology", "CCER-01-001-V01"),
    *("--monitored-from", "2023-01-01", "--monitored-to", "2023-12-31", "--project-start", "2022-06-01"),
    *("--claimed", "2024-02-01", "--registered", "2024-03-01", "--cancelled", "2024-04-01"),
    *("--series", "CCER-2024-017-A", "--cancellation", "ZX-2024-0001"),
)


def serials(first: int, last: int) -> tuple[object, ...]:
    return ("--first-serial", first, "--last-serial", last)


def test_quota_is_issued_by_two_persons_and_the_registrar(register: Register) -> None:
    size = register.office.size()
    proposed = register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    assert (proposed["judged"], register.office.size()) == (True, size)
    done = register.submit()
    assert (done["index"], done["action"], done["operations"]) == (size, "issue", [proposed["op_id"]])
    assert register.submit(code=1)["rule"] == "operation.used"


@pytest.mark.parametrize(
    ("persons", "rule"),
    [((ZHAO,), "approval.count"), ((ZHAO, WANG), "approval.same_body")],
)
def test_one_person_or_two_of_one_body_decide_nothing(register: Register, persons: tuple[str, ...], rule: str) -> None:
    """DOMAIN 23: and what is refused takes no place in the registrar's stream."""
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    size = register.office.size()
    assert register.submit(*persons, code=1)["rule"] == rule
    assert register.office.size() == size
    assert not list(register.folder.glob("office.key.signed/*/assets/*"))


def test_the_same_person_twice_is_one_person(register: Register) -> None:
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    (_, approval) = register.approvals(ZHAO)
    words = ("quota", "submit", register.file(), "--approval", approval, "--approval", approval)
    assert register.act(*words, code=1)["rule"] == "approval.same_person"


def test_a_proposal_altered_after_its_approvals_has_none(register: Register) -> None:
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    approvals = register.approvals()
    document = json.loads(register.file().read_bytes())
    document["body"]["tonnes"] += 1
    register.file().write_text(json.dumps(document))
    refused = register.act("quota", "submit", register.file(), *approvals, code=1)
    assert refused["rule"] == "approval.signature"
    assert "differs from what was approved" in refused["expected"]
    assert "与批准时不同" in refused["message_zh"]


def test_a_key_of_no_person_approves_nothing_or_is_warned_of(register: Register, run) -> None:
    """Offline the registrar alone is known to be none; of others the kind is named as unknown."""
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    words = ("quota", "approve", register.file(), "--key")
    out = register.folder / "approval.json"
    assert register.answer(*words, register.registrar, "-o", out, code=1)["rule"] == "approval.kind"
    assert not out.exists()
    for lang, word in (("en", "if it is no person"), ("zh", "若非个人")):
        told = run(*words, register.office.files[LI], "-o", out.with_suffix(f".{lang}"), "--lang", lang).stderr
        assert f"{LI}" in told
        assert word in told


def test_who_approves_reads_what_is_signed_in_both_languages(register: Register, run) -> None:
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    for lang, lines in (
        ("en", ("issue units", f"account: {PARK}", f"vintage: {YEAR}", "tonnes: 92000")),
        ("zh", ("发放配额", f"账户：{PARK}", f"配额年份：{YEAR}", "吨数：92000")),
    ):
        out = register.folder / f"approval.{lang}"
        words = ("quota", "approve", register.file(), "--key", register.office.files[LI], "-o", out, "--lang", lang)
        shown = run(*words).stderr
        assert [line for line in lines if line not in map(str.strip, shown.splitlines())] == []
        assert "order of the park · 园区令" in shown


def test_a_person_is_shown_another_document_than_was_proposed(register: Register) -> None:
    register.propose("quota", "issue", YEAR, "--tonnes", 92_000)
    (register.folder / "order-1.pdf").write_bytes(b"another order")
    words = ("quota", "approve", register.file(), "--key", register.office.files[LI])
    more = ("--document", register.folder / "order-1.pdf", "-o", register.folder / "out")
    assert register.answer(*words, *more, code=1)["rule"] == "asset.document"
    assert not (register.folder / "out").exists()


def test_a_balance_is_carried_in_moved_frozen_released_and_cancelled(register: Register) -> None:
    """DOMAIN 22, 24: each act is judged by what the acts before it left, before anybody signs."""
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 1_000)
    assert register.propose("quota", "freeze", STEEL, "--asset", QUOTA, "--tonnes", 1_001, code=1)["rule"] == (
        "asset.balance"
    )
    frozen = register.decide("quota", "freeze", STEEL, "--asset", QUOTA, "--tonnes", 400)["op_id"]
    over = register.propose(
        "quota", "transfer", STEEL, GLASS, "--asset", QUOTA, "--tonnes", 601, "--cause", "correction", code=1
    )
    assert (over["rule"], "at most 600 t" in over["expected"]) == ("asset.balance", True)
    register.decide(
        *("quota", "transfer", STEEL, GLASS, "--asset", QUOTA, "--tonnes", 100, "--cause", "enforcement"),
        *("--freeze", frozen),
    )
    register.decide("quota", "release", frozen, "--tonnes", 50)
    register.decide("quota", "cancel", GLASS, "--asset", QUOTA, "--tonnes", 100)
    assert register.propose("quota", "release", f"0x{'ab' * 32}", "--tonnes", 1, code=1)["rule"] == "freeze.unknown"


def test_an_account_is_suspended_and_free_again(register: Register) -> None:
    assert register.propose("quota", "resume", STEEL, code=1)["rule"] == "account.state"
    register.decide("quota", "suspend", STEEL)


def test_an_emergency_freeze_is_confirmed_by_two_persons(register: Register) -> None:
    """DOMAIN 23: at once by the registrar alone, then by two persons over its own message."""
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 1_000)
    frozen = register.act(
        "quota", "freeze-at-once", STEEL, "--asset", QUOTA, "--tonnes", 300, *register.grounds()
    )["freeze"]  # fmt: skip
    assert register.act("quota", "lapse", frozen, code=1)["rule"] == "freeze.early"
    register.documents += 1
    proposed = register.answer("quota", "confirm-freeze", frozen, "-o", register.file())
    assert (proposed["op_id"], proposed["proposal"]["freeze"]["tonnes"]) == (frozen, 300)
    done = register.submit()
    assert done["action"] == "confirm-freeze"
    assert done["operations"] != [frozen]
    assert register.submit(code=1)["rule"] == "freeze.approved"


def test_an_emergency_freeze_whose_answer_was_lost_is_not_made_twice(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise ServiceUnavailable("http://127.0.0.1", "the connection was lost")

    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 1_000)
    words = ("quota", "freeze-at-once", STEEL, "--asset", QUOTA, "--tonnes", 600, *register.grounds())
    with monkeypatch.context() as patch:
        patch.setattr("tanlu.client.Client.submit", lost)
        register.act(*words, code=3)
    assert register.act(*words)["tonnes"] == 600
    assert register.act(*words, code=1)["rule"] == "asset.balance"
    assert len(list(register.folder.glob("office.key.signed/*/assets/*.jws"))) == 2


def test_what_was_not_frozen_is_not_confirmed(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    out = register.folder / "confirm.json"
    assert register.answer("quota", "confirm-freeze", "ab" * 32, "-o", out, code=1)["rule"] == "freeze.unknown"
    monkeypatch.delenv("TANLU_AS")
    assert register.answer("quota", "confirm-freeze", "ab" * 32, "-o", out, code=1)["rule"] == "asset.sign_in"
    assert not out.exists()


def test_ccer_enter_once_for_the_beneficiary(register: Register) -> None:
    """DOMAIN 4."""
    done = register.decide(*CCER, *serials(10_001, 11_948))
    assert done["action"] == "ccer"
    size = register.office.size()
    used = register.propose(*CCER[:-1], "ZX-2024-0002", *serials(11_948, 12_000), code=1)
    assert (used["rule"], used["value"]) == ("offset.serials", "11948 to 12000")
    assert register.propose(*CCER, *serials(1, 9), code=1)["rule"] == "offset.cancellation"
    assert (register.file().exists(), register.office.size()) == (False, size)


def test_serials_that_were_entered_between_proposal_and_submission_take_no_place(register: Register) -> None:
    """DOMAIN 4: two proposals of one serial, of which the first one counts."""
    register.propose(*CCER[:-1], "ZX-2024-0002", *serials(11_948, 12_000))
    late, approvals = register.file(), register.approvals()
    register.decide(*CCER, *serials(10_001, 11_948))
    places = sorted(register.folder.glob("office.key.signed/*/assets/*"))
    assert register.act("quota", "submit", late, *approvals, code=1)["rule"] == "offset.serials"
    assert sorted(register.folder.glob("office.key.signed/*/assets/*")) == places


def test_a_balance_is_carried_in_once_and_not_proposed_a_second_time(register: Register) -> None:
    """DOMAIN 24: one opening balance for each account and asset."""
    words = ("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes")
    index = register.decide(*words, 1_000)["index"]
    refused = register.propose(*words, 5, code=1)
    assert (refused["rule"], refused["value"]) == ("carry_in.repeated", f"{QUOTA} of {STEEL}, entry {index}")
    assert not register.file().exists()


def test_ccer_that_are_not_eligible_are_not_proposed(register: Register) -> None:
    """DOMAIN 4."""
    for changed, rule in (
        (("--cancelled", "2024-02-15"), "offset.days"),
        (("--project-start", "2011-01-01"), "offset.ineligible"),
        (("--claimed", "2024-13-01"), "date.format"),
        (serials(9, 8), "body.integer"),
    ):
        assert register.propose(*CCER, *serials(1, 9), *changed, code=1)["rule"] == rule


def test_what_is_owed_is_collected_when_its_time_is_over(register: Register) -> None:
    """DOMAIN 31: by the registrar alone."""
    register.owe(50, parse_instant("2098-01-01T00:00:00Z"))
    assert register.act("quota", "collect", STEEL, YEAR, code=1)["rule"] == "owed.early"
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 20)
    register.owe(50, parse_instant("2020-01-01T00:00:00Z"))
    done = register.act("quota", "collect", STEEL, YEAR)
    assert (done["account"], done["vintage"], len(done["operations"])) == (STEEL, YEAR, 1)


def test_nothing_is_collected_of_who_owes_nothing(register: Register) -> None:
    """DOMAIN 31."""
    assert register.act("quota", "collect", STEEL, YEAR, code=1)["rule"] == "owed.none"


def test_units_of_nobody_and_of_a_body_without_account_are_not_proposed(register: Register) -> None:
    """DOMAIN 8: verification and supervision hold no units."""
    words = ("--asset", QUOTA, "--tonnes", 1)
    nobody = register.propose("quota", "carry-in", "88.608.9/nobody", *words, code=1)
    assert nobody["rule"] == "account.unknown"
    assert register.propose("quota", "carry-in", LI, *words, code=1)["rule"] == "account.kind"


def test_persons_of_the_park_and_the_regulator_propose_with_the_services_word(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who proposes need not hold the registrar's key; a holder sees its own account alone."""
    words = ("quota", "cancel", GLASS, "--asset", QUOTA, "--tonnes", 1)
    for person in (WANG, LI):
        monkeypatch.setenv("TANLU_AS", str(register.office.files[person]))
        assert register.propose(*words, code=1)["rule"] == "asset.balance"
    monkeypatch.setenv("TANLU_AS", str(register.office.files[STEEL]))
    assert register.propose(*words, code=1)["rule"].startswith("access.")


def test_without_a_service_the_form_alone_is_judged(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANLU_AS")
    monkeypatch.setenv("TANLU_SERVER", "http://127.0.0.1:1")
    proposed = register.propose("quota", "cancel", ENTERPRISE, "--asset", QUOTA, "--tonnes", 7)
    assert proposed["judged"] is False
    assert register.propose("quota", "cancel", ENTERPRISE, "--asset", "gold", "--tonnes", 7, code=1)["rule"] == (
        "asset.form"
    )
    (register.folder / "there").write_text("kept")
    refused = register.answer(
        "quota", "suspend", STEEL, *register.grounds(), "-o", register.folder / "there", code=1
    )  # fmt: skip
    assert refused["rule"] == "file.exists"

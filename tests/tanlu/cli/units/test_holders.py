"""``tanlu surrender``, ``return``, ``carry-over``, ``quota retire``: the holder's word, and what of it is certain to be
refused (DOMAIN 2 to 6, 22, 31)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from attestation.bodies import SurrenderUnits
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.keys import Algorithm, PrivateKey, Purpose
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import Entry
from tanlu.cli.repeating import DAY
from tanlu.errors import ServiceUnavailable
from tanlu.keyring import write_key

from ...conftest import ORIGIN, PASSWORD
from .conftest import GLASS, STEEL, WINDOW, YEAR, Register

QUOTA = f"quota-{YEAR}"
LATER = parse_instant("2098-01-01T00:00:00Z")


@pytest.fixture
def due(register: Register) -> Register:
    """STEEL holds 700 t, has 50 t of CCER entered, and owes 600 t: its cap of CCER is 30 t."""
    register.set_terms()
    register.determine(600)
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 700)
    register.decide(
        *("quota", "ccer", STEEL, "--project", "P", "--methodology", "M", "--monitored-from", "2023-01-01"),
        *("--monitored-to", "2023-12-31", "--project-start", "2022-06-01", "--claimed", "2024-02-01"),
        *("--registered", "2024-03-01", "--cancelled", "2024-04-01", "--series", "S", "--cancellation", "Z"),
        *("--first-serial", 1, "--last-serial", 50),
    )
    return register


def kept(register: Register) -> list[Path]:
    return sorted(register.folder.glob("steel.key.signed/*/assets/*"))


def test_a_holder_surrenders_quota_and_ccer_up_to_what_is_due(due: Register) -> None:
    """DOMAIN 3: counted over all surrenders together."""
    first = due.hold("surrender", YEAR, "--tonnes", 500)
    assert (first["action"], first["asset"], first["tonnes"]) == ("surrender", QUOTA, 500)
    assert first["operations"] == [first["op_id"]]
    refused = due.hold("surrender", YEAR, "--tonnes", 101, code=1)
    assert (refused["rule"], "at most 100 t" in refused["expected"]) == ("surrender.exceeds", True)
    refused = due.hold("surrender", YEAR, "--asset", "ccer", "--tonnes", 31, code=1)
    assert (refused["rule"], "at most 30 t" in refused["expected"]) == ("surrender.offset_cap", True)
    due.hold("surrender", YEAR, "--asset", "ccer", "--tonnes", 30)
    due.hold("surrender", YEAR, "--tonnes", 70)
    assert due.hold("surrender", YEAR, "--tonnes", 1, code=1)["rule"] == "surrender.exceeds"
    assert len(kept(due)) == 3, "what is refused takes no place"


def test_what_is_certain_to_be_refused_is_not_signed(due: Register) -> None:
    """DOMAIN 3, 5, 6, 22, 31."""
    size = due.office.size()
    for words, rule in (
        (("surrender", YEAR, "--tonnes", 1, "--asset", f"quota-{YEAR + 1}"), "surrender.vintage"),
        (("surrender", YEAR, "--tonnes", 1, "--asset", "gold"), "asset.form"),
        (("surrender", YEAR, "--tonnes", 1, "--deadline", "2020-01-01T00:00:00Z"), "intent.expired"),
        (("surrender", YEAR, "--tonnes", 1, "--deadline", "tomorrow"), "instant.format"),
        (("carry-over", YEAR, "--tonnes", 1), "carry_over.window"),
        (("return", YEAR, "--tonnes", 1), "owed.exceeded"),
        (("quota", "retire", "--asset", QUOTA, "--tonnes", 701), "asset.balance"),
    ):
        assert due.hold(*words, code=1)["rule"] == rule
        assert (kept(due), due.office.size()) == ([], size)


def test_terms_on_their_way_to_the_chain_are_the_logs_to_judge_by(register: Register) -> None:
    """The service tells of none yet: a surrender that the log takes is not refused here."""
    register.decide("compliance", "terms", YEAR, *WINDOW)
    register.determine(600)
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 700)
    assert register.hold("surrender", YEAR, "--tonnes", 600)["tonnes"] == 600
    assert register.hold("surrender", YEAR, "--tonnes", 1, code=1)["rule"] == "surrender.exceeds"
    places = kept(register)
    assert register.hold("surrender", YEAR + 1, "--tonnes", 1, code=1)["rule"] == "terms.none"
    assert kept(register) == places, "what is refused takes no place"


def test_an_account_without_units_or_obligation_surrenders_nothing(due: Register) -> None:
    assert due.hold("surrender", YEAR, "--tonnes", 1, owner=GLASS, code=1)["rule"] == "obligation.none"
    assert due.hold("quota", "retire", "--asset", QUOTA, "--tonnes", 1, owner=GLASS, code=1)["rule"] == "asset.balance"


def test_a_holder_cancels_units_of_its_own_will(due: Register, run) -> None:
    """DOMAIN 22: no obligation is met by it."""
    words = ("quota", "retire", "--asset", QUOTA, "--tonnes", 40, "--key", due.office.files[STEEL], "--lang", "zh")
    shown = run(*words)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith(f"已受理，尚在途中：自愿注销 {QUOTA} 40 吨：第 ")
    assert due.hold("surrender", YEAR, "--tonnes", 600)["tonnes"] == 600
    assert due.hold("quota", "retire", "--asset", QUOTA, "--tonnes", 61, code=1)["rule"] == "asset.balance"


def test_units_are_carried_over_once_the_obligation_is_met(due: Register) -> None:
    """DOMAIN 6: 5 % of the own obligation, in the window after the deadline."""
    over = ("--surrender-deadline", "2020-01-01T00:00:00Z")
    due.hold("surrender", YEAR, "--tonnes", 600)
    due.set_terms(*WINDOW, *over)
    refused = due.hold("carry-over", YEAR, "--tonnes", 31, code=1)
    assert (refused["rule"], "at most 30 t" in refused["expected"]) == ("carry_over.exceeds", True)
    assert due.hold("carry-over", YEAR, "--tonnes", 30)["vintage"] == YEAR
    assert due.hold("carry-over", YEAR, "--tonnes", 1, code=1)["rule"] == "carry_over.exceeds"


def test_units_are_not_carried_over_while_something_is_due(due: Register) -> None:
    """DOMAIN 6."""
    due.set_terms(*WINDOW, "--surrender-deadline", "2020-01-01T00:00:00Z")
    assert due.hold("carry-over", YEAR, "--tonnes", 1, code=1)["rule"] == "carry_over.open"
    assert due.hold("surrender", YEAR, "--tonnes", 1, code=1)["rule"] == "surrender.late"


def test_what_is_owed_is_returned_and_no_more(due: Register) -> None:
    """DOMAIN 31."""
    due.owe(50, LATER)
    refused = due.hold("return", YEAR, "--tonnes", 51, code=1)
    assert (refused["rule"], "at most 50 t" in refused["expected"]) == ("owed.exceeded", True)
    assert due.hold("return", YEAR, "--tonnes", 50)["action"] == "return"
    assert due.act("quota", "collect", STEEL, YEAR, code=1)["rule"] == "owed.early"


def test_another_key_than_one_for_assets_signs_nothing(due: Register) -> None:
    for algorithm, purposes, rule in (
        (Algorithm.ED25519, Purpose.ASSET, "key.algorithm"),
        (Algorithm.ES256K, Purpose.STATEMENT, "purpose.key"),
    ):
        path = due.folder / f"{rule}.key"
        write_key(path, PrivateKey.generate(algorithm), PASSWORD, identifier=STEEL, purposes=purposes)
        assert due.answer("surrender", YEAR, "--tonnes", 1, "--key", path, code=1)["rule"] == rule


def test_a_lost_answer_is_asked_for_again_and_not_signed_anew(due: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed anew it would be another operation, and units would be surrendered twice."""

    def lost(*_: Any) -> None:
        raise ServiceUnavailable("http://127.0.0.1", "the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr("tanlu.client.Client.submit", lost)
        due.hold("surrender", YEAR, "--tonnes", 5, code=3)
    (statement,) = kept(due)
    signed = examine(statement.read_bytes().rstrip(b"\n"), ORIGIN).body
    assert isinstance(signed, SurrenderUnits)
    assert due.hold("surrender", YEAR, "--tonnes", 5)["op_id"] == signed.op_id
    refused = due.hold("surrender", YEAR, "--tonnes", 5, code=1)
    assert (refused["rule"], signed.op_id in refused["value"]) == ("surrender.on_its_way", True)
    assert due.hold("surrender", YEAR, "--tonnes", 5, "--again")["op_id"] != signed.op_id
    assert len(kept(due)) == 2


def test_an_act_on_its_way_is_not_signed_a_second_time(due: Register) -> None:
    """What came of it is not known yet: one who repeats it means the first."""
    for words, rule in (
        (("surrender", YEAR, "--tonnes", 7), "surrender.on_its_way"),
        (("surrender", YEAR, "--asset", "ccer", "--tonnes", 7), "surrender.on_its_way"),
        (("quota", "retire", "--asset", QUOTA, "--tonnes", 7), "retire.on_its_way"),
    ):
        first = due.hold(*words)
        places = len(kept(due))
        refused = due.hold(*words, code=1)
        assert (refused["rule"], f"entry {first['index']}," in refused["value"]) == (rule, True)
        assert first["op_id"] in refused["message"]
        assert f"第 {first['index']} 条记录" in refused["message_zh"]
        assert len(kept(due)) == places, "nothing was signed"
        assert due.hold(*words, "--again")["op_id"] != first["op_id"]


def test_a_return_and_a_carry_over_on_their_way_are_not_signed_a_second_time(due: Register) -> None:
    due.owe(50, LATER)
    due.hold("return", YEAR, "--tonnes", 7)
    assert due.hold("return", YEAR, "--tonnes", 7, code=1)["rule"] == "return.on_its_way"
    assert due.hold("return", YEAR, "--tonnes", 7, "--again")["tonnes"] == 7
    due.hold("surrender", YEAR, "--tonnes", 600)
    due.set_terms(*WINDOW, "--surrender-deadline", "2020-01-01T00:00:00Z")
    due.hold("carry-over", YEAR, "--tonnes", 7)
    assert due.hold("carry-over", YEAR, "--tonnes", 7, code=1)["rule"] == "carry_over.on_its_way"
    assert due.hold("carry-over", YEAR, "--tonnes", 7, "--again")["tonnes"] == 7


def test_what_was_signed_elsewhere_is_known_by_its_tonnes(due: Register) -> None:
    """Another machine keeps nothing of it: the service says how many tonnes are on their way."""
    due.hold("surrender", YEAR, "--tonnes", 7)
    shutil.rmtree(due.folder / "steel.key.signed")
    refused = due.hold("surrender", YEAR, "--tonnes", 7, code=1)
    assert (refused["rule"], refused["value"]) == ("surrender.on_its_way", "7 t")
    assert due.hold("surrender", YEAR, "--tonnes", 8)["tonnes"] == 8


def end(register: Register, index: int, state: State) -> None:
    """As if the contract had said its word on what entry ``index`` asked."""
    with register.office.database.write() as session:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.position == index)
            .values(state=state.value, block_number=5, block_hash=b"\x05" * 32)
        )


@pytest.mark.parametrize("elsewhere", [False, True], ids=["signed here", "signed elsewhere"])
def test_an_act_that_is_on_chain_is_not_signed_again_within_a_day(due: Register, elsewhere: bool) -> None:
    """A command that is repeated after a lost answer means the act that was mined meanwhile."""
    words = ("quota", "retire", "--asset", QUOTA, "--tonnes", 7)
    first = due.hold(*words)
    end(due, first["index"], State.MINED)
    if elsewhere:
        shutil.rmtree(due.folder / "steel.key.signed")
    places = len(kept(due))
    refused = due.hold(*words, code=1)
    assert refused["rule"] == "retire.repeated"
    assert refused["value"] == f"operation {first['op_id']}, entry {first['index']}, mined"
    assert f"第 {first['index']} 条记录" in refused["message_zh"]
    assert len(kept(due)) == places, "nothing was signed"
    assert due.hold("quota", "retire", "--asset", QUOTA, "--tonnes", 8)["tonnes"] == 8, "another act"
    assert due.hold(*words, "--again")["op_id"] != first["op_id"]


def test_an_act_of_the_day_before_may_be_done_again(due: Register) -> None:
    first = due.hold("surrender", YEAR, "--tonnes", 7)
    end(due, first["index"], State.MINED)
    assert due.hold("surrender", YEAR, "--tonnes", 7, code=1)["rule"] == "surrender.repeated"
    with due.office.database.write() as session:
        session.execute(
            update(Entry).where(Entry.index == first["index"]).values(accepted_at=Entry.accepted_at - DAY - 60)
        )
    assert due.hold("surrender", YEAR, "--tonnes", 7)["op_id"] != first["op_id"]


def test_an_act_that_the_contract_refused_may_be_done_again(due: Register) -> None:
    """Nothing moved."""
    first = due.hold("quota", "retire", "--asset", QUOTA, "--tonnes", 7)
    end(due, first["index"], State.REFUSED)
    assert due.hold("quota", "retire", "--asset", QUOTA, "--tonnes", 7)["op_id"] != first["op_id"]


def test_another_act_after_a_lost_answer_is_an_act_of_its_own(due: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> None:
        raise ServiceUnavailable("http://127.0.0.1", "the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr("tanlu.client.Client.submit", lost)
        due.hold("surrender", YEAR, "--tonnes", 5, code=3)
    assert due.hold("surrender", YEAR, "--tonnes", 6)["tonnes"] == 6
    assert len(kept(due)) == 2
    assert due.hold("surrender", YEAR, "--tonnes", 5)["tonnes"] == 5, "the log never took the first one"

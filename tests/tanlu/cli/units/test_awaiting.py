"""``--wait``: how an act ended on chain, as the service tells it: exit code, state, and the contract's reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import update

from attestation.identifiers import account_id
from ledger.chain.outbox import State
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from tanlu.client import Acceptance, Client

from .conftest import STEEL, YEAR, Register

QUOTA = f"quota-{YEAR}"
REASON = f"BalanceInsufficient(account=0x{account_id(STEEL).hex()}, asset={0x10000 + YEAR}, requested=7, available=3)"
Ends = Callable[..., None]


@pytest.fixture
def ends(database: Database, monkeypatch: pytest.MonkeyPatch) -> Ends:
    """Has what is logged from now on end like this, as the relayer would write it."""

    def become(**members: object) -> None:
        submit = Client.submit

        def submitted(client: Client, statement: bytes) -> Acceptance:
            accepted = submit(client, statement)
            with database.write() as session:
                session.execute(update(OutboxRow).where(OutboxRow.position == accepted.index).values(**members))
            return accepted

        monkeypatch.setattr(Client, "submit", submitted)

    return become


@pytest.fixture
def retire(register: Register, run) -> Callable[..., Result]:
    """The holder cancels 7 t, and waits."""
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 100)
    words = ("quota", "retire", "--asset", QUOTA, "--tonnes", 7, "--key", register.office.files[STEEL], "--wait", 0.2)
    return lambda *more: run(*words, *more)


@pytest.mark.parametrize(
    ("state", "until", "code"), [("mined", "mined", 0), ("final", "mined", 0), ("mined", "final", 3)]
)
def test_the_state_that_was_reached_is_told(ends: Ends, retire, state: str, until: str, code: int) -> None:
    ends(state=State(state).value, block_number=5, block_hash=b"\x05" * 32)
    result = retire("--until", until, "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (code, state)


@pytest.mark.parametrize(
    ("lang", "way", "state", "warning"),
    [
        ("en", "accepted and on its way: cancellation of 7 t", ", pending", "it would be a second cancellation"),
        ("zh", "已受理，尚在途中：自愿注销", "，待发送", "请勿重复本命令：重复即为第二次注销"),
    ],
    ids=["english", "chinese"],
)
def test_what_the_chain_has_not_answered_in_time_is_no_success(
    retire, lang: str, way: str, state: str, warning: str
) -> None:
    """Nothing is said to be done; what to ask is named, and that the command is not to be repeated."""
    result = retire("--lang", lang)
    assert result.exit_code == 3
    said, ask, last = result.stdout.rstrip().splitlines()
    assert said.startswith(way)
    assert said.endswith(state)
    assert re.search(r"tanlu operation show [0-9a-f]{64} --as \S+steel.key --wait 60$", ask)
    assert last.endswith(warning)


def test_what_is_mined_and_not_final_is_done_and_still_asked_for(ends: Ends, retire) -> None:
    ends(state=State.MINED.value, block_number=5, block_hash=b"\x05" * 32)
    said, ask, last = retire("--until", "final", "--lang", "en").stdout.rstrip().splitlines()
    assert said.startswith("7 t of quota-2018 cancelled by their holder")
    assert ask.endswith(" --wait 60 --until final")
    assert "Do not repeat" in last


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", f"holds 3 t of {QUOTA} free, 7 t were asked for"), ("zh", f"可用 {QUOTA} 为 3 吨")],
    ids=["english", "chinese"],
)
def test_a_contracts_refusal_is_told_with_its_reason(ends: Ends, retire, lang: str, words: str) -> None:
    ends(state=State.REFUSED.value, last_error=REASON)
    result = retire("--lang", lang)
    assert result.exit_code == 1
    assert "contract.BalanceInsufficient" in result.stderr
    assert words in result.stderr, result.stderr
    assert ("stays there" if lang == "en" else "已入日志并保留") in result.stderr


def test_a_refusal_is_told_to_scripts_with_the_operation(ends: Ends, retire) -> None:
    ends(state=State.REFUSED.value, last_error=REASON)
    error = json.loads(retire("--json").stdout)["error"]
    assert error["rule"] == "contract.BalanceInsufficient"
    assert len(error["op_id"]) == 64
    assert error["message"] != error["message_zh"]

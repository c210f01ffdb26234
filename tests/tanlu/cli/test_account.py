"""``tanlu account``, ``assets``, ``operation``, ``compliance show``: what is held and owed, in English and Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.chain import outbox
from ledger.chain.asset_intents import AssessIntent
from ledger.chain.rpc import BlockRef
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from tanlu.client import Client
from tanlu.keyring import write_key
from tests.read_chain import ReadChain

from ..conftest import DEPLOYMENT, ENTERPRISE, PARK, PASSWORD, KeyFile, World
from .conftest import Json, Run
from .keys.conftest import cheap_passwords  # noqa: F401 - a fixture that is used by name

pytestmark = pytest.mark.usefixtures("cheap_passwords")

YEAR, DEADLINE = 2023, 1_735_660_800
PERSON = "88.608.5288/A_PERSON_1"


@pytest.fixture
def chain(client: Client, database: Database) -> ReadChain:
    """The enterprise holds quota and CCER, of which a part is frozen, and met most of its obligation."""
    chain = ReadChain(database, DEPLOYMENT, PARK)
    chain.knows(PARK, ENTERPRISE)
    chain.issued(1_000, YEAR)
    chain.allocated(ENTERPRISE, 600, YEAR, owes=30, due_at=DEADLINE + 500)
    chain.offsets(ENTERPRISE, 40)
    chain.frozen(ENTERPRISE, 50, YEAR, lapses_at=DEADLINE + 900)
    chain.figure(ENTERPRISE, YEAR, 600)
    chain.terms(YEAR, DEADLINE)
    chain.price(YEAR, 6_001)
    chain.surrendered(ENTERPRISE, YEAR, 400)
    chain.surrendered_offsets(ENTERPRISE, YEAR, 30)
    chain.score(ENTERPRISE, YEAR, 8_713, 4)
    return chain


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_statement_in_english_chinese_and_json(answer: Json, run: Run, client: Client, chain: ReadChain) -> None:
    service = ("--server", client.base_url)
    found = answer("account", "show", ENTERPRISE, *service)
    assert found["account"] == account_id(ENTERPRISE).hex()
    assert found["holdings"][0] == {
        "asset": "quota-2023",
        "registry": 150,
        "trading": 0,
        "locked": 0,
        "frozen": 50,
        "leaving": 0,
        "arriving": 0,
    }
    english = run("account", "show", ENTERPRISE, *service, "--lang", "en").stdout
    told = lines(english)
    assert told[0] == [ENTERPRISE, f"(0x{account_id(ENTERPRISE).hex()})"]
    assert told[1][:4] == ["as", "of", "block", str(chain.number)]
    assert ["quota-2023", "150", "0", "0", "50", "0", "0"] in told
    assert ["ccer", "10", "0", "0", "0", "0", "0"] in told
    assert "cash: free CNY 0.00, trading CNY 0.00, on its way to the bank CNY 0.00; pledged 0 t" in english
    assert f"owes 30 t, before 2024-12-31T16:08:20Z, to {PARK}" in english
    (year,) = [line for line in told if line[0] == "2023"]
    # 600 t less 400 t of quota and 30 t of CCER, the cap of 5 %: 170 t at five times CNY 60.01 (DOMAIN 3, 7).
    assert " ".join(year) == ("2023 600 (rev 1) 400 30/30 +0 -0 170 2024-12-31T16:00:00Z - - 51008.50 0 87.13 A")
    chinese = run("account", "show", ENTERPRISE, *service, "--lang", "zh").stdout
    assert "2023 年配额" in chinese
    assert f"应退 30 吨，2024-12-31T16:08:20Z 前退还 {PARK}" in chinese
    assert "600（第 1 版）" in chinese


def test_movements_add_up_in_english_chinese_and_json(answer: Json, run: Run, client: Client, chain: ReadChain) -> None:
    """DOMAIN 21: of each asset opening, movements, closing."""
    words = ("account", "movements", ENTERPRISE, "--server", client.base_url)
    found = answer(*words)
    kinds = [(one["kind"], one["asset"]) for one in found["movements"]]
    assert kinds == [
        ("Allocated", "quota-2023"),
        ("OffsetEntered", "ccer"),
        ("Frozen", "quota-2023"),
        ("Surrendered", "quota-2023"),
        ("Surrendered", "ccer"),
    ]
    frozen = found["movements"][2]["block"]
    told = lines(run(*words, "--from-block", frozen, "--lang", "en").stdout)
    assert told[1][:4] == ["from", "block", str(frozen), "on;"]
    assert ["opening", "600", "0", "0"] in told
    assert [str(frozen), "Frozen", "-50", "0", "+50", "-", "3"] in told
    assert ["closing", "150", "0", "50"] in told
    chinese = run(*words, "--lang", "zh").stdout
    assert "2023 年配额 (吨)" in chinese
    assert "分配" in chinese
    assert "期末" in chinese
    late = answer(*words, "--from-block", chain.number + 1, code=1)
    assert (late["rule"], late["value"]) == ("movements.from_block", str(chain.number + 1))


def test_nothing_was_exercised_over_an_account_and_who_has_none(
    answer: Json, run: Run, client: Client, chain: ReadChain
) -> None:
    """DOMAIN 22: units that merely moved, and a freeze that no entry asked for, are no notices."""
    words = ("account", "notices", ENTERPRISE, "--server", client.base_url)
    assert answer(*words) == {"account": ENTERPRISE, "notices": []}
    assert "no notices" in run(*words).output
    assert "没有通知" in run(*words, "--lang", "zh").output
    nobody = answer("account", "notices", "88.608.404/nobody", "--server", client.base_url, code=1)
    assert nobody["rule"] == "accounts.unknown"


def test_movements_page_by_page_are_all_as_of_the_first_ones_block(client: Client, chain: ReadChain) -> None:
    whole = client.movements(ENTERPRISE)
    assert client.movements(ENTERPRISE, page=1) == whole
    (quota, ccer) = whole.assets
    assert (quota.closing.registry, quota.closing.frozen, ccer.closing.registry) == (150, 50, 10)


def test_an_earlier_block_and_one_that_was_not_read(answer: Json, client: Client, chain: ReadChain) -> None:
    service = ("--server", client.base_url)
    # After both enrolments, the issue, the run and its row.
    early = answer("account", "show", ENTERPRISE, "--block", 5, *service)
    assert (early["as_of"]["number"], early["holdings"][0]["registry"], early["years"]) == (5, 600, [])
    refused = answer("account", "show", ENTERPRISE, "--block", chain.number + 1, *service, code=1)
    assert (refused["rule"], refused["value"]) == ("accounts.block", str(chain.number + 1))
    assert refused["message_zh"] == "尚未读取到该区块。"


def test_whoever_signs_in_sees_the_account_of_their_body(
    answer: Json, client: Client, chain: ReadChain, world: World, key_file: KeyFile, tmp_path: Path
) -> None:
    service = ("--server", client.base_url)
    own = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    assert answer("account", "show", "--as", own, *service)["identifier"] == ENTERPRISE
    key = PrivateKey.generate(Algorithm.ED25519)
    client.enrol(world.key(PERSON, Kind.PERSON, key, Purpose.STATEMENT, parent=ENTERPRISE))
    person = tmp_path / "person.key"
    write_key(person, key, PASSWORD, identifier=PERSON, purposes=Purpose.STATEMENT)
    assert answer("account", "show", "--as", person, *service)["identifier"] == ENTERPRISE
    refused = answer("account", "show", PARK, "--as", own, *service, code=1)
    assert refused["rule"] == "access.not_yours"
    assert answer("account", "list", "--as", own, *service, code=1)["rule"] == "access.role"


def test_the_park_lists_accounts(answer: Json, run: Run, client: Client, chain: ReadChain) -> None:
    service = ("--server", client.base_url)
    chain.suspended(ENTERPRISE)
    found = answer("account", "list", *service)["accounts"]
    assert [one["identifier"] for one in found] == [PARK, ENTERPRISE]
    english = run("account", "list", *service, "--lang", "en").stdout.splitlines()
    assert english[0] == f"{PARK}: quota-2023 400 t"
    assert english[1].startswith(f"{ENTERPRISE}: quota-2023 200 t, ccer 10 t; suspended since ")
    assert english[1].endswith("; owes 30 t")
    chinese = run("account", "list", *service, "--lang", "zh").stdout
    assert "2023 年配额 400 t" in chinese
    assert "起暂停" in chinese


def test_supplies_need_no_sign_in_and_add_up(
    answer: Json, run: Run, client: Client, chain: ReadChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 3."""
    monkeypatch.delenv("TANLU_AS")
    service = ("--server", client.base_url)
    quota, ccer = answer("assets", "show", *service)["assets"]
    assert quota["issued"] == quota["registry"] + quota["frozen"] + quota["surrendered"] == 1_000
    assert ccer["surrendered"] == 30
    told = lines(run("assets", "show", *service, "--lang", "en").stdout)
    assert ["quota-2023", "1000", "=", "550", "0", "50", "400", "0", "2"] in told
    assert "2023 年配额" in run("assets", "show", *service, "--lang", "zh").stdout
    assert answer("assets", "show", "--block", 2, *service)["assets"] == []
    assert "nothing was issued" in run("assets", "show", "--block", 2, *service, "--lang", "en").stdout


def test_a_year_of_one_and_of_all(answer: Json, run: Run, client: Client, chain: ReadChain) -> None:
    service = ("--server", client.base_url)
    assert answer("compliance", "show", YEAR, ENTERPRISE, *service)["position"]["due"] == 170
    assert [one["enterprise"] for one in answer("compliance", "show", YEAR, *service)["positions"]] == [ENTERPRISE]
    english = run("compliance", "show", YEAR, ENTERPRISE, *service, "--lang", "en").stdout
    assert "surrender before 2024-12-31T16:00:00Z" in english
    assert "CCER up to 5 %; carry-over 5 % and 150 % of net sales; charge 5 times the price" in english
    assert "reference price CNY 60.01 a tonne" in english
    chinese = run("compliance", "show", YEAR, *service, "--lang", "zh").stdout
    assert "清缴须早于 2024-12-31T16:00:00Z" in chinese
    assert "参考价格：每吨 60.01 元" in chinese
    nothing = run("compliance", "show", 2030, *service, "--lang", "en").stdout
    assert "no terms yet" in nothing
    assert "no emissions are registered" in nothing


def test_an_operation_and_how_it_ended_by_exit_code(
    answer: Json, run: Run, client: Client, chain: ReadChain, database: Database
) -> None:
    service = ("--server", client.base_url)
    entry = client.entry(1)
    intent = AssessIntent(bytes.fromhex(entry.leaf_hash), 1, account_id(ENTERPRISE), YEAR)
    op_id = intent.operation_id(DEPLOYMENT)
    with database.write() as session:
        outbox.enqueue_asset(session, DEPLOYMENT, intent, now=1_700_000_000)
    waits = answer("operation", "show", f"0x{op_id.hex().upper()}", *service)
    assert (waits["state"], waits["index"], waits["kind"]) == ("pending", 1, "assess")
    assert answer_code(run, "operation", "show", op_id.hex(), "--wait", "0.1", *service) == 3
    reason = f"AssessmentEarly(account=0x{account_id(ENTERPRISE).hex()}, year={YEAR}, from={DEADLINE}, nowAt=1)"
    with database.write() as session:
        row = session.query(OutboxRow).filter_by(op_id=op_id).one()
        block = BlockRef(chain.number, bytes(32))
        assert outbox.doubt(session, row.id, reason, block, block, now=1_700_000_001)
    shown = run("operation", "show", op_id.hex(), *service, "--lang", "en")
    assert shown.exit_code == 0
    assert f"assess 0x{op_id.hex()}: refused, entry 1" in shown.stdout
    assert "can surrender for 2023 until before 2024-12-31T16:00:00Z" in shown.stdout
    assert "[contract.AssessmentEarly]" in shown.stdout
    refused = answer("operation", "show", op_id.hex(), "--wait", 5, *service, code=1)
    assert (refused["rule"], refused["op_id"]) == ("contract.AssessmentEarly", op_id.hex())
    assert "仍可清缴" in run("operation", "show", op_id.hex(), *service, "--lang", "zh").stdout


def answer_code(run: Run, *words: object) -> int:
    return run(*words).exit_code


def test_what_is_no_operation_is_a_mistake_of_usage(run: Run, client: Client) -> None:
    for text in ("3c", "zz" * 32, "3c" * 33):
        result = run("operation", "show", text, "--server", client.base_url)
        assert result.exit_code == 2, text
    unknown = run("operation", "show", "00" * 32, "--server", client.base_url, "--lang", "en")
    assert (unknown.exit_code, "operations.unknown" in unknown.stderr) == (1, True)


def test_where_no_chain_was_read_nothing_is_held(run: Run, client: Client) -> None:
    told = run("account", "show", ENTERPRISE, "--server", client.base_url, "--lang", "en").stdout
    assert "no chain was read" in told
    assert "it holds nothing" in told
    assert "未读取任何链" in run("assets", "show", "--server", client.base_url, "--lang", "zh").stdout

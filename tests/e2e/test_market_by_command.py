"""Trading days by commands, through real processes and a real chain, as docs/market.md has it: its blocks are run word
for word (DOMAIN 12 to 17, 21 to 23)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ganache.npm import find_node
from tanlu.keyring import open_key
from tests.e2e import forked
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_case_by_command import AtOnce
from tests.faults.installation import TOGETHER, Installation
from tests.faults.supervision import Operator

pytestmark = [pytest.mark.chain, pytest.mark.long, pytest.mark.timeout(900)]

CLIENT = Path(__file__).parents[1] / "second_implementation" / "trade.mjs"
PAGE = Path(__file__).parents[2] / "docs" / "market.md"
BUYER, SELLER, PARK, BUREAU = "88.608.5288/A", "88.608.5288/B", "88.608.1/PARK", "88.608.2/BUREAU"
BLOCK_SECONDS = 600.0


def blocks() -> list[str]:
    section = PAGE.read_text("utf-8").partition("## 6. By command")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A deployment, and the folder in which the page's commands are typed."""

    deployed: AtOnce

    def run(self, script: str) -> str:
        """A block of the page; stops at the first failure."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("TANLU_")} | {
            "TANLU_SERVER": self.deployed.installation.url,
            "TANLU_TRUST": str(self.deployed.installation.trust_file),
            "TANLU_KEY_PASSWORD": PASSWORD,
            "PATH": f"{forked.folder()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.deployed.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        kept = (self.deployed.folder / name for name in ("offer.json", "withdrawal.json", "lot.json", "auction.json"))
        answers = "\n".join(path.read_text("utf-8") for path in kept if path.exists())
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}\n{answers}"
        return done.stdout + done.stderr

    def asked(self, *words: str) -> dict[str, Any]:
        return self.deployed.tanlu(*words)

    def key(self, name: str) -> str:
        return self.deployed.path(f"{name}.key")


def enrol_trader(made: AtOnce, name: str, identifier: str) -> None:
    """An enterprise whose first key brings another one for units: no one else can."""
    key, request = made.path(f"{name}.key"), made.path(f"{name}.request.json")
    both = ("--purpose", "statement", "--purpose", "administration")
    made.tanlu("keys", "new", "--identifier", identifier, "--algorithm", "ES256K", *both, "-o", key)
    made.tanlu("keys", "request", key, "--kind", "enterprise", "-o", request)
    made.tanlu("keys", "enrol", request, "--registrar-key", made.registrar_key(), *made.registrar())
    asset = made.path(f"{name}.asset.key")
    made.tanlu("keys", "add", "--key", key, "--algorithm", "ES256K", "--purpose", "asset", "--out", asset)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """Two enterprises with keys for units, and two persons of two bodies."""
    folder = tmp_path_factory.mktemp("market")
    installation = Installation.make(folder / "home")
    users = folder / "users"
    users.mkdir()
    with Operator(installation, folder / "output", TOGETHER):
        made = AtOnce(installation, users)
        made.tanlu("submit", str(installation.home / "administration" / "registrar.jws"))
        made.enrol("bureau", BUREAU, "regulator", "statement", algorithm="Ed25519")
        for name, parent in (("wang", PARK), ("li", BUREAU)):
            person = f"{parent.rpartition('/')[0]}/{name.upper()}"
            made.enrol(name, person, "person", "administration", "--parent", parent, algorithm="ES256K")
        enrol_trader(made, "a", BUYER)
        enrol_trader(made, "b", SELLER)
        office = installation.home / "administration"
        for name in ("registrar.pem", "registrar.pem.pub.json"):
            shutil.copy(office / name, users / name)
        shutil.copy(office / "password", users / "registrar.password")
        yield Typed(made)


def test_a_day_trades_by_command(typed: Typed) -> None:
    decide, terms, money, moving, opening, trading, refused, closing, leaving, *_ = blocks()
    for script in (decide, terms, money, moving):
        typed.run(script)
    assert "54.00-66.00" in typed.run(opening)
    traded = typed.run(trading)
    assert "filled 700 t at CNY 62.50: settled" in traded, "waited for"
    assert "market.band" in typed.run(refused)

    # One variable of a block is used in the next: the page is one shell.
    order = re.search(r"filled 700 t.*", traded)
    assert order is not None
    offer = typed.asked("market", "orders", "--as", typed.key("b.asset"))["orders"][0]["order"]
    told = typed.run(f"order={offer}\n{closing}")
    assert "62.50" in told
    assert "no differences" in told
    (root,) = re.findall(r"^([0-9a-f]{64})  session.json$", told, re.MULTILINE)
    assert f"root {root}" in told
    (day,) = typed.asked("market", "show", "--as", typed.key("a.asset"))["assets"]
    assert (day["day"]["status"], day["day"]["close_fen"]) == ("closed", 6_250)

    left = typed.run(leaving)
    assert "1250.00" in left
    for part in ("payee: 88.608.5288/B", "amount: CNY 43750.00", "they agree"):
        assert part in left
    differs = typed.run(
        "tanlu --json cash reconcile 20251103 --bank-balance 1.00 --key registrar.pem --password-file "
        "registrar.password --wait 120 || test $? = 5"
    )
    assert json.loads(differs.splitlines()[0])["ledger_fen"] == 625_000
    typed.run(
        "tanlu cash reconcile 20251103 --bank-balance 6250.00 --key registrar.pem --password-file registrar.password "
        "--wait 120"
    )
    cash = typed.asked("cash", "show", "--as", typed.key("b.asset"))
    assert (cash["free_fen"], cash["trading_fen"], cash["withdrawing_fen"]) == (0, 0, 0)


def test_an_auction_by_command_from_the_reserve_to_what_is_forfeited(typed: Typed) -> None:
    """DOMAIN 14, on the day after the one above. The page's last two blocks are one: the lot that is moved in is
    announced, bid for, cleared."""
    sold = typed.run("\n".join(blocks()[-2:]))
    for part in ("auction.floor", "233 t sold at CNY 61.80", "267 t unsold", "30.25", "Recorded, not taken"):
        assert part in sold


def test_a_client_in_another_language_takes_an_offer_and_verifies_its_settlement_from_the_chain(typed: Typed) -> None:
    """On the day after those above: ethers signs the order and the sign-in, and reads the node alone afterwards."""
    office = ("--key", "registrar.pem", "--password-file", "registrar.password", "--wait", "120")
    window = "2025-11-05T09:30:00+08:00/2098-01-01T00:00:00+08:00"
    typed.run(f"tanlu market open quota-2025 20251105 --window {window} {' '.join(office)}")
    typed.run("tanlu quota move --asset quota-2025 --tonnes 20 --in --key b.asset.key --wait 120")
    offer = typed.asked(
        *("market", "sell", "quota-2025", "--tonnes", "20", "--price", "62.50"), *("--key", typed.key("b.asset"))
    )["order"]

    secret = open_key(Path(typed.key("a.asset")), PASSWORD).private.raw
    told = {
        "server": typed.deployed.installation.url,
        "trust": typed.deployed.installation.trust_file,
        "rpc": typed.deployed.installation.rpc_url,
        "identifier": BUYER,
        "secret": f"0x{secret.hex()}",
        "order": offer,
        "tonnes": 20,
    }
    words = [word for name, value in told.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [str(find_node()), str(CLIENT), *words], capture_output=True, text=True, timeout=BLOCK_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    traded = json.loads(done.stdout)
    settled = traded["settled"]
    assert (settled["tonnes"], settled["price_fen"]) == (20, 6_250)
    # 933 t of the two days before and these: bought within the last five trading days, so nothing is for sale yet.
    assert (settled["trading"], settled["locked"]) == (953, 953)
    shown = typed.asked("market", "orders", "--as", typed.key("a.asset"))["orders"][0]
    assert (shown["order"], shown["status"], shown["index"]) == (traded["hash"], "filled", traded["index"])

"""`tanlu init`: a deployment on disk that is whole, binds together, and never writes over anything."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from attestation.encoding import b64url_decode
from attestation.errors import AttestationError
from attestation.keyfiles import decrypt
from attestation.keys import Algorithm
from attestation.verification import check_signature, examine
from ledger.chain.deploy_plan import created_address
from ledger.errors import LedgerError
from ledger.trust import parse
from tanlu.errors import InputRefused
from tanlu.installation import Choices, Installation, create

LOCAL = Choices(
    name="park.example",
    park="88.608.1/PARK",
    chain_id=31337,
    rpc_url="http://127.0.0.1:8545",
    development=True,
    finality="anvil-state:node/final.json",
)


def _password(folder: Path) -> str:
    return (folder / "password").read_text().strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return create(tmp_path_factory.mktemp("init") / "home", LOCAL)


def test_the_deployment_id_is_random_and_binds_the_logs_origin(made: Installation, tmp_path: Path) -> None:
    other = create(tmp_path / "other", LOCAL)
    assert len(made.deployment_id) == 32
    assert other.deployment_id != made.deployment_id
    assert made.origin == f"park.example/log/{made.deployment_id.hex()}"


def test_the_trust_file_is_complete_before_anything_runs(made: Installation) -> None:
    """The contracts' addresses follow from the deployer's address and its first nonces."""
    trust = parse(made.trust_file.read_bytes())
    assert trust == made.trust
    keys = made.home / "keys"
    deployer = decrypt((keys / "deployer.json").read_bytes(), _password(keys)).public.evm_address
    assert deployer is not None
    assert trust.identifier_registry == created_address(deployer, 1)
    assert trust.evidence_log == created_address(deployer, 2)
    assert trust.emissions_registry == created_address(deployer, 3)
    assert trust.carbon_ledger == created_address(deployer, 4)
    assert trust.compliance == created_address(deployer, 5)
    assert trust.credit_scores == created_address(deployer, 6)
    assert trust.exchange == created_address(deployer, 7)
    cosigner = decrypt((keys / "cosigner.json").read_bytes(), _password(keys)).public.evm_address
    witness = made.home / "witness"
    second = decrypt((witness / "cosigner.json").read_bytes(), _password(witness)).public.evm_address
    assert set(trust.cosigners) == {cosigner, second}
    assert trust.cosigner_threshold == 2
    log_key = decrypt((keys / "log.pem").read_bytes(), _password(keys))
    assert (log_key.algorithm, log_key.public.raw) == (Algorithm.ED25519, trust.log_key.material)


def test_no_two_keys_and_no_two_passwords_are_the_same(made: Installation) -> None:
    secrets = set()
    files = [path for path in made.home.rglob("*") if path.suffix == ".pem" or path.name.endswith("er.json")]
    keys = [path for path in files if path.name != "witness.json"]
    assert len(keys) == 9
    for path in keys:
        secrets.add(decrypt(path.read_bytes(), _password(path.parent)).raw)
    assert len(secrets) == 9
    folders = {path.parent for path in keys}
    assert len({_password(folder) for folder in folders}) == len(folders) == 4


def test_secrets_are_readable_by_their_holder_only(made: Installation) -> None:
    secret = [path for path in made.home.rglob("*") if path.name == "password" or path.suffix == ".pem"]
    secret += made.home.rglob("*er.json")
    for path in secret:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path


def test_the_services_settings_do_not_know_the_registrars_folder(made: Installation) -> None:
    assert "administration" not in (made.home / "config.env").read_text()
    assert "administration" not in (made.home / "plan.json").read_text()


def test_the_first_entry_is_the_registrars_own_key_signed_by_itself(made: Installation) -> None:
    statement = examine(made.first_entry.read_bytes(), made.origin)
    assert (statement.type, statement.iss, statement.seq) == ("key", "88.608.1/PARK", 1)
    check_signature(statement, made.trust.registrar)


def test_plan_and_trust_file_name_the_same_deployment(made: Installation) -> None:
    plan = json.loads((made.home / "plan.json").read_text())
    assert plan["deployment_id"] == made.deployment_id.hex()
    assert [bytes.fromhex(text[2:]) for text in plan["cosigners"]] == list(made.trust.cosigners)
    assert len({approver["body"] for approver in plan["approvers"]}) == 2


def test_a_home_in_use_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "mine").write_text("keep")
    with pytest.raises(InputRefused) as refusal:
        create(home, LOCAL)
    assert refusal.value.rule == "init.home"
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "mine"]


@pytest.mark.parametrize("change", [{"park": "no identifier"}, {"name": "name with spaces"}, {"chain_id": 0}])
def test_what_cannot_be_is_refused_and_leaves_nothing_behind(tmp_path: Path, change: dict[str, object]) -> None:
    values = {name: getattr(LOCAL, name) for name in LOCAL.__dataclass_fields__} | change
    with pytest.raises((AttestationError, LedgerError)):
        create(tmp_path / "home", Choices(**values))
    assert not list(tmp_path.iterdir())


def test_an_empty_directory_is_used(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert create(home, LOCAL).trust_file.exists()


def test_the_registrars_card_is_the_trust_files_root(made: Installation) -> None:
    card = json.loads((made.home / "administration" / "registrar.pem.pub.json").read_text())
    assert b64url_decode(card["jwk"]["x"]) == made.trust.registrar.raw

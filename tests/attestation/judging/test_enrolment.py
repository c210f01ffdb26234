from __future__ import annotations

import itertools

import msgspec
import pytest

from attestation.errors import PurposeRefused
from attestation.identifiers import account_id
from attestation.judging.enrolment import PARENT_REQUIRED, PARENTS_BY_KIND
from attestation.judging.newcomers import PURPOSES_BY_KIND
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import EnrolKey, Jwk, build, key_body, possession_proof, prove_key
from attestation.typed_data import Domain, sign_key_possession

NEW = PrivateKey(Algorithm.ED25519, (501).to_bytes(32))
NEW_K = PrivateKey(Algorithm.ES256K, (502).to_bytes(32))
DOMAIN = Domain(31337, b"\x11" * 20, b"\x5a" * 32)
METER_2 = "88.608.5288/meter-2"


def change(body: EnrolKey, path: str, value: object) -> EnrolKey:
    """The body with one member, named by its dotted path, replaced."""
    head, _, rest = path.partition(".")
    inner = change(getattr(body, head), rest, value) if rest else value
    return msgspec.structs.replace(body, **{head: inner})


@pytest.fixture
def meter_2(world, park) -> EnrolKey:
    return park.key_body(METER_2, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS, key=NEW)


def test_the_registrars_own_key_is_entry_0(world) -> None:
    park = world.Park()
    verdict = park.enrol(world.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
    assert verdict.key.key == park.log.registrar
    record = park.log.key(world.PARK, park.log.registrar.kid_name)
    assert record.activated_index == 0


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_root_may_be_of_either_algorithm(world, algorithm: Algorithm) -> None:
    park = world.Park(algorithm=algorithm)
    park.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    assert len(park.log.entries) == 1


def test_entry_0_enrols_nothing_but_the_root_key(world) -> None:
    park = world.Park()
    wrong = [
        park.key_body(world.PARK, Kind.PARK, Purpose.ADMINISTRATION, key=NEW),
        park.key_body("88.608.100/other", Kind.PARK, Purpose.ADMINISTRATION, key=park.keys[world.PARK]),
        park.key_body(world.PARK, Kind.PARK, Purpose.STATEMENT, key=park.keys[world.PARK]),
        park.key_body(world.PARK, Kind.REGULATOR, Purpose.ADMINISTRATION, key=park.keys[world.PARK]),
    ]
    for body in wrong:
        with world.refused("enrolment.first", 11):
            park.accept_key(body)
    assert park.log.entries == []


def test_the_registrar_enrols_an_identifier_once(world, park) -> None:
    """Law 7: the root key says who a new identifier is; nobody but its own keys brings it another one."""
    again = park.key_body(world.WORKS, Kind.ENTERPRISE, Purpose.ASSET, parent=world.PARK, key=NEW)
    with world.refused("enrolment.known", 11, world.WORKS):
        park.accept_key(again)
    for changed in (change(again, "subject.parent", None), change(again, "subject.group", "holding")):
        with world.refused("enrolment.known", 11, "entry 1"):
            park.accept_key(changed)


def test_one_key_is_enrolled_once(world, park) -> None:
    again = park.key_body(world.METER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    with world.refused("enrolment.known", 11, world.METER):
        park.accept_key(again)
    other = park.key_body(METER_2, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS, key=park.keys[world.METER])
    with world.refused("key.repeated", 11, park.keys[world.METER].public.kid_name) as caught:
        park.accept_key(other)
    assert world.METER in caught.value.message


def test_a_devices_parent_is_an_enrolled_enterprise_or_park(world, park) -> None:
    def body(parent: str | None) -> EnrolKey:
        return park.key_body(METER_2, Kind.DEVICE, Purpose.DEVICE, parent=parent, key=NEW)

    with world.refused("subject.parent", 9, "no parent"):
        park.accept_key(body(None))
    with world.refused("subject.parent", 9, METER_2):
        park.accept_key(body(METER_2))
    with world.refused("subject.parent_unknown", 11, "88.608.9/nobody"):
        park.accept_key(body("88.608.9/nobody"))
    with world.refused("subject.parent_kind", 11, "device"):
        park.accept_key(body(world.METER))
    park.accept_key(body(world.PARK))


@pytest.mark.parametrize("kind", list(Kind))
def test_purposes_are_those_that_the_kind_may_have(world, kind: Kind) -> None:
    for names in itertools.chain.from_iterable(itertools.combinations(Purpose, n) for n in range(1, 5)):
        park = world.Park.with_meter()
        purposes = Purpose(sum(names))
        parent = world.WORKS if kind in PARENT_REQUIRED else None
        body = park.key_body("88.608.77/new", kind, purposes, parent=parent, key=NEW)
        if purposes & ~PURPOSES_BY_KIND[kind]:
            with world.refused("purposes.kind", 9):
                park.accept_key(body)
        else:
            park.accept_key(body)


def test_devices_hold_device_keys_only_and_nobody_else_does() -> None:
    assert PURPOSES_BY_KIND[Kind.DEVICE] == Purpose.DEVICE
    assert all(Purpose.DEVICE not in purposes for kind, purposes in PURPOSES_BY_KIND.items() if kind is not Kind.DEVICE)


def test_domain_8_verifiers_and_regulators_hold_no_assets_and_a_park_sells_its_reserve() -> None:
    """DOMAIN 8, 14: what a park's asset key may sign is lots of the reserve, which judging of orders sees to."""
    for kind in (Kind.VERIFIER, Kind.REGULATOR):
        assert Purpose.ASSET not in PURPOSES_BY_KIND[kind]
    assert Purpose.ASSET in PURPOSES_BY_KIND[Kind.PARK]


def test_every_kind_has_its_row_in_both_tables() -> None:
    assert set(PURPOSES_BY_KIND) == set(PARENTS_BY_KIND) == set(Kind)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("subject.identifier", "meter", "identifier.form"),
        ("subject.identifier", "88.608.5288/a#b", "identifier.characters"),
        ("subject.kind", "meter", "body.choice"),
        ("subject.parent", "works", "identifier.form"),
        ("subject.group", "", "body.name"),
        ("key.purposes", ("trade",), "purposes.unknown"),
        ("key.purposes", (), "purposes.order"),
        ("key.purposes", ("device", "device"), "purposes.order"),
        ("key.jwk", Jwk(kty="EC", crv="P-384", x="", y=""), "key.curve"),
        ("key.jwk", Jwk(kty="OKP", crv="Ed25519", x="AA", y="AA"), "key.members"),
        ("key.jwk", Jwk(kty="OKP", crv="Ed25519", x="AA"), "key.length"),
        ("key.jwk", Jwk(kty="OKP", crv="Ed25519", x="A"), "base64url.length"),
        ("key.jwk", Jwk(kty="OKP", crv="Ed25519", x="A" * 43), "key.point"),
        ("possession_evm", "0x00", "hex.format"),
        ("possession_evm", "AB" * 64, "hex.format"),
    ],
)
def test_other_bodies_are_refused_at_step_9(
    world, park, meter_2: EnrolKey, path: str, value: object, rule: str
) -> None:
    with world.refused(rule, 9):
        park.accept_key(change(meter_2, path, value))


def test_possession_is_proved_by_the_new_key_itself(world, park, meter_2: EnrolKey) -> None:
    def proof(**changed: object) -> str:
        said = {
            "log": world.ORIGIN,
            "identifier": METER_2,
            "purposes": Purpose.DEVICE,
            "iat": world.NOW,
            "key": NEW,
        }
        return possession_proof(**(said | changed))

    header, payload, signature = meter_2.possession.split(".")
    other = proof(key=PrivateKey(Algorithm.ED25519, (7).to_bytes(32)))
    future = park.log.now + 301
    entry = build("key", log=world.ORIGIN, iss=METER_2, key=NEW, iat=1, stream="s", seq=1, body=meter_2).decode()
    cases = [
        ("possession.form", "", "entry.size"),
        ("possession.form", "x.y", "entry.parts"),
        ("possession.form", "碳", "entry.parts"),
        ("possession.form", f"{header}.{payload}.", "entry.parts"),
        ("possession.form", f"{header}.{payload}.{signature}=", "base64url.padding"),
        ("possession.form", entry, "tanlu-key+jws"),
        ("possession.kid", other, other.split(".")[0][:0] + "Ed25519"),
        ("possession.kid", proof(identifier=world.METER), world.METER),
        ("possession.signature", f"{header}.{payload}.{other.split('.')[2]}", "signature.invalid"),
        ("possession.content", proof(log="other.example/log/" + "5a" * 32), "other.example"),
        ("possession.content", proof(purposes=Purpose.ASSET), "asset"),
        ("possession.content", proof(purposes=Purpose.DEVICE | Purpose.STATEMENT), "statement"),
        ("possession.content", proof(iat=-1), "-1"),
        ("possession.iat", proof(iat=future), str(future)),
    ]
    for rule, possession, value in cases:
        with world.refused(rule, 12, value):
            park.accept_key(change(meter_2, "possession", possession))
    park.accept_key(change(meter_2, "possession", proof(iat=future - 1)))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"v": 2}, "possession.content"),
        ({"v": True}, "possession.content"),
        ({"type": "key"}, "possession.content"),
        ({"identifier": "88.608.5288/meter-1"}, "possession.content"),
        ({"purposes": "device"}, "possession.content"),
        ({"iat": "1"}, "possession.content"),
        ({"iat": True}, "possession.content"),
        ({"more": 1}, "possession.content"),
        ({"log": ...}, "possession.content"),
        ({"iat": 1.5}, "possession.form"),
    ],
)
def test_what_the_proof_says_is_compared_member_by_member(world, park, meter_2: EnrolKey, changed, rule: str) -> None:
    said = {
        "v": 1,
        "type": "possession",
        "log": world.ORIGIN,
        "identifier": METER_2,
        "purposes": ["device"],
        "iat": world.NOW,
    }
    payload = {k: v for k, v in (said | changed).items() if v is not ...}
    proof = world.forge(world.header_of(METER_2, NEW, "possession"), payload, NEW).decode()
    with world.refused(rule, 12):
        park.accept_key(change(meter_2, "possession", proof))


@pytest.fixture
def registered(world):
    """A park whose log knows an identifier registry contract."""
    park = world.Park(domain=DOMAIN)
    park.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    return park


def works_key(world, key: PrivateKey, domain: Domain | None) -> EnrolKey:
    return prove_key(
        log=world.ORIGIN,
        identifier=world.WORKS,
        kind=Kind.ENTERPRISE,
        key=key,
        purposes=Purpose.STATEMENT | Purpose.ASSET,
        iat=world.NOW,
        parent=world.PARK,
        domain=domain,
    )


def test_an_es256k_key_also_proves_possession_to_the_registry(world, registered) -> None:
    with world.refused("possession.evm_missing", 12):
        registered.accept_key(works_key(world, NEW_K, None))
    registered.accept_key(works_key(world, NEW_K, DOMAIN))


def test_a_proof_for_another_registry_account_key_or_purpose_is_refused(world, registered) -> None:
    good = works_key(world, NEW_K, DOMAIN)
    account, purposes = account_id(world.WORKS), Purpose.STATEMENT | Purpose.ASSET
    other_chain = Domain(1337, DOMAIN.verifying_contract, DOMAIN.salt)
    other_contract = Domain(DOMAIN.chain_id, b"\x12" * 20, DOMAIN.salt)
    other_deployment = Domain(DOMAIN.chain_id, DOMAIN.verifying_contract, b"\x5b" * 32)
    other_key = PrivateKey(Algorithm.ES256K, (503).to_bytes(32))
    wrong = [
        *(sign_key_possession(d, account, NEW_K, purposes) for d in (other_chain, other_contract, other_deployment)),
        sign_key_possession(DOMAIN, account_id(world.METER), NEW_K, purposes),
        sign_key_possession(DOMAIN, account, other_key, purposes),
        sign_key_possession(DOMAIN, account, NEW_K, Purpose.STATEMENT),
        b"\xff" * 64,
        bytes(64),
    ]
    for signature in wrong:
        with world.refused("possession.evm_signature", 12):
            registered.accept_key(change(good, "possession_evm", "0x" + signature.hex()))
    registered.accept_key(good)


def test_a_registry_proof_that_nothing_can_check_is_refused(world, registered) -> None:
    unregistered = world.Park()
    unregistered.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    with world.refused("possession.evm_unexpected", 12):
        unregistered.accept_key(works_key(world, NEW_K, DOMAIN))
    ed25519 = change(works_key(world, NEW, DOMAIN), "possession_evm", "0x" + "11" * 64)
    with world.refused("possession.evm_unexpected", 12):
        registered.accept_key(ed25519)
    registered.accept_key(works_key(world, NEW, DOMAIN))


def test_the_registrar_builds_the_body_from_what_the_holder_hands_over(world, park, meter_2: EnrolKey) -> None:
    body = key_body(
        identifier=METER_2,
        kind=Kind.DEVICE,
        key=NEW.public,
        purposes=Purpose.DEVICE,
        possession=meter_2.possession,
        parent=world.WORKS,
    )
    assert body == meter_2
    park.accept_key(body)


def test_a_key_statement_may_open_a_gap_like_any_other(park, meter_2: EnrolKey) -> None:
    assert park.log.accept(park.sign_key(meter_2, seq=6)).opens_gap == (4, 5)


def test_a_second_key_of_the_registrar_enrols_nobody(world, park) -> None:
    """A receipt's trust ends on the root key: what another key enrolled could never be proved."""
    second = world.seeded(Algorithm.ED25519, 77)
    park.add(world.PARK, second, Purpose.ADMINISTRATION)
    body = park.key_body("88.608.7/works", Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    with pytest.raises(PurposeRefused) as caught:
        park.log.accept(park.sign_key(body, key=second))
    assert (caught.value.step, caught.value.rule) == (8, "purpose.root")
    park.accept_key(body)

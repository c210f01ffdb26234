from __future__ import annotations

import msgspec
import pytest

from attestation.identifiers import account_id
from attestation.judging.positions import MAX_DEPTH
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import CompromiseKey, RevokeKey, prove_addition, prove_rotation
from attestation.typed_data import Domain, key_consent_digest, sign_compact_digest

DOMAIN = Domain(31337, b"\x11" * 20, b"\x5a" * 32)
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION
OTHER = "88.608.7/other"


def key(seed: int, algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
    return PrivateKey(algorithm, seed.to_bytes(32))


def chain_key(seed: int) -> PrivateKey:
    return key(seed, Algorithm.ES256K)


@pytest.fixture
def works(world):
    """A park whose enterprise administers its own keys, and its meter."""
    park = world.Park()
    park.enrol(world.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
    park.enrol(world.WORKS, Kind.ENTERPRISE, BOTH, parent=world.PARK)
    park.enrol(world.METER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    park.enrol(OTHER, Kind.ENTERPRISE, BOTH, parent=world.PARK)
    return park


# --- add ---


def test_an_administration_key_adds_a_key_that_signs_from_the_next_entry_on(world, works) -> None:
    first, second = works.keys[world.WORKS].public, key(50)
    works.add(world.WORKS, second, Purpose.ADMINISTRATION)
    record = works.log.key(world.WORKS, second.public.kid_name)
    assert (record.activated_index, record.authorised_by, record.depth) == (4, first.kid_name, 2)
    works.add(world.WORKS, key(51), Purpose.STATEMENT, by=second)
    assert works.log.key(world.WORKS, key(51).public.kid_name).depth == 3


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_keys_of_every_algorithm_are_added_and_rotated(world, works, algorithm: Algorithm) -> None:
    works.add(world.WORKS, key(50, algorithm), Purpose.ADMINISTRATION)
    works.rotate(world.WORKS, key(51, algorithm), by=key(50, algorithm))
    works.add(world.WORKS, key(52), Purpose.STATEMENT, by=key(51, algorithm))


def test_a_key_that_does_not_administer_adds_none(world, works) -> None:
    works.add(world.WORKS, key(50), Purpose.STATEMENT)
    with world.refused("purpose.key", 8, "statement"):
        works.add(world.WORKS, key(51), Purpose.STATEMENT, by=key(50))
    with world.refused("purpose.key", 8, "device"):
        works.add(world.METER, key(51), Purpose.DEVICE)


def test_nobody_adds_a_key_to_another_identifier(world, works) -> None:
    """An addition has no subject: it is the signer's own. The registrar's gives the park a key, not the enterprise."""
    works.add(world.PARK, key(50), Purpose.STATEMENT)
    assert works.log.key_owner(key(50).public.kid_name) == world.PARK
    body = prove_addition(**works.new_key(world.WORKS, key(51), Purpose.STATEMENT))
    for iss in (world.PARK, OTHER):
        with world.refused("possession.kid", 12, world.WORKS):
            works.accept_key(body, iss=iss)


def test_what_the_root_key_adds_is_one_key_from_the_root(world, works) -> None:
    works.add(world.PARK, key(50), Purpose.ADMINISTRATION)
    works.add(world.PARK, key(51), Purpose.ADMINISTRATION, by=key(50))
    found = [works.log.key(world.PARK, key(seed).public.kid_name) for seed in (50, 51)]
    assert [(record.authorised_by, record.depth) for record in found] == [
        (None, 1),
        (key(50).public.kid_name, 2),
    ]


def test_an_added_key_has_the_purposes_of_its_kind_only(world, works) -> None:
    with world.refused("purposes.kind", 9, "device"):
        works.add(world.WORKS, key(50), Purpose.DEVICE)


@pytest.mark.parametrize("owner", ["works", "other"])
def test_a_known_key_is_not_added(world, works, owner: str) -> None:
    known = works.keys[world.WORKS if owner == "works" else OTHER]
    with world.refused("key.repeated", 11, known.public.kid_name):
        works.add(world.WORKS, known, BOTH)


def test_a_revoked_key_does_not_come_back(world, works) -> None:
    works.add(world.WORKS, key(50), Purpose.STATEMENT)
    works.revoke(world.WORKS, key(50))
    with world.refused("key.repeated", 11):
        works.add(world.WORKS, key(50), Purpose.STATEMENT)


def test_a_replayed_possession_is_no_proof(world, works) -> None:
    """The proof names identifier, purposes and key: none of them can be exchanged."""
    body = prove_addition(**works.new_key(world.WORKS, key(50), Purpose.STATEMENT))
    other_key = prove_addition(**works.new_key(world.WORKS, key(51), Purpose.STATEMENT))
    for wrong, rule in (
        (msgspec.structs.replace(body, possession=other_key.possession), "possession.kid"),
        (msgspec.structs.replace(body, key=other_key.key), "possession.kid"),
        (
            msgspec.structs.replace(body, key=msgspec.structs.replace(body.key, purposes=BOTH.names())),
            "possession.content",
        ),
    ):
        with world.refused(rule, 12):
            works.accept_key(wrong, iss=world.WORKS)
    works.accept_key(body, iss=world.WORKS)
    with world.refused("key.repeated", 11):
        works.accept_key(body, iss=world.WORKS)


def test_a_chain_of_keys_ends_after_sixteen(world, works) -> None:
    last = works.keys[world.WORKS]
    for number in range(1, MAX_DEPTH):
        following = key(500 + number)
        if number % 2:
            works.rotate(world.WORKS, following, by=last)
        else:
            works.add(world.WORKS, following, BOTH, by=last)
        last = following
    assert works.log.key(world.WORKS, last.public.kid_name).depth == MAX_DEPTH
    with world.refused("key.chain_length", 11, "17"):
        works.add(world.WORKS, key(600), BOTH, by=last)
    with world.refused("key.chain_length", 11, "17"):
        works.rotate(world.WORKS, key(600), by=last)


# --- rotate ---


def test_the_old_key_has_its_last_word_and_the_new_one_signs_above_it(world, works) -> None:
    old = works.keys[world.METER]
    works.log.accept(works.reading(1))
    works.rotate(world.METER, key(50))
    for iat in (world.NOW, world.NOW - 100_000, 0):
        with world.refused("key.revoked", 7, "entry 6"):
            works.log.accept(works.reading(2, key=old, iat=iat))
    works.log.accept(works.reading(2, key=key(50)))
    records = [works.log.key(world.METER, one.public.kid_name) for one in (old, key(50))]
    assert [(r.activated_index, r.revoked_index, r.depth) for r in records] == [(2, 5, 1), (5, None, 2)]


def test_a_key_signs_nothing_before_it_is_active_however_iat_is_set(world, works) -> None:
    works.rotate(world.METER, key(50))
    works.log.index_override = 4
    with world.refused("key.not_active", 7, "entry 4"):
        works.log.accept(works.reading(1, key=key(50), iat=world.NOW))


def test_a_third_key_rotates_nothing_but_itself(world, works) -> None:
    works.add(world.WORKS, key(50), Purpose.ADMINISTRATION)
    body = prove_rotation(**works.new_key(world.WORKS, key(51), BOTH))
    with world.refused("rotation.purposes", 11, "statement, administration"):
        works.accept_key(body, iss=world.WORKS, key=key(50))
    claimed = works.sign_key(body, iss=world.WORKS).split(b".")
    forged = works.sign_key(body, iss=world.WORKS, key=key(50)).split(b".")
    with world.refused("signature.invalid", 5):
        works.log.accept(b".".join((claimed[0], forged[1], forged[2])))
    works.rotate(world.WORKS, key(52), by=key(50))
    assert works.log.key(world.WORKS, works.keys[world.WORKS].public.kid_name).revoked_index is None


def test_a_stranger_rotates_nobodys_key(world, works) -> None:
    body = prove_rotation(**works.new_key(world.METER, key(51), Purpose.DEVICE))
    with world.refused("purposes.kind", 9):
        works.accept_key(body, iss=OTHER)
    with world.refused("key.unknown", 4):
        works.accept_key(body, iss=world.METER, key=key(51))


def test_a_rotated_key_keeps_the_purposes(world, works) -> None:
    for purposes in (Purpose.STATEMENT, BOTH | Purpose.ASSET):
        body = prove_rotation(**works.new_key(world.WORKS, key(50), purposes))
        with world.refused("rotation.purposes", 11):
            works.accept_key(body, iss=world.WORKS)


def test_a_key_is_not_rotated_twice(world, works) -> None:
    works.rotate(world.METER, key(50))
    with world.refused("key.revoked", 7):
        works.rotate(world.METER, key(51))


@pytest.mark.parametrize("what", ["rotate", "revoke", "compromise"])
def test_the_root_key_never_changes(world, works, what: str) -> None:
    root = works.keys[world.PARK]
    with world.refused("key.root", 11, root.public.kid_name):
        if what == "rotate":
            works.rotate(world.PARK, key(50))
        elif what == "revoke":
            works.revoke(world.PARK, root)
        else:
            works.compromise(world.PARK, root, 1)


# --- revoke ---


def test_a_key_is_revoked_by_itself_its_administration_its_parents_or_the_root(world, works) -> None:
    device, administration = works.keys[world.METER], works.keys[world.WORKS]
    park_key = key(70)
    works.add(world.PARK, park_key, Purpose.ADMINISTRATION)
    for seed in (50, 51, 52):
        works.add(world.WORKS, key(seed), Purpose.STATEMENT)
    works.revoke(world.WORKS, key(50), iss=world.WORKS, by=key(50))
    works.revoke(world.WORKS, key(51), iss=world.WORKS, by=administration)
    works.revoke(world.WORKS, key(52), iss=world.PARK, by=park_key)
    works.revoke(world.METER, device, iss=world.WORKS)
    works.revoke(world.WORKS, administration)
    revoked = [works.log.key(world.WORKS, key(seed).public.kid_name).revoked_index for seed in (50, 51, 52)]
    assert revoked == [8, 9, 10]
    with world.refused("key.revoked", 7):
        works.log.accept(works.reading(1))


def test_others_revoke_nothing(world, works) -> None:
    works.add(world.WORKS, key(50), Purpose.STATEMENT)
    park_key = key(70)
    works.add(world.PARK, park_key, Purpose.ADMINISTRATION)
    with world.refused("purpose.key", 8, "statement"):
        works.revoke(world.WORKS, works.keys[world.WORKS], iss=world.WORKS, by=key(50))
    with world.refused("purpose.key", 8, "device"):
        works.revoke(world.WORKS, key(50), iss=world.METER)
    with world.refused("purpose.holder", 8, OTHER):
        works.revoke(world.WORKS, key(50), iss=OTHER)
    with world.refused("purpose.holder", 8, world.WORKS):
        works.revoke(OTHER, works.keys[OTHER], iss=world.WORKS)
    with world.refused("purpose.holder", 8, world.PARK):  # the meter's parent is the enterprise
        works.revoke(world.METER, works.keys[world.METER], iss=world.PARK, by=park_key)
    works.revoke(world.METER, works.keys[world.METER])


def test_a_key_is_revoked_once(world, works) -> None:
    works.revoke(world.METER, works.keys[world.METER])
    with world.refused("revocation.repeated", 11) as caught:
        works.revoke(world.METER, works.keys[world.METER])
    assert "entry 4" in caught.value.message


@pytest.mark.parametrize(
    ("changed", "step", "rule"),
    [
        ({"thumbprint": "A" * 42}, 9, "thumbprint.format"),
        ({"thumbprint": "A" * 42 + "B"}, 9, "thumbprint.format"),
        ({"thumbprint": "A" * 43}, 11, "key.absent"),
        ({"identifier": "somebody"}, 9, "identifier.form"),
        ({"identifier": OTHER}, 11, "key.absent"),
        ({"identifier": "88.608.9/unknown"}, 11, "key.absent"),
        ({"reason": " lost"}, 9, "body.reason"),
        ({"reason": "lost\n"}, 9, "body.reason"),
        ({"reason": ""}, 9, "body.reason"),
        ({"reason": "x" * 501}, 9, "body.reason"),
    ],
)
def test_other_revocations_and_compromises_are_refused(world, works, changed, step: int, rule: str) -> None:
    members = {"thumbprint": works.keys[world.METER].public.kid_name, "identifier": world.METER, "reason": "丢失"}
    with world.refused(rule, step):
        works.accept_key(RevokeKey(**(members | changed)))
    with world.refused(rule, step):
        works.accept_key(CompromiseKey(**(members | {"invalid_since": 3} | changed)))
    works.accept_key(RevokeKey(**members))


# --- compromise ---


def test_compromise_revokes_the_key_and_flags_from_invalid_since_on(world, works) -> None:
    for seq in (1, 2, 3):
        works.log.accept(works.reading(seq))
    works.compromise(world.METER, works.keys[world.METER], 5)
    record = works.log.key(world.METER, works.keys[world.METER].public.kid_name)
    assert (record.compromised_since, record.revoked_index) == (5, 7)
    with world.refused("key.revoked", 7):
        works.log.accept(works.reading(4))


def test_the_holder_does_not_choose_the_date(world, works) -> None:
    """A thief, or a holder who repents of a report, would choose it to suit them."""
    meter = works.keys[world.METER]
    park_key = key(70)
    works.add(world.PARK, park_key, Purpose.ADMINISTRATION)
    for iss in (world.METER, world.WORKS):
        with world.refused("purpose.registrar", 8, iss):
            works.compromise(world.METER, meter, 3, iss=iss)
    with world.refused("purpose.root", 8, park_key.public.kid_name):
        works.compromise(world.METER, meter, 3, key=park_key)


@pytest.mark.parametrize("since", [0, 2, 6, 2**53 - 1])
def test_invalid_since_lies_in_the_life_of_the_key(world, works, since: int) -> None:
    works.log.accept(works.reading(1))
    with world.refused("compromise.since", 11, str(since)):
        works.compromise(world.METER, works.keys[world.METER], since)


@pytest.mark.parametrize("since", [3, 5])
def test_both_ends_of_the_life_are_part_of_it(world, works, since: int) -> None:
    works.log.accept(works.reading(1))
    works.compromise(world.METER, works.keys[world.METER], since)


def test_a_revoked_key_is_still_declared_compromised_but_once(world, works) -> None:
    works.rotate(world.METER, key(50))
    works.compromise(world.METER, works.keys[world.METER], 3)
    record = works.log.key(world.METER, works.keys[world.METER].public.kid_name)
    assert (record.compromised_since, record.revoked_index) == (3, 4)
    with world.refused("compromise.repeated", 11) as caught:
        works.compromise(world.METER, works.keys[world.METER], 4)
    assert "entry 3" in caught.value.message


def test_what_a_compromised_key_brought_is_compromised_too(world, works) -> None:
    """Entry 4 adds in good time, entries 5 to 7 after the theft, one from another."""
    works.add(world.WORKS, key(50), BOTH)
    works.add(world.WORKS, key(51), BOTH)
    works.add(world.WORKS, key(52), BOTH, by=key(51))
    works.rotate(world.WORKS, key(53), by=key(52))
    works.compromise(world.WORKS, works.keys[world.WORKS], 5)
    found = {seed: works.log.key(world.WORKS, key(seed).public.kid_name) for seed in (50, 51, 52, 53)}
    assert {seed: (r.compromised_since, r.revoked_index) for seed, r in found.items()} == {
        50: (None, None),
        51: (5, 8),
        52: (6, 7),
        53: (7, 8),
    }
    with world.refused("key.revoked", 7):
        works.add(world.WORKS, key(54), BOTH, by=key(53))
    with world.refused("compromise.repeated", 11):
        works.compromise(world.WORKS, key(53), 8)
    works.add(world.WORKS, key(54), BOTH, by=key(50))


# --- the account's word on chain ---


@pytest.fixture
def registered(world):
    """A park with a registry contract; the enterprise's first key is on chain, its second is not."""
    park = world.Park(domain=DOMAIN)
    park.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    park.enrol(world.WORKS, Kind.ENTERPRISE, BOTH, parent=world.PARK, key=chain_key(40))
    park.keys[world.WORKS] = chain_key(40)
    park.add(world.WORKS, key(41), BOTH)
    return park


def test_a_further_chain_key_needs_the_consent_of_one_that_is_there(world, registered) -> None:
    with world.refused("consent.evm_missing", 12):
        registered.add(world.WORKS, chain_key(50), BOTH)
    with world.refused("consent.evm_missing", 12):
        registered.add(world.WORKS, chain_key(50), BOTH, by=key(41))
    registered.add(world.WORKS, chain_key(50), BOTH, by=key(41), consent=chain_key(40))


def test_replacing_a_chain_key_needs_the_consent_of_one_that_is_there(world, registered) -> None:
    with world.refused("consent.evm_missing", 12):
        registered.rotate(world.WORKS, key(50))
    registered.rotate(world.WORKS, key(50), consent=chain_key(40))


def test_an_account_whose_chain_keys_are_gone_takes_another_by_recovery_only(world, registered) -> None:
    """Else whoever ends the holder's key could put one in its place: the contract sees no other signature."""
    registered.rotate(world.WORKS, key(50), consent=chain_key(40))
    with world.refused("consent.evm_missing", 12, "no active ES256K key left to consent"):
        registered.add(world.WORKS, chain_key(51), BOTH, by=key(50))
    with world.refused("consent.evm_signature", 12):
        registered.add(world.WORKS, chain_key(51), BOTH, by=key(50), consent=chain_key(40))
    with world.refused("consent.evm_missing", 12):
        registered.rotate(world.WORKS, chain_key(51), by=key(41))
    registered.add(world.WORKS, key(51), BOTH, by=key(50))


def test_an_account_without_a_chain_key_takes_its_first_by_its_own_word(world, registered) -> None:
    registered.enrol(OTHER, Kind.ENTERPRISE, BOTH, parent=world.PARK, key=key(60))
    registered.keys[OTHER] = key(60)
    registered.add(OTHER, chain_key(61), BOTH)
    with world.refused("consent.evm_missing", 12):
        registered.add(OTHER, chain_key(62), BOTH)


def test_a_consent_that_nothing_asks_for_is_refused(world, registered) -> None:
    with world.refused("consent.evm_unexpected", 12):
        registered.add(world.WORKS, key(50), BOTH, consent=chain_key(40))
    with world.refused("consent.evm_missing", 12):
        registered.rotate(world.WORKS, chain_key(50), by=key(41))
    registered.rotate(world.WORKS, chain_key(50), by=key(41), consent=chain_key(40))


def test_without_a_registry_no_consent_is_asked_for(world, works) -> None:
    body = prove_addition(**works.new_key(world.WORKS, chain_key(50), BOTH))
    with world.refused("consent.evm_unexpected", 12):
        works.accept_key(msgspec.structs.replace(body, consent_evm="0x" + "11" * 64), iss=world.WORKS)
    works.accept_key(body, iss=world.WORKS)


def test_a_consent_by_another_key_or_to_another_thing_is_refused(world, registered) -> None:
    body = prove_addition(**registered.new_key(world.WORKS, chain_key(50), BOTH, consent=chain_key(40)))
    account, new = account_id(world.WORKS), chain_key(50).public.thumbprint
    other_contract = Domain(DOMAIN.chain_id, b"\x12" * 20, DOMAIN.salt)
    registered.add(world.WORKS, chain_key(60), BOTH, consent=chain_key(40))
    registered.revoke(world.WORKS, chain_key(60))
    wrong = [
        sign_compact_digest(key_consent_digest(DOMAIN, account, new, int(BOTH)), chain_key(50)),
        sign_compact_digest(key_consent_digest(DOMAIN, account, new, int(BOTH)), chain_key(60)),  # revoked
        sign_compact_digest(key_consent_digest(DOMAIN, account, new, int(Purpose.STATEMENT)), chain_key(40)),
        sign_compact_digest(key_consent_digest(DOMAIN, account_id(OTHER), new, int(BOTH)), chain_key(40)),
        sign_compact_digest(key_consent_digest(DOMAIN, account, bytes(32), int(BOTH)), chain_key(40)),
        sign_compact_digest(key_consent_digest(other_contract, account, new, int(BOTH)), chain_key(40)),
        bytes(64),
        b"\xff" * 64,
    ]
    for signature in wrong:
        with world.refused("consent.evm_signature", 12):
            changed = msgspec.structs.replace(body, consent_evm="0x" + signature.hex())
            registered.accept_key(changed, iss=world.WORKS)
    with world.refused("hex.format", 9):
        registered.accept_key(msgspec.structs.replace(body, consent_evm="11" * 64), iss=world.WORKS)
    registered.accept_key(body, iss=world.WORKS)

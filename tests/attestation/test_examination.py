from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation import examination
from attestation.bodies import BODY_TYPES
from attestation.encoding import b64url_encode
from attestation.encoding import compact_json as encode_json
from attestation.errors import SchemaRefused, StatementMalformed
from attestation.keys import Algorithm, PrivateKey
from attestation.statements import Reading, Report, build, encode_payload
from attestation.verification import examine

KEY = PrivateKey(Algorithm.ED25519, (103).to_bytes(32))


def meter_entry(world, payload: object, header: object = None) -> bytes:
    return world.forge(header or world.header_of(world.METER, KEY), payload, KEY)


def test_a_good_entry_gives_its_parts(world) -> None:
    statement = examine(meter_entry(world, world.payload_of(seq=7)), world.ORIGIN)
    assert (statement.type, statement.iss, statement.stream, statement.seq, statement.iat) == (
        "reading",
        world.METER,
        world.STREAM,
        7,
        world.NOW,
    )
    assert statement.kid_key == KEY.public.kid_name
    assert statement.body_as(Reading).quantity == "1.50"


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"v": 2}, "envelope.v", "2"),
        ({"v": True}, "envelope.field_type", "True"),
        ({"v": "1"}, "envelope.field_type", "1"),
        ({"v": ...}, "envelope.missing_field", "v"),
        ({"type": "close"}, "envelope.type", "close"),
        ({"type": ["reading"]}, "envelope.field_type", "reading"),
        ({"log": "park.example/log/" + "5b" * 32}, "envelope.log", "5b5b"),
        ({"log": "other.example/log/" + "5a" * 32}, "envelope.log", "other.example"),
        ({"log": ...}, "envelope.missing_field", "log"),
        ({"iss": "88.608.5288/meter-2"}, "envelope.iss", "meter-2"),
        ({"iss": 5}, "envelope.field_type", "5"),
        ({"iat": -1}, "envelope.iat", "-1"),
        ({"iat": 253_402_300_800}, "envelope.iat", "253402300800"),
        ({"iat": "1"}, "envelope.field_type", "1"),
        ({"iat": True}, "envelope.field_type", "True"),
        ({"iat": 1.5}, "json.float", "1.5"),
        ({"iat": 1700000000.0}, "json.float", "1700000000.0"),
        ({"stream": "-"}, "envelope.stream", "-"),
        ({"stream": "Energy"}, "envelope.stream", "Energy"),
        ({"stream": "a b"}, "envelope.stream", "a b"),
        ({"stream": "a" * 65}, "envelope.stream", "aaa"),
        ({"stream": "a\n"}, "envelope.stream", "a"),
        ({"seq": 0}, "envelope.seq", "0"),
        ({"seq": -1}, "envelope.seq", "-1"),
        ({"seq": 2**53}, "json.integer", "9007199254740992"),
        ({"seq": 2**64}, "json.integer", "18446744073709551616"),
        ({"seq": "1"}, "envelope.field_type", "1"),
        ({"body": []}, "envelope.field_type", "[]"),
        ({"body": ...}, "envelope.missing_field", "body"),
        ({"extra": 1}, "envelope.unknown_field", "extra"),
        ({"nbf": 1}, "envelope.unknown_field", "nbf"),
    ],
)
def test_other_envelopes_are_refused_at_step_2_with_rule_and_value(world, changed, rule: str, value: str) -> None:
    with world.refused(rule, 2, value):
        examine(meter_entry(world, world.payload_of(**changed)), world.ORIGIN)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"seq":1', '"seq":1,"seq":1', "json.duplicate_key"),
        ('"seq":1', '"seq":1,"s\\u0065q":2', "json.duplicate_key"),
        ('"unit":"kWh"', '"unit":"kWh","unit":"kWh"', "json.duplicate_key"),
        ('"1.50"', "1.50", "json.float"),
        ('"1.50"', "NaN", "json.nan"),
        ('"1.50"', "-Infinity", "json.nan"),
        ('"1.50"', "1e3", "json.float"),
        ('"1.50"', "null", "json.null"),
        ('"kWh"', '"\\ud800"', "json.surrogate"),
        ('"v":1', '"v":1.0', "json.float"),
        ("}}", "}", "json.syntax"),
        ("}}", "}}}", "json.syntax"),
        ("}}", "}} x", "json.syntax"),
        ('{"v"', "{v", "json.syntax"),
        ('"1.50"', "[" * 50 + "]" * 50, "json.depth"),
    ],
)
def test_payloads_with_more_than_one_reading_are_refused(world, old: str, new: str, rule: str) -> None:
    text = json.dumps(world.payload_of(), separators=(",", ":"))
    assert old in text
    with world.refused(rule, 2):
        examine(meter_entry(world, text.replace(old, new, 1)), world.ORIGIN)


def test_bad_utf8_is_refused(world) -> None:
    text = json.dumps(world.payload_of()).encode().replace(b"1.50", b"1\xff50")
    with world.refused("json.utf8", 2):
        examine(meter_entry(world, text), world.ORIGIN)


def test_any_member_order_and_spacing_means_the_same_but_is_another_statement(world) -> None:
    canonical = examine(meter_entry(world, world.payload_of()), world.ORIGIN)
    reordered = dict(reversed(world.payload_of().items()))
    for text in (json.dumps(reordered), json.dumps(world.payload_of(), indent=1)):
        other = examine(meter_entry(world, text), world.ORIGIN)
        assert (other.body, other.seq, other.iat) == (canonical.body, canonical.seq, canonical.iat)
        assert other.statement_id != canonical.statement_id


def test_the_fast_and_the_slow_way_agree(world, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = meter_entry(world, world.payload_of())
    fast = examine(entry, world.ORIGIN)
    monkeypatch.setattr(examination, "_DECODERS", {})
    assert examine(entry, world.ORIGIN) == fast


def test_statement_types_are_known_ones(world) -> None:
    for typ in ("tanlu-notice+jws", "tanlu-possession+jws", "tanlu-promise+jws"):
        header = world.header_of(world.METER, KEY) | {"typ": typ}
        with world.refused("header.typ", 1, typ):
            examine(meter_entry(world, world.payload_of(), header), world.ORIGIN)


def test_the_signer_is_named_by_an_identifier(world) -> None:
    header = world.header_of("meter-1", KEY)
    with world.refused("identifier.form", 1, "meter-1"):
        examine(meter_entry(world, world.payload_of("meter-1"), header), world.ORIGIN)


@pytest.mark.parametrize(
    ("body", "rule", "value"),
    [
        ({"quantity": 1}, "body.field_type", "1"),
        ({"quantity": True}, "body.field_type", "True"),
        ({"unit": ["kWh"]}, "body.field_type", "kWh"),
        ({"unit": ...}, "body.missing_field", "unit"),
        ({"note": "x"}, "body.unknown_field", "note"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_only_when_it_is_asked_for(world, body, rule: str, value: str) -> None:
    whole = {k: v for k, v in (world.payload_of()["body"] | body).items() if v is not ...}
    statement = examine(meter_entry(world, world.payload_of(body=whole)), world.ORIGIN)
    with world.refused(rule, 9, value):
        statement.body  # noqa: B018 - the property raises


def test_a_statement_of_another_type_is_no_reading(world) -> None:
    statement = examine(meter_entry(world, world.payload_of()), world.ORIGIN)
    with pytest.raises(TypeError, match="reading"):
        statement.body_as(Report)


def test_truncated_entries_are_refused_wherever_they_are_cut(world) -> None:
    entry = meter_entry(world, world.payload_of())
    last_part = entry.rindex(b".") + 1
    for cut in range(last_part + 1):
        with pytest.raises(Exception, match=r"step [12],"):
            examine(entry[:cut], world.ORIGIN)
    # A cut signature is whole base64url at some lengths: then step 5 refuses its length.
    for cut in range(last_part + 1, len(entry)):
        refusal = world.refusal_of(examine, entry[:cut], world.ORIGIN)
        if refusal is None:
            with world.refused("signature.length", 5):
                KEY.public.verify(b"", examine(entry[:cut], world.ORIGIN).jws.signature)


def test_65536_bytes_are_refused_and_65535_are_read(world) -> None:
    empty = len(meter_entry(world, json.dumps(world.payload_of())))
    padding = (65_535 - empty) // 4 * 3
    entry = meter_entry(world, json.dumps(world.payload_of()) + " " * padding)
    assert 65_530 < len(entry) <= 65_535
    assert examine(entry, world.ORIGIN).seq == 1
    for longer in (entry + b"A" * (65_536 - len(entry)), entry + b" " * (65_536 - len(entry)), entry * 2):
        with world.refused("entry.size", 1, str(len(longer))):
            examine(longer, world.ORIGIN)


def test_the_header_cache_is_bounded_in_entries_and_in_bytes(world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_headers", cache := {})
    monkeypatch.setattr(examination, "_HEADER_CACHE_ENTRIES", 3)
    for number in range(10):
        iss = f"88.608.5288/m{number}"
        examine(meter_entry(world, world.payload_of(iss), world.header_of(iss, KEY)), world.ORIGIN)
        assert len(cache) <= 3
    before = set(cache)
    wide = json.dumps(world.header_of(world.METER, KEY)) + " " * 2_000
    assert examine(meter_entry(world, world.payload_of(), wide), world.ORIGIN).seq == 1
    assert set(cache) == before


def test_refused_headers_are_not_remembered(world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_headers", cache := {})
    with world.refused("header.alg_none", 1):
        examine(
            meter_entry(world, world.payload_of(), world.header_of(world.METER, KEY) | {"alg": "none"}),
            world.ORIGIN,
        )
    assert cache == {}


instants = st.integers(0, 3_000_000_000)
readings = st.builds(
    Reading,
    start=st.text(max_size=20),
    end=st.text(max_size=20),
    quantity=st.text(max_size=20),
    unit=st.text(max_size=20),
)


@given(
    readings,
    instants,
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True),
    st.integers(1, 2**53 - 1),
    st.sampled_from(list(Algorithm)),
)
def test_build_then_examine_gives_back_what_was_said(
    world, body: Reading, iat: int, stream: str, seq: int, algorithm: Algorithm
) -> None:
    key = PrivateKey(algorithm, (9).to_bytes(32))
    said = {"log": world.ORIGIN, "iss": world.METER, "iat": iat, "stream": stream, "seq": seq, "body": body}
    entry = build("reading", key=key, **said)
    statement = examine(entry, world.ORIGIN)
    assert (statement.iss, statement.iat, statement.stream, statement.seq, statement.body) == (
        world.METER,
        iat,
        stream,
        seq,
        body,
    )
    assert statement.jws.payload == encode_payload("reading", **said)
    key.public.verify(statement.jws.signing_input, statement.jws.signature)


@settings(max_examples=300)
@given(st.integers(0, 100_000), st.integers(1, 255))
def test_a_flipped_byte_never_gives_the_same_statement(world, at: int, mask: int) -> None:
    entry = bytearray(meter_entry(world, world.payload_of()))
    original = examine(bytes(entry), world.ORIGIN)
    at %= len(entry)
    entry[at] ^= mask
    altered = bytes(entry)
    if world.refusal_of(examine, altered, world.ORIGIN) is not None:
        return
    statement = examine(altered, world.ORIGIN)
    with world.refused("signature.invalid", 5):
        KEY.public.verify(statement.jws.signing_input, statement.jws.signature)
    in_signature = at > len(original.jws.signing_input)
    assert (statement.statement_id == original.statement_id) is in_signature


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                    max_leaves=8))  # fmt: skip
def test_any_json_as_payload_is_refused_at_step_2(world, value: object) -> None:
    refusal = world.refusal_of(examine, meter_entry(world, json.dumps(value)), world.ORIGIN)
    assert refusal is not None
    assert refusal.step == 2


@given(
    st.dictionaries(
        st.sampled_from(["from", "to", "quantity", "unit", "x"]), st.none() | st.integers() | st.text(max_size=4)
    )
)
def test_any_body_is_decoded_or_its_refusal_kept(world, body: dict[str, object]) -> None:
    refusal = world.refusal_of(examine, meter_entry(world, world.payload_of(body=body)), world.ORIGIN)
    if refusal is not None:
        assert refusal.step == 2
        return
    statement = examine(meter_entry(world, world.payload_of(body=body)), world.ORIGIN)
    fits = set(body) == {"from", "to", "quantity", "unit"} and all(isinstance(v, str) for v in body.values())
    assert isinstance(statement.content, Reading if fits else SchemaRefused)


def test_an_entry_is_ascii(world) -> None:
    entry = meter_entry(world, world.payload_of())
    assert entry.isascii()
    with world.refused("base64url.alphabet", 1):
        examine(entry.replace(b".", "。".encode(), 0) + "碳".encode(), world.ORIGIN)
    assert b64url_encode(b"") == ""


FREE = {
    "policy": '{"policy":"factor-set","id":"f","version":"1","document":%s,"effective_from":"2025-01-01"}',
    "allocation": '{"op_id":"' + "ab" * 32 + '","year":2025,"round":"pre","reserve":"88.608.5288/a","document":%s,'
    '"input_root":"' + "ab" * 32 + '","table":[],"tonnes":0,"return_due":"2025-01-01T00:00:00+08:00","approvals":[]}',
    "score": '{"action":"propose","enterprise":"88.608.5288/a","year":2025,"formula":"f","as_of":{"size":1},'
    '"inputs":%s,"input_root":"'
    + "ab" * 32
    + '","points_bps":1,"grade":"A","comments_until":"2025-01-01T00:00:00+08:00"}',
}
"""By type, a body with a free-form member, in the spelling that encoders give it."""


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ('{"a":1.5}', "json.float"),
        ('{"a":20.0}', "json.float"),
        ('{"a":null}', "json.null"),
        ('{"a":9007199254740993}', "json.integer"),
        ('{"a":' + "1" * 4_200 + "}", "json.integer"),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", "json.depth"),
        ('{"a":' + "[" * 900 + "]" * 900 + "}", "json.depth"),
    ],
    ids=["fraction", "whole-fraction", "null", "beyond-2-53", "4200-digits", "40-levels", "900-levels"],
)
@pytest.mark.parametrize("type_", FREE)
def test_what_a_free_document_holds_is_strict_json_too(world, type_: str, document: str, rule: str) -> None:
    payload = world.payload_of(type=type_, body=0)
    raw = encode_json(payload).replace(b'"body":0', b'"body":' + (FREE[type_] % document).encode())
    header = world.header_of(world.METER, KEY, type_)
    with pytest.raises(StatementMalformed) as refused:
        examine(world.forge(header, raw, KEY), world.ORIGIN)
    assert refused.value.rule == rule


def test_every_type_with_a_free_document_is_known_to_have_one() -> None:
    free = {name for name, body in BODY_TYPES.items() if "{'type': 'object'}" in str(msgspec.json.schema(body))}
    assert free == set(FREE) == set(examination.FREE_TYPES)

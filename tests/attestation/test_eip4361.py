from __future__ import annotations

import string
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.eip4361 import MAX_MESSAGE_BYTES, SiweMessage, Written, build_message, read_message
from attestation.errors import AttestationError, StatementMalformed
from attestation.instants import format_instant

ADDRESS = bytes.fromhex("c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
UNRESERVED = string.ascii_letters + string.digits + "-._~"
SUB_DELIMS = "!$&'()*+,;="
# The example of the standard, with each optional line.
WHOLE = """https://example.com:8443 wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com:8443/login?from=a%20b#top
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Expiration Time: 2021-09-30T16:35:24.500Z
Not Before: 2021-10-01T00:25:24+08:00
Request ID: some:id@1
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""
LEAST = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2


URI: https://example.com
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z"""


def texts(alphabet: str, shortest: int = 0, longest: int = 12) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=shortest, max_size=longest)


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def escaped(alphabet: str, shortest: int = 0) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*alphabet, "%20", "%E7", "%aF"]), min_size=shortest, max_size=8).map("".join)


SCHEMES = st.builds(str.__add__, st.sampled_from(string.ascii_letters), texts(UNRESERVED[:62] + "+-.", 0, 5))
HOSTS = escaped(UNRESERVED + SUB_DELIMS, 1) | st.sampled_from(["[::1]", "[2001:db8::7]", "[v1f.a:b]", "192.0.2.1"])
DOMAINS = st.builds(
    "{}{}{}".format, st.just("") | escaped(UNRESERVED + ":").map("{}@".format), HOSTS, st.sampled_from(["", ":", ":80"])
)
PATHS = escaped(UNRESERVED + SUB_DELIMS + ":@/")
URIS = st.builds(
    "{}:{}{}{}".format,
    SCHEMES,
    st.builds("//{}/{}".format, DOMAINS, PATHS) | PATHS.filter(lambda path: not path.startswith("//")),
    st.just("") | escaped(UNRESERVED + ":@/?").map("?{}".format),
    st.just("") | escaped(UNRESERVED + ":@/?").map("#{}".format),
)


@st.composite
def instants(draw: st.DrawFn) -> Written:
    seconds = draw(st.integers(0, 4_000_000_000))
    offset = draw(st.sampled_from(["Z", "+00:00", "+08:00", "-03:30"]))
    ahead = 0 if offset == "Z" else int(offset[0] + "1") * (int(offset[1:3]) * 60 + int(offset[4:])) * 60
    local = max(0, seconds + ahead)
    fraction = draw(st.sampled_from(["", ".0", ".123", ".999999999"]))
    return Written(format_instant(local).removesuffix("Z") + fraction + offset, max(0, local - ahead))


MESSAGES = st.builds(
    SiweMessage,
    scheme=optional(SCHEMES),
    domain=DOMAINS,
    address=st.binary(min_size=20, max_size=20),
    statement=optional(texts(UNRESERVED + SUB_DELIMS + ":/?#[]@ ", 0, 40)),
    uri=URIS,
    chain_id=texts(string.digits, 1, 20).map(lambda number: Written(number, int(number))),
    nonce=texts(UNRESERVED[:62], 8, 70),
    issued_at=instants(),
    expires_at=optional(instants()),
    not_before=optional(instants()),
    request_id=optional(escaped(UNRESERVED + SUB_DELIMS + ":@")),
    resources=optional(st.lists(URIS, max_size=3).map(tuple)),
)


def line_changes(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        yield "\n".join(lines[:at] + lines[at + 1 :])
        yield "\n".join([*lines[:at], line, *lines[at:]])
        for other in range(at):
            swapped = lines.copy()
            swapped[at], swapped[other] = swapped[other], line
            yield "\n".join(swapped)


def character_changes(text: str) -> Iterator[str]:
    for at, character in enumerate(text):
        yield text[:at] + text[at + 1 :]
        for other in (character.swapcase(), chr(ord(character) + 1), "0", "\n", " ", "\r", "\x00", "\u00e9"):
            yield text[:at] + other + text[at + 1 :]
            yield text[:at] + other + text[at:]


def read_or_refused(text: str) -> SiweMessage | None:
    """The message, or None where it is refused by the rule of messages; another refusal is a failure."""
    refused = ""
    try:
        return read_message(text)
    except AttestationError as refusal:
        refused = f"{refusal.step} {refusal.rule}"
    assert refused == "1 sign_in.message"
    return None


def require_other_or_none(message: SiweMessage, changed: str) -> None:
    found = read_or_refused(changed)
    if found is not None and changed != message.text:
        assert found != message
        assert found.text == changed


@pytest.mark.parametrize("text", [WHOLE, LEAST])
def test_messages_of_the_standard_are_read(text: str) -> None:
    message = read_message(text)
    assert message.text == text
    assert (message.address, message.chain_id.value, message.nonce) == (ADDRESS, 1, "32891756")
    assert message.issued_at.value == 1_633_019_124


def test_every_part_is_read() -> None:
    message = read_message(WHOLE)
    assert (message.scheme, message.domain) == ("https", "example.com:8443")
    assert message.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert message.uri == "https://example.com:8443/login?from=a%20b#top"
    assert message.expires_at == Written("2021-09-30T16:35:24.500Z", 1_633_019_724)
    assert message.not_before == Written("2021-10-01T00:25:24+08:00", 1_633_019_124)
    assert message.request_id == "some:id@1"
    assert message.resources is not None
    assert len(message.resources) == 2
    least = read_message(LEAST)
    assert (least.scheme, least.statement, least.expires_at, least.not_before) == (None, None, None, None)
    assert (least.request_id, least.resources) == (None, None)


@given(MESSAGES)
def test_every_message_reads_back_to_its_parts_and_its_bytes(message: SiweMessage) -> None:
    found = read_message(message.text)
    assert found == message
    assert found.text == message.text


@given(MESSAGES)
@settings(max_examples=30)
def test_no_line_can_be_lost_doubled_or_moved(message: SiweMessage) -> None:
    for changed in line_changes(message.text):
        require_other_or_none(message, changed)


@pytest.mark.parametrize("text", [WHOLE, LEAST])
def test_no_character_can_be_lost_added_or_changed(text: str) -> None:
    for changed in character_changes(text):
        require_other_or_none(read_message(text), changed)


@given(MESSAGES, st.data())
def test_no_character_of_any_message_can_be_another(message: SiweMessage, data: st.DataObject) -> None:
    text = message.text
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(max_codepoint=0x17F) | st.characters())
    require_other_or_none(message, text[:at] + other + text[at + 1 :])
    require_other_or_none(message, text[:at] + other + text[at:])


@given(st.text(max_size=300) | st.lists(st.sampled_from(WHOLE.split("\n"))).map("\n".join))
def test_any_text_is_a_message_or_refused(text: str) -> None:
    message = read_or_refused(text)
    assert message is None or message.text == text


@pytest.mark.parametrize(
    ("line", "other", "where", "value"),
    [
        (0, "example.com wants you to sign in with your ethereum account:", "line 1 (domain)", "ethereum"),
        (0, " wants you to sign in with your Ethereum account:", "line 1 (domain)", "wants"),
        (0, "1http://a wants you to sign in with your Ethereum account:", "line 1 (domain)", "1http"),
        (0, "a/b wants you to sign in with your Ethereum account:", "line 1 (domain)", "a/b"),
        (0, "ex\u0430mple.com wants you to sign in with your Ethereum account:", "line 1 (domain)", "\u0430mple"),
        (1, "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "line 2 (address)", "0xc02aaa"),
        (1, "0XC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "line 2 (address)", "0XC0"),
        (1, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc", "line 2 (address)", "0xC02"),
        (1, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2 ", "line 2 (address)", "Cc2 "),
        (2, " ", "line 3 (empty)", " "),
        (3, 'say "yes"', "line 4 (statement)", '"yes"'),
        (3, "\u540c\u610f", "line 4 (statement)", "\u540c\u610f"),
        (3, "a\tb", "line 4 (statement)", "a\\tb"),
        (3, "a\u2028b", "line 4 (statement)", "a\\u2028b"),
        (4, "more", "line 5 (empty)", "more"),
        (5, "URI: /login", "line 6 (URI)", "/login"),
        (5, "URI:https://example.com", "line 6 (URI)", "URI:https"),
        (5, "uri: https://example.com", "line 6 (URI)", "uri:"),
        (6, "Version: 2", "line 7 (Version)", "2"),
        (6, "Version: 1 ", "line 7 (Version)", "1 "),
        (7, "Chain ID: 0x1", "line 8 (Chain ID)", "0x1"),
        (7, "Chain ID: -1", "line 8 (Chain ID)", "-1"),
        (7, "Chain ID: ", "line 8 (Chain ID)", '""'),
        (7, "Chain ID: \uff11", "line 8 (Chain ID)", "\uff11"),
        (8, "Nonce: 1234567", "line 9 (Nonce)", "1234567"),
        (8, "Nonce: 1234-5678", "line 9 (Nonce)", "1234-5678"),
        (8, "Nonce: 1234567\u0662", "line 9 (Nonce)", "1234567\u0662"),
        (9, "Issued At: 2021-09-30 16:25:24Z", "line 10 (Issued At)", "2021-09-30 16"),
        (9, "Issued At: 2021-09-30T16:25:24.Z", "line 10 (Issued At)", "24.Z"),
        (9, "Issued At: 2021-09-30T16:25:24", "line 10 (Issued At)", "16:25:24"),
        (9, "Issued At: 2021-02-30T16:25:24Z", "line 10 (Issued At)", "2021-02-30"),
        (9, "Issued At: 2021-09-30T16:25:24.1.2Z", "line 10 (Issued At)", "24.1.2Z"),
        (10, "Expiration time: 2021-09-30T16:35:24Z", "line 11", "Expiration time"),
        (10, "Expiration Time: never", "line 11 (Expiration Time)", "never"),
        (11, "Not Before: 1", "line 12 (Not Before)", "1"),
        (12, "Request ID: a b", "line 13 (Request ID)", "a b"),
        (12, "Request ID: a%2", "line 13 (Request ID)", "a%2"),
        (13, "Resources: ", "line 14", "Resources: "),
        (14, "-ipfs://a", "line 15 (resource)", "-ipfs"),
        (14, "- a b:c", "line 15 (resource)", "a b:c"),
        (15, "- https://example.com\r", "line 16 (resource)", "example.com\\r"),
        (15, "", "line 16 (resource)", '""'),
    ],
)
def test_a_refusal_names_the_line_and_what_stands_there(line: int, other: str, where: str, value: str) -> None:
    lines = WHOLE.split("\n")
    lines[line] = other
    with pytest.raises(StatementMalformed) as caught:
        read_message("\n".join(lines))
    assert caught.value.rule == "sign_in.message"
    assert f"{where}:" in caught.value.message
    assert where in caught.value.message_zh
    assert value in caught.value.value
    assert caught.value.expected


@pytest.mark.parametrize("lines", range(1, 10))
def test_a_message_that_ends_early_is_refused_at_the_line_that_is_missing(lines: int) -> None:
    with pytest.raises(StatementMalformed, match=rf"line {lines + 1} \(.*the end of the message"):
        read_message("\n".join(WHOLE.split("\n")[:lines]))


@pytest.mark.parametrize("ending", ["\n", "\n\n", " ", "\r\n", "\x00", "\nResources:", "\nNonce: 32891756"])
def test_nothing_follows_a_message(ending: str) -> None:
    with pytest.raises(StatementMalformed):
        read_message(WHOLE + ending)


def test_an_empty_statement_and_empty_resources_are_not_the_same_as_none() -> None:
    for changed in (LEAST.replace("\n\n\n", "\n\n\n\n"), LEAST + "\nResources:", LEAST + "\nRequest ID: "):
        message = read_message(changed)
        assert message.text == changed
        assert message != read_message(LEAST)


def test_the_longest_message_is_read_and_one_more_character_is_not() -> None:
    filler = "a" * (MAX_MESSAGE_BYTES - len(LEAST) - len("\nRequest ID: "))
    assert read_message(f"{LEAST}\nRequest ID: {filler}").request_id == filler
    with pytest.raises(StatementMalformed, match="4097 characters"):
        read_message(f"{LEAST}\nRequest ID: {filler}a")


def test_what_is_built_reads_back_and_what_would_not_is_not_built() -> None:
    made = {
        "domain": "example.com", "uri": "https://example.com", "address": ADDRESS, "chain_id": 31_337,
        "nonce": "0" * 64, "issued_at": 1_700_000_000, "expires_at": 1_700_000_300, "resource": "urn:tanlu:log:a/log/b",
    }  # fmt: skip
    message = read_message(build_message(**made))
    assert (message.domain, message.uri, message.resources) == (made["domain"], made["uri"], (made["resource"],))
    assert to_checksum_address(ADDRESS) in message.text
    for name, value in {
        "domain": "a\nb",
        "uri": "b c",
        "nonce": "short",
        "resource": "a\n- b:c",
        "chain_id": -1,
    }.items():
        with pytest.raises(StatementMalformed):
            build_message(**made | {name: value})


def steps(text: str) -> int:
    """How many lines of Python run while `text` is read: the machine's own measure, without a clock."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read_message(text)
    except StatementMalformed:
        pass
    finally:
        sys.settrace(before)
    return count


HEAD = LEAST.partition("\n")[2]
ADVERSARIES = {
    "scheme marks": lambda n: "a://" * (n // 4) + LEAST,
    "user parts": lambda n: "a@" * (n // 2) + LEAST,
    "percents": lambda n: "%41" * (n // 3) + LEAST,
    "half percents": lambda n: "%" * n + LEAST,
    "brackets": lambda n: "[" * n + LEAST,
    "colons in brackets": lambda n: "[" + ":" * n + "]" + LEAST[11:],
    "ports": lambda n: "example.com:" + "1" * n + LEAST[11:],
    "invitations": lambda n: LEAST.partition("\n")[0] * (n // 60) + "\n" + HEAD,
    "empty lines": lambda n: LEAST.replace("\n\n\n", "\n" * n),
    "statement": lambda n: LEAST.replace("\n\n\n", "\n\n" + "a " * (n // 2) + "\n\n"),
    "path": lambda n: LEAST.replace("URI: https://example.com", "URI: a:" + "/b?" * (n // 3)),
    "fragments": lambda n: LEAST.replace("URI: https://example.com", "URI: a:" + "#" * n),
    "chain": lambda n: LEAST.replace("Chain ID: 1", "Chain ID: " + "1" * n),
    "nonce": lambda n: LEAST.replace("32891756", "a" * n + "-"),
    "fraction": lambda n: LEAST[:-1] + "." + "0" * n + "x",
    "dots": lambda n: LEAST[:-1] + "." * n + "Z",
    "request id": lambda n: LEAST + "\nRequest ID: " + "a%20" * (n // 4) + "%",
    "resources": lambda n: LEAST + "\nResources:" + "\n- a:" * (n // 5) + "\n-",
    "empty resources": lambda n: LEAST + "\nResources:" + "\n- " * (n // 3),
    "headings": lambda n: LEAST + "\nResources:" * (n // 11),
    "line ends": lambda n: "\n" * n,
    "nothing known": lambda n: "\u00e9" * n,
}


@pytest.mark.parametrize("name", ADVERSARIES)
def test_reading_takes_a_bounded_number_of_steps_for_each_character(name: str) -> None:
    longest = MAX_MESSAGE_BYTES - len(LEAST) - 80
    assert len(ADVERSARIES[name](longest)) <= MAX_MESSAGE_BYTES
    for size in (longest // 8, longest // 2, longest):
        text = ADVERSARIES[name](size)
        assert steps(text) <= 300 + 10 * len(text)


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    assert steps("%" * MAX_MESSAGE_BYTES * 1_000) < 200

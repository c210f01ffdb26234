"""A wallet signs in by EIP-4361: for this service, now, once, with an active ES256K key of the identifier."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.problems import Refused
from attestation.eip191 import sign_message
from attestation.eip4361 import build_message
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.typed_data import Domain
from ganache import npm
from tests.api.access.test_sign_in import NEARLY, SESSIONS, signed
from tests.api.conftest import BASE_URL

NEARLY_DOMAINS = ["TEST", "test:", "test:80", "test.", "user@test", "test@elsewhere.example", "@test", "%74est"]


@pytest.fixture
def wallet(park: Any) -> PrivateKey:
    """Enterprise E holds an ES256K key; the park's log has a chain."""
    key = PrivateKey.generate(Algorithm.ES256K)
    park.log.submit([park.key("88.608.9/E", Kind.ENTERPRISE, key, Purpose.STATEMENT)])
    park.parameters = type(park.parameters)(
        **{
            name: getattr(park.parameters, name)
            for name in park.parameters.__dataclass_fields__
            if name != "registry_domain"
        },
        registry_domain=Domain(31337, bytes(20), bytes(32)),
    )
    return key


def siwe(park: Any, wallet: PrivateKey, key: PrivateKey | None = None, **changed: Any) -> bytes:
    made = park.access.proving.challenge()
    good = {
        "domain": "test", "uri": BASE_URL, "address": wallet.public.evm_address, "chain_id": 31337, "nonce": made.nonce,
        "issued_at": park.now, "expires_at": park.now + 60, "resource": f"urn:tanlu:log:{park.origin}",
    }  # fmt: skip
    identifier = changed.pop("identifier", "88.608.9/E")
    message = build_message(**good | changed)
    signature = "0x" + sign_message(message, key or wallet).hex()
    return json.dumps({"identifier": identifier, "message": message, "signature": signature}).encode()


async def _post_siwe(park: Any, body: bytes) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(park.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
        return await http.post(SESSIONS, content=body, headers={"content-type": "application/json"})


async def test_a_wallet_signs_in_by_eip4361(park: Any, wallet: PrivateKey) -> None:
    park.service()
    answer = await _post_siwe(park, siwe(park, wallet))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["identifier"], answer.json()["role"]) == ("88.608.9/E", "enterprise")


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("sign_in.domain", {"domain": "elsewhere.example"}),
        ("sign_in.audience", {"uri": "http://elsewhere.example"}),
        ("sign_in.chain", {"chain_id": 1}),
        ("sign_in.log", {"resource": "urn:tanlu:log:other"}),
        ("sign_in.nonce", {"nonce": "a" * 64}),
        ("sign_in.expired", {"issued_at": 1_709_999_000, "expires_at": 1_709_999_500}),
        ("sign_in.lifetime", {"expires_at": 1_710_009_999}),
        ("sign_in.future", {"issued_at": 1_710_000_400, "expires_at": 1_710_000_500}),
        ("sign_in.key", {"identifier": "88.608.5288/A"}),
        ("sign_in.address", {"key": PrivateKey.generate(Algorithm.ES256K)}),
        ("sign_in.key", {"address": bytes(20), "key": None}),
    ],
)
async def test_a_message_for_elsewhere_is_refused(
    park: Any, wallet: PrivateKey, problem: Any, rule: str, change: dict[str, Any]
) -> None:
    park.service()
    answer = await _post_siwe(park, siwe(park, wallet, **change))
    problem(answer, 401, "sign_in.address" if "address" in change else rule)


async def test_domain_and_uri_are_compared_letter_by_letter(park: Any, wallet: PrivateKey, problem: Any) -> None:
    park.service()
    for domain in NEARLY_DOMAINS:
        problem(await _post_siwe(park, siwe(park, wallet, domain=domain)), 401, "sign_in.domain")
    for url in NEARLY:
        if url.startswith("http") and url.isascii() and url.isprintable():  # others are no URI at all
            problem(await _post_siwe(park, siwe(park, wallet, uri=url)), 401, "sign_in.audience")


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'{"identifier": "88.608.9/E", "message": "hello", "signature": "0x00"}', b"\xff", b"{" * 999],
)
async def test_other_json_is_refused(park: Any, body: bytes) -> None:
    answer = await _post_siwe(park, body)
    assert answer.status_code == 400, answer.text


async def test_a_nonce_of_one_form_is_spent_for_the_other(park: Any, wallet: PrivateKey, problem: Any) -> None:
    park.service()
    nonce = park.access.proving.challenge().nonce
    assert (await _post_siwe(park, siwe(park, wallet, nonce=nonce))).status_code == 201
    proved = park.access.proving.prove(signed(park, nonce=nonce))
    with pytest.raises(Refused, match="nonce"):
        park.access.sessions.open(proved)


def _lines_changed(park: Any, wallet: PrivateKey, change: Callable[[str], str]) -> bytes:
    body = json.loads(siwe(park, wallet))
    body["message"] = change(body["message"])
    body["signature"] = "0x" + sign_message(body["message"], wallet).hex()
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("status", "rule", "change"),
    [
        (401, "sign_in.lifetime", lambda text: re.sub(r"\nExpiration Time: .*", "", text)),
        (401, "sign_in.log", lambda text: text.partition("\nResources:")[0]),
        (401, "sign_in.log", lambda text: text.partition("\nResources:")[0] + "\nResources:"),
        (401, "sign_in.future", lambda text: text.replace("\nRes", "\nNot Before: 2024-03-09T16:05:01Z\nRes")),
        # A start now does not make an old signature a young one.
        (
            401,
            "sign_in.lifetime",
            lambda text: re.sub("Issued At: 2024", "Issued At: 2020", text).replace(
                "\nRes", "\nNot Before: 2024-03-09T16:00:00Z\nRes"
            ),
        ),
        (400, "sign_in.message", lambda text: re.sub("Issued At: 2024-03", "Issued At: 2024-13", text)),
        (400, "sign_in.message", lambda text: re.sub("Issued At: 2024", "Issued At: 1969", text)),
        (400, "sign_in.message", lambda text: text + "\n"),
        (400, "sign_in.message", lambda text: text.replace("\n", "\r\n")),
        (400, "sign_in.message", lambda text: text + "\n- a:" * 5_000),
        (400, "sign_in.message", lambda text: text.replace("This signs", "\u202eThis signs")),
    ],
)
async def test_a_message_of_other_lines_is_refused(
    park: Any, wallet: PrivateKey, problem: Any, status: int, rule: str, change: Callable[[str], str]
) -> None:
    park.service()
    body = _lines_changed(park, wallet, change)
    answer = await _post_siwe(park, body)
    if len(body) > 16 * 1024:
        status, rule = 413, "sign_in.size"
    problem(answer, status, rule)


@pytest.mark.parametrize("message", [b'"\\ud800"', b'"\\ud800x wants"', b'"\\u0000"', b"1", b"null", b"[]"])
async def test_a_message_that_is_no_text_is_refused(park: Any, message: bytes) -> None:
    body = b'{"identifier": "88.608.9/E", "message": ' + message + b', "signature": "0x' + b"00" * 65 + b'"}'
    answer = await _post_siwe(park, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["rule"] in {"sign_in.json", "sign_in.message", "json.surrogate", "json.null"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("json.duplicate_key", lambda body: body.replace(b"{", b'{"identifier": "88.608.1/PARK", ', 1)),
        ("sign_in.json", lambda body: body.replace(b"{", b'{"role": "administration", ', 1)),
        ("sign_in.json", lambda body: body.replace(b'"0x', b'"0x ', 1)),
        ("sign_in.json", lambda body: body.replace(b'"0x', b'"0X', 1)),
        ("sign_in.json", lambda body: body.replace(b'"0x', b'"0x0', 1)),
        ("sign_in.json", lambda body: body.replace(b'"0x', b'"0x\\uff10', 1)),
        ("json.syntax", lambda body: body + b"{}"),
    ],
)
async def test_json_with_two_readings_signs_nobody_in(
    park: Any, wallet: PrivateKey, problem: Any, rule: str, change: Callable[[bytes], bytes]
) -> None:
    park.service()
    problem(await _post_siwe(park, change(siwe(park, wallet))), 400, rule)


WALLET_PAGE = r"""
const { Wallet } = require("ethers");
const { key, challenge, now } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const wallet = new Wallet(key);
const at = (seconds) => new Date(1000 * seconds + 250).toISOString();
const message = [
  `http://${challenge.domain} wants you to sign in with your Ethereum account:`, wallet.address, "", "",
  `URI: ${challenge.audience}`, "Version: 1", `Chain ID: ${challenge.chain_id}`, `Nonce: ${challenge.nonce}`,
  `Issued At: ${at(now)}`, `Expiration Time: ${at(now + 300)}`, `Not Before: ${at(now)}`, "Request ID: 1",
  "Resources:", "- https://test/terms", `- ${challenge.resource}`,
].join("\n");
wallet.signMessage(message).then((signature) => process.stdout.write(JSON.stringify({ message, signature })));
"""


@pytest.mark.node
async def test_a_message_made_and_signed_by_ethers_signs_in_once(park: Any, wallet: PrivateKey, problem: Any) -> None:
    transport = httpx.ASGITransport(create_app(park.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
        challenge = (await http.post(f"{SESSIONS}/challenge")).json()
        given = {"key": "0x" + wallet.raw.hex(), "challenge": challenge, "now": park.now}
        done = subprocess.run(
            [str(npm.find_node()), "-e", WALLET_PAGE],
            input=json.dumps(given),
            cwd=npm.home(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        body = json.loads(done.stdout) | {"identifier": "88.608.9/E"}
        answer = await http.post(SESSIONS, json=body)
        assert (answer.status_code, answer.json().get("identifier")) == (201, "88.608.9/E"), answer.text
        problem(await http.post(SESSIONS, json=body), 401, "sign_in.replayed")

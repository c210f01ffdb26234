"""Answers of a node: retryable, refused, or a contract's own words. A node that talks nonsense decides nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.chain.contracts import known_errors
from ledger.chain.errors import ChainUnavailable, ContractRefused, RequestRefused, WrongChain
from ledger.chain.rpc import Rpc
from ledger.errors import Integrity, Refusal, Retryable


class Node:
    """Answers every request with the same bytes."""

    def __init__(self) -> None:
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                body = node.body.replace(b'"asked"', str(json.loads(asked)["id"] if asked[:1] == b"{" else 1).encode())
                self.send_response(node.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.status, self.body = 200, b""
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def answers(self, **members: Any) -> None:
        self.body = json.dumps({"jsonrpc": "2.0", "id": "asked", **members}).encode()


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join(timeout=5)


@pytest.fixture
def rpc(node: Node) -> Iterator[Rpc]:
    made = Rpc(f"http://127.0.0.1:{node.server.server_port}", timeout=2)
    yield made
    made.close()


def revert(name: str, types: list[str], values: list[Any]) -> str:
    return "0x" + (keccak(text=f"{name}({','.join(types)})")[:4] + encode(types, values)).hex()


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"{}", b'"x"', b'{"result": {}}', b'{"result": 7}', b'{"error": {"code": "x"}}']
)
def test_nonsense_is_no_answer(node: Node, rpc: Rpc, body: bytes) -> None:
    node.body = body
    for call in (rpc.chain_id, rpc.head, lambda: rpc.code(bytes(20)), lambda: rpc.receipt(bytes(32))):
        with pytest.raises(ChainUnavailable):
            call()
    with pytest.raises(ChainUnavailable):
        rpc.logs([], 0, 1)


@pytest.mark.parametrize("number", [7_000, "0", None, {}, [1]])
def test_the_answer_to_another_request_is_none(node: Node, rpc: Rpc, number: Any) -> None:
    """As of a node that answers late or twice: a nonce would be taken for a fee."""
    node.answers(result="0x1", id=number)
    with pytest.raises(ChainUnavailable, match=r"the answer to request .* not to \d+"):
        rpc.gas_price()
    node.answers(result="0x2")
    assert rpc.gas_price() == 2


def test_an_error_without_a_number_is_of_this_request(node: Node, rpc: Rpc) -> None:
    node.answers(error={"code": -32700, "message": "Parse error"}, id=None)
    with pytest.raises(RequestRefused, match="Parse error"):
        rpc.gas_price()


def test_an_http_error_is_no_answer(node: Node, rpc: Rpc) -> None:
    node.status = 502
    node.answers(result="0x1")
    with pytest.raises(ChainUnavailable):
        rpc.chain_id()


def test_overload_is_retryable_and_a_bad_request_is_not(node: Node, rpc: Rpc) -> None:
    node.answers(error={"code": -32005, "message": "limit exceeded"})
    with pytest.raises(Retryable):
        rpc.chain_id()
    node.answers(error={"code": -32601, "message": "Method not found"})
    with pytest.raises(RequestRefused, match="Method not found"):
        rpc.chain_id()


def test_the_wrong_chain_is_an_integrity_error_that_names_both(node: Node, rpc: Rpc) -> None:
    node.answers(result="0x539")
    rpc.require_chain(1337)
    with pytest.raises(WrongChain, match=r"1337.*31337") as caught:
        rpc.require_chain(31337)
    assert isinstance(caught.value, Integrity)


@pytest.mark.parametrize(
    "data",
    [
        lambda text: text,
        lambda text: {"result": text},
        lambda text: "Reverted " + text,
    ],
    ids=["anvil", "ganache", "others"],
)
def test_a_custom_error_is_named_with_its_arguments(node: Node, rpc: Rpc, data: Any) -> None:
    raw = revert("SizeNotLarger", ["uint64", "uint64"], [5, 9])
    node.answers(error={"code": 3, "message": "execution reverted", "data": data(raw)})
    with pytest.raises(RequestRefused) as caught:
        rpc.call(bytes(20), b"")
    named = known_errors().decoded(caught.value)
    assert isinstance(named, ContractRefused)
    assert isinstance(named, Refusal)
    assert (named.name, named.arguments) == ("SizeNotLarger", {"size": 5, "headSize": 9})
    assert named.rule == "contract.SizeNotLarger"
    assert "SizeNotLarger(size=5, headSize=9)" in str(named)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (revert("Error", ["string"], ["no"]), "Error"),
        (revert("Panic", ["uint256"], [17]), "Panic"),
        ("0xdeadbeef", "unknown"),
        (revert("SizeNotLarger", ["uint64"], [5]), "unknown"),
        ("0x", "unknown"),
    ],
)
def test_any_revert_is_the_contract_s_refusal(node: Node, rpc: Rpc, data: str, name: str) -> None:
    node.answers(error={"code": 3, "message": "execution reverted", "data": data})
    with pytest.raises(RequestRefused) as caught:
        rpc.call(bytes(20), b"")
    named = known_errors().decoded(caught.value)
    assert isinstance(named, ContractRefused)
    assert named.name == name


def test_a_refused_request_that_is_no_revert_stays_what_it_is(node: Node, rpc: Rpc) -> None:
    node.answers(error={"code": -32000, "message": "insufficient funds for gas * price + value"})
    with pytest.raises(RequestRefused) as caught:
        rpc.send_raw(b"\x01")
    assert known_errors().decoded(caught.value) is caught.value


def test_a_transaction_that_the_node_has_already_is_sent(node: Node, rpc: Rpc) -> None:
    node.answers(error={"code": -32000, "message": "transaction already imported"})
    rpc.send_raw(b"\x01")


def test_waiting_for_a_receipt_ends(node: Node, rpc: Rpc) -> None:
    node.answers(result=None)
    with pytest.raises(ChainUnavailable, match="not mined"):
        rpc.wait_for_receipt(bytes(32), deadline=0.1)


def header(number: int) -> dict[str, str]:
    word = "0x" + number.to_bytes(32, "big").hex()
    return {"number": hex(number), "hash": word, "parentHash": word, "timestamp": "0x1", "gasLimit": "0x1"}


def test_headers_come_many_in_one_request(node: Node, rpc: Rpc) -> None:
    node.body = json.dumps([{"jsonrpc": "2.0", "id": n, "result": header(5 + n)} for n in range(2)]).encode()
    assert [block.number if block else None for block in rpc.blocks([5, 6])] == [5, 6]
    assert rpc.blocks([]) == []


def test_a_node_that_takes_no_requests_together_is_asked_one_by_one(node: Node, rpc: Rpc) -> None:
    node.answers(result=header(5))
    assert [block.number if block else None for block in rpc.blocks([5, 5])] == [5, 5]


def test_a_header_of_another_number_is_no_answer(node: Node, rpc: Rpc) -> None:
    node.body = json.dumps([{"jsonrpc": "2.0", "id": 0, "result": header(9)}]).encode()
    with pytest.raises(ChainUnavailable):
        rpc.blocks([5])


@pytest.mark.parametrize("body", [b"", b"not json", b"[7]", b'[{"id": 0, "result": 7}]', b'[{"id": 0, "error": {}}]'])
def test_nonsense_is_no_header(node: Node, rpc: Rpc, body: bytes) -> None:
    node.body = body
    with pytest.raises((ChainUnavailable, RequestRefused)):
        rpc.blocks([5])

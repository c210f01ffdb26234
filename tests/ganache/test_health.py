from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from ganache import Engine, EngineMismatch, EngineUnavailable, Node, attach
from ganache.health import wait_healthy


@pytest.mark.chain
def test_a_node_of_somebody_else_is_attached_by_its_url(anvil: Engine) -> None:
    engine = attach(anvil.rpc_url, chain_id=31337)
    assert (engine.rpc_url, engine.chain_id) == (anvil.rpc_url, 31337)
    assert engine.name.startswith("anvil/")
    assert (engine.pid, engine.data_dir, engine.final_path, engine.durable) == (None, None, None, False)


@pytest.mark.chain
def test_another_chain_than_expected_is_refused_with_both_ids(anvil: Engine) -> None:
    with pytest.raises(EngineMismatch, match=r"expected 1 \[31337\]"):
        attach(anvil.rpc_url, chain_id=1)


def test_a_node_that_accepts_and_says_nothing_is_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(EngineUnavailable, match="no answer before the deadline") as refused:
            attach(f"http://127.0.0.1:{silent.getsockname()[1]}", deadline=0.5)
        assert 0.5 <= time.monotonic() - begun < 5
    assert refused.value.value == "0.5 s"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://", "ftp://127.0.0.1"])
def test_an_address_where_nothing_answers_is_refused_at_the_deadline(url: str) -> None:
    with pytest.raises(EngineUnavailable):
        attach(url, deadline=0.2)


def test_something_that_speaks_no_json_rpc_is_not_taken_for_a_node() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.01)
        replies = 0

        def answer() -> str | None:
            nonlocal replies
            while True:
                try:
                    connection, _ = other.accept()
                except TimeoutError:
                    return "enough" if replies else None
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                    replies += 1

        with pytest.raises(EngineUnavailable):
            wait_healthy(f"http://127.0.0.1:{other.getsockname()[1]}", chain_id=None, deadline=0.5, ended=answer)


@pytest.mark.chain
def test_an_engine_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        Node(tmp_path, health_deadline=0.0).start()
    assert refused.value.rule == "engine.health"

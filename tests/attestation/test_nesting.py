"""Brackets within brackets are refused as what they are, in every process that reads what others wrote: none ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attestation.nesting import DEEPEST

_DEEP = 100_000
_PROGRAM = f"""
import sys, threading
from importlib import import_module
import_module(sys.argv[1])
import json, msgspec
def read():
    for decode in (msgspec.json.decode, json.loads):
        for deep in (b"[", b'{{"a":'):
            try:
                decode(deep * {_DEEP})
            except (RecursionError, ValueError) as error:
                print(type(error).__name__)
thread = threading.Thread(target=read)
thread.start()
thread.join()
import_module("py_ecc")
print(sys.getrecursionlimit())
"""


@pytest.mark.parametrize(
    "module",
    [
        "api.app",
        "ledger.chain.ahead_worker",
        "ledger.audit.run",
        "ledger.audit.worker",
        "tanlu.mirror",
        "tanlu.cli.audit",
    ],
)
def test_nested_json_is_an_error_in_every_process_that_reads_it(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, module], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.split()
    assert lines[:4] == ["RecursionError"] * 4
    if module != "ledger.audit.worker":  # which has no chain client, and loads none
        assert lines[4] == str(DEEPEST)

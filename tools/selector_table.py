"""Write the table of selectors into docs/contracts.md: each call that changes something, role, delay, administrator.

    python tools/selector_table.py [--check]

Calls and selectors come from the committed artifacts, roles from the plan that deployments follow; with `--check`
nothing is written, and a page that is out of date fails.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from eth_utils.abi import abi_to_signature, function_abi_to_4byte_selector

from ledger.chain.contracts import ACCESS_MANAGER, NAMES, load_artifact
from ledger.chain.deploy_roles import ASSET_CONTRACT_ROLE, CALLS, EXCHANGE_ROLE, REGISTRAR_ROLE

PAGE = Path(__file__).resolve().parent.parent / "docs" / "contracts.md"
BEGIN = "<!-- From here: made by tools/selector_table.py. -->\n"
END = "<!-- Until here. -->\n"
HEAD = "| call | selector | role | delay | administrator of the role |\n|---|---|---|---|---|\n"
# The log's own administration: no deployment gives it to a role, so that AccessManager's default holds (role 0).
ADMINISTRATION = {("EvidenceLog", "setCosigners"), ("EvidenceLog", "setApprover")}
WORDS = {
    None: ("anybody", "none", "-"),
    0: ("0, administrator: the governor", "the governor's delay", "role 0 itself, after its delay"),
    REGISTRAR_ROLE: ("1, registrar: the relayer", "none", "role 0, after its delay"),
    ASSET_CONTRACT_ROLE: ("2, asset contracts: `Compliance`", "none", "role 0, after its delay"),
    EXCHANGE_ROLE: ("3, the market: `Exchange`", "none", "role 0, after its delay"),
}
AUTHORITY = ("the `AccessManager` itself (`updateAuthority`)", "the governor's delay", "role 0, after its delay")


def rows() -> Iterator[str]:
    """One line per call of our contracts, by contract and name."""
    roles = {(name, call): role for role, calls in CALLS.items() for name in calls for call in calls[name]}
    roles |= dict.fromkeys(ADMINISTRATION, 0)
    for name in sorted(set(NAMES) - {ACCESS_MANAGER}):
        changing = [
            entry
            for entry in load_artifact(name).abi.entries
            if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
        ]
        for entry in sorted(changing, key=lambda each: str(each["name"])):
            call = str(entry["name"])
            words = AUTHORITY if call == "setAuthority" else WORDS[roles.pop((name, call), None)]
            selector = function_abi_to_4byte_selector(entry).hex()  # type: ignore[arg-type]  # our own artifact
            signature = abi_to_signature(entry)  # type: ignore[arg-type]  # our own artifact
            yield f"| `{name}.{call}` `{signature[len(call) :]}` | `0x{selector}` | {' | '.join(words)} |\n"
    if roles:
        raise SystemExit(f"roles are given for calls that are not there: {sorted(roles)}")


def page(text: str) -> str:
    """`text` with the table between its markers made anew."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} has lost its markers: {BEGIN.strip()} {END.strip()}")
    return f"{head}{begin}\n{HEAD}{''.join(rows())}\n{end}{tail}"


def main() -> int:
    """Write the page, or with `--check` compare; 1 where it is out of date."""
    parser = argparse.ArgumentParser(prog="python tools/selector_table.py", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    made = page(text)
    if not options.check:
        PAGE.write_text(made, encoding="utf-8")
    elif made != text:
        sys.stderr.write(f"{PAGE.name} is out of date; run python tools/selector_table.py\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

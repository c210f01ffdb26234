"""Who may call what on the contracts of a deployment, and which of them know each other."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
)

ADMIN_ROLE = 0
REGISTRAR_ROLE = 1
ASSET_CONTRACT_ROLE = 2
"""What contracts that move units hold: ``Compliance`` now."""
EXCHANGE_ROLE = 3
"""What the contract holds that keeps units in custody: ``Exchange``."""
_REGISTRAR_CALLS = {
    IDENTIFIER_REGISTRY: (
        "enrol",
        "addKey",
        "rotate",
        "revoke",
        "declareCompromised",
        "proposeRecovery",
        "cancelRecovery",
        "completeRecovery",
    ),
    EMISSIONS_REGISTRY: ("assign", "endAssignment", "declareTie", "register", "determine"),
    CARBON_LEDGER: (
        "issue",
        "approveRun",
        "allocate",
        "transfer",
        "cancelByOrder",
        "freeze",
        "freezeAtOnce",
        "confirmFreeze",
        "lapseFreeze",
        "release",
        "suspend",
        "carryIn",
        "enterOffset",
        "cancel",
        "returnOwed",
        "collectOwed",
    ),
    COMPLIANCE: ("setTerms", "setPrice", "surrender", "carryOver", "assess", "credit", "close"),
    CREDIT_SCORES: ("propose", "publish", "withdraw"),
    EXCHANGE: (
        "setTerms",
        "setReference",
        "openDay",
        "haltDay",
        "closeDay",
        "bind",
        "deposit",
        "withdraw",
        "payout",
        "reconcile",
        "move",
        "sweep",
        "bar",
        "cancel",
        "cancelAll",
        "settle",
        "settleBatch",
    ),
}
"""What belongs to the registrar's role, by contract."""
_CONTRACT_CALLS = {CARBON_LEDGER: ("surrender", "carryOver", "expire")}
"""What belongs to the role of contracts that move units."""
_CUSTODIAN_CALLS = {CARBON_LEDGER: ("takeCustody", "giveBack")}
"""What belongs to the role of the contract that keeps units in custody."""
CALLS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    REGISTRAR_ROLE: _REGISTRAR_CALLS,
    ASSET_CONTRACT_ROLE: _CONTRACT_CALLS,
    EXCHANGE_ROLE: _CUSTODIAN_CALLS,
}
"""Role → contract → the calls that it may make."""
HOLDERS = {
    REGISTRAR_ROLE: "the registrar's role",
    ASSET_CONTRACT_ROLE: "the role of contracts that move units",
    EXCHANGE_ROLE: "the market's role",
}
"""What the roles are called."""
APPOINTED = {
    ASSET_CONTRACT_ROLE: (COMPLIANCE, "let the book of obligations move units"),
    EXCHANGE_ROLE: (EXCHANGE, "let the exchange keep units"),
}
"""Which contract holds a role, and what the step is called that gives it. A deployment without that contract has no
such role."""
SHORT_NAMES = {
    IDENTIFIER_REGISTRY: "registry",
    EMISSIONS_REGISTRY: "emissions registry",
    CARBON_LEDGER: "ledger of units",
    COMPLIANCE: "book of obligations",
    CREDIT_SCORES: "book of scores",
    EXCHANGE: "exchange",
}
"""What steps call the contracts."""
REFERENCE_RULES = {
    EMISSIONS_REGISTRY: "deployment.emissions",
    CARBON_LEDGER: "deployment.ledger",
    COMPLIANCE: "deployment.compliance",
    CREDIT_SCORES: "deployment.scores",
    EXCHANGE: "deployment.exchange",
}
"""The rule that a contract breaks whose references are another deployment's."""
REFERENCES = {
    EMISSIONS_REGISTRY: {"identifierRegistry": IDENTIFIER_REGISTRY, "evidenceLog": EVIDENCE_LOG},
    CARBON_LEDGER: {"identifierRegistry": IDENTIFIER_REGISTRY},
    COMPLIANCE: {
        "identifierRegistry": IDENTIFIER_REGISTRY,
        "emissionsRegistry": EMISSIONS_REGISTRY,
        "carbonLedger": CARBON_LEDGER,
    },
    CREDIT_SCORES: {"identifierRegistry": IDENTIFIER_REGISTRY},
    EXCHANGE: {"identifierRegistry": IDENTIFIER_REGISTRY, "carbonLedger": CARBON_LEDGER},
}
"""Which others of the deployment a contract was made to ask, by the view that says so; constructors take them in this
order after authority and deployment id."""

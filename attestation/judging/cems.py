"""The year's rules for measured stacks, as accounting asks for them (DOMAIN 34)."""

from __future__ import annotations

from attestation.accounting.cems import CemsRules
from attestation.context import Context


def cems_rules(year: int, context: Context) -> CemsRules:
    """Completeness and substitution as the policies of that year say, else the defaults."""
    rules = context.rules(year)
    return CemsRules(rules.cems_completeness, rules.cems_substitution)

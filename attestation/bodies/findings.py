"""``finding``: what a verifier found in a report, on paper or on the site (DOMAIN 44)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import NameText, Part, StatementIdText, published
from attestation.bodies.words import WordsText

STAGES = ("document", "site")
FINDING_KINDS = ("nonconformity", "observation")


class FindingItem(Part, frozen=True, kw_only=True):
    """One finding. ``line`` names the report line that it is about, where there is one; ``rule`` the clause of the
    guideline or plan that is not met."""

    id: NameText
    stage: Annotated[str, published(enum=list(STAGES))]
    kind: Annotated[str, published(enum=list(FINDING_KINDS))]
    line: NameText | None = None
    rule: NameText
    text: WordsText


class Finding(Part, frozen=True, kw_only=True):
    """Body of ``finding``. ``report`` is the statement id of the standing report."""

    report: StatementIdText
    items: Annotated[tuple[FindingItem, ...], published(minItems=1)]

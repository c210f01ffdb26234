"""Where an enterprise's year stands as an intent meets it: cap, due, deadline (DOMAIN 2, 3, 6).

The figure is the last one that the log registered, since what is about an enterprise reaches the chain in the order of
the log; what was surrendered is what the chain holds and what is on its way there.
"""

from __future__ import annotations

from msgspec import Struct

from attestation.bodies.compliance import ALL_BPS
from attestation.context import Context
from attestation.facts.assets import ObligationRecord, TermsRecord
from attestation.facts.cases import RegistrationRecord
from attestation.judging.cases import counted_figures
from attestation.refusals import refuse


class Obligation(Struct, frozen=True):
    """``emissions`` of the year by ``figure_index``'s entry, the ``cap`` of offsets and how many are ``offsets_left``
    below it; ``due`` is still to be met, ``open`` what of it a surrender may still meet; ``excess`` is what was
    surrendered beyond; ``deadline`` is the first second that is too late; ``carried`` of the vintage so far. Tonnes and
    unix seconds."""

    emissions: int
    figure_index: int
    offsets_left: int
    due: int
    open: int
    excess: int
    deadline: int
    carried: int


def find_terms(year: int, context: Context) -> TermsRecord:
    """Step 11: the terms of the year (``terms.none``)."""
    terms = context.year_terms(year)
    if terms is None:
        raise refuse("terms.none", year)
    return terms


def find_obligation(enterprise: str, terms: TermsRecord, context: Context) -> Obligation:
    """Step 11: the obligation of an enterprise's year (``obligation.none`` without a registered figure)."""
    year = terms.year
    figures = counted_figures(enterprise, year, context)
    if not figures:
        raise refuse("obligation.none", f"{enterprise} {year}")
    figure, position = figures[-1], context.obligation_position(enterprise, year)
    cap = terms.offset_cap_bps * figure.tonnes // ALL_BPS
    used = position.offsets_used + position.offsets_leaving
    met = position.quota + position.quota_leaving + position.credit_in + min(used, cap)
    due = max(0, figure.tonnes + position.credit_out - met)
    deadline = max(terms.surrender_deadline, position.deadline)
    if figure.revision > 1 and figure.revision != position.revision:
        # An amendment on its way: its time begins when it is registered (DOMAIN 2).
        deadline = max(deadline, context.now + terms.amendment_seconds)
    return Obligation(
        figure.tonnes,
        figure.index,
        max(0, cap - used),
        due,
        min(max(0, due - position.missed), _in_time(figures, position, terms, context)),
        max(0, met - figure.tonnes - position.credit_out),
        deadline,
        position.carried + position.carried_leaving,
    )


def _in_time(
    figures: list[RegistrationRecord], position: ObligationRecord, terms: TermsRecord, context: Context
) -> int:
    """After the year's deadline only what amendments brought whose time runs has time (DOMAIN 2, 5). What of it was
    surrendered since is the contract's to know."""
    tonnes = figures[-1].tonnes
    if context.now < terms.surrender_deadline or position.lowest is None:
        return tonnes
    coming = (figure.tonnes for figure in figures if figure.revision > position.revision)
    return tonnes - min(position.lowest, *coming, tonnes)

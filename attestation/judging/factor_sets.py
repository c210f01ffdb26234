"""The factor set that a report names: published, not corrected since, and in force by the period's end."""

from __future__ import annotations

from attestation.accounting.factor_sets import FactorSet
from attestation.bodies import FactorSetRef
from attestation.context import Context
from attestation.instants import day_of, parse_date, start_of_day
from attestation.refusals import refuse


def serving_factor_set(named: FactorSetRef, period: tuple[int, int], context: Context) -> FactorSet:
    """Step 12: the set by which a report of the period (unix seconds, half open) is recomputed.

    A version that corrects another serves from the day on from which that one did. Nobody chooses among the versions of
    a set: that of the period's last day serves. Raises RecomputationRefused (``factor_set.unknown``,
    ``factor_set.corrected``, ``factor_set.not_effective``, ``factor_set.superseded``).
    """
    name = f"{named.id} {named.version}"
    factor_set, terms = context.factor_set(named.id, named.version), context.factor_set_terms(named.id, named.version)
    if factor_set is None or terms is None:
        raise refuse("factor_set.unknown", name)
    if terms.corrected_by is not None:
        by = f"{named.id} {terms.corrected_by}"
        raise refuse("factor_set.corrected", name, f"{by}, which corrects it", expected_zh=f"更正后的 {by}")
    if start_of_day(parse_date(terms.effective_from)) >= period[1]:
        raise refuse("factor_set.not_effective", f"{name}, from {terms.effective_from}")
    last = day_of(period[1] - 1)
    serving = context.factor_set_serving(named.id, last)
    if serving != named.version:
        serves = f"{named.id} {serving}"
        wanted_zh = f"{last} 适用的 {serves}"
        raise refuse("factor_set.superseded", name, f"{serves}, which serves on {last}", expected_zh=wanted_zh)
    return factor_set

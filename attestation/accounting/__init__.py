"""Recomputes emissions from activities and versioned factor sets; formulas and roundings in `docs/accounting.md`."""

from __future__ import annotations

from attestation.accounting.build import Activity, BuiltReport, CitedRange, build_report
from attestation.accounting.bundled import list_bundled, load_bundled
from attestation.accounting.factor_sets import EnergyFactor, FactorSet, FuelFactor
from attestation.accounting.ganzhou import GanzhouYear, ganzhou_totals
from attestation.accounting.lines import LineKind, RecomputedLine, Term
from attestation.accounting.report import Recomputed, check_report, recompute
from attestation.accounting.shape import check_shape
from attestation.accounting.totals import ObligationBase, Totals

__all__ = [
    "Activity",
    "BuiltReport",
    "CitedRange",
    "EnergyFactor",
    "FactorSet",
    "FuelFactor",
    "GanzhouYear",
    "LineKind",
    "ObligationBase",
    "Recomputed",
    "RecomputedLine",
    "Term",
    "Totals",
    "build_report",
    "check_report",
    "check_shape",
    "ganzhou_totals",
    "list_bundled",
    "load_bundled",
    "recompute",
]

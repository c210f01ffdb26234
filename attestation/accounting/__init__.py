"""Recomputes emissions from activities and versioned factor sets; formulas and roundings in `docs/accounting.md`."""

from __future__ import annotations

from attestation.accounting.activities import Activity, CitedRange, Material, Produced, Weighed
from attestation.accounting.adjusted import adjusted_report, apply_adjustments
from attestation.accounting.build import BuiltReport, build_report
from attestation.accounting.bundled import list_bundled, load_bundled
from attestation.accounting.cems import CemsRules
from attestation.accounting.evidence import citations_of
from attestation.accounting.factor_sets import EnergyFactor, FactorSet, FuelFactor
from attestation.accounting.ganzhou import GanzhouYear, ganzhou_totals
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine
from attestation.accounting.report import Recomputed, check_report, recompute
from attestation.accounting.shape import check_shape
from attestation.accounting.totals import ObligationBase, Totals
from attestation.accounting.trace import Step, Term

__all__ = [
    "Activity",
    "BuiltReport",
    "CemsRules",
    "CitedRange",
    "EnergyFactor",
    "FactorSet",
    "Formula",
    "FuelFactor",
    "GanzhouYear",
    "LineKind",
    "Material",
    "ObligationBase",
    "Produced",
    "Recomputed",
    "RecomputedLine",
    "Step",
    "Term",
    "Totals",
    "Weighed",
    "adjusted_report",
    "apply_adjustments",
    "build_report",
    "check_report",
    "check_shape",
    "citations_of",
    "ganzhou_totals",
    "list_bundled",
    "load_bundled",
    "recompute",
]

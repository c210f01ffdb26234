"""Free allocation of a year's quota (DOMAIN 26 to 31): pure, exact, with a trace of every figure."""

from __future__ import annotations

from quota.allocation.benchmark import NATIONAL_BENCHMARKS, national_benchmarks
from quota.allocation.documents import (
    check_summary,
    input_root,
    inputs_to_document,
    read_inputs,
    read_run,
    table_hash,
    to_document,
    to_summary,
)
from quota.allocation.inputs import (
    AllocationInput,
    AllocationRules,
    BaseOutput,
    BaseYear,
    GrandfatheringInputs,
    IndustryInputs,
    IntensityInputs,
    Method,
    MethodInputs,
    PowerInputs,
    PowerUnit,
    UnitClass,
)
from quota.allocation.pre_allocation import (
    PreAllocation,
    PreShare,
    Reconciliation,
    pre_allocate,
    reconcile,
    reconcile_tables,
)
from quota.allocation.pre_documents import pre_input_root, pre_inputs_to_document, read_pre_inputs
from quota.allocation.run import AllocationRun, Share, allocate

__all__ = [
    "NATIONAL_BENCHMARKS",
    "AllocationInput",
    "AllocationRules",
    "AllocationRun",
    "BaseOutput",
    "BaseYear",
    "GrandfatheringInputs",
    "IndustryInputs",
    "IntensityInputs",
    "Method",
    "MethodInputs",
    "PowerInputs",
    "PowerUnit",
    "PreAllocation",
    "PreShare",
    "Reconciliation",
    "Share",
    "UnitClass",
    "allocate",
    "check_summary",
    "input_root",
    "inputs_to_document",
    "national_benchmarks",
    "pre_allocate",
    "pre_input_root",
    "pre_inputs_to_document",
    "read_inputs",
    "read_pre_inputs",
    "read_run",
    "reconcile",
    "reconcile_tables",
    "table_hash",
    "to_document",
    "to_summary",
]

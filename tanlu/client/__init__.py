"""The SDK: `Client` talks to one service over HTTP and checks what it promises before returning it."""

from __future__ import annotations

from tanlu.client.accounts import Account, AccountSummary, Asset, Assets, Holding
from tanlu.client.admission_types import ApplicationTold, CarriedIn, Received
from tanlu.client.admissions import Admissions
from tanlu.client.answers import (
    Acceptance,
    BulkChunk,
    BulkResult,
    Coverage,
    CoveredRange,
    Entry,
    Gap,
    GapRange,
    LineResult,
    Stream,
)
from tanlu.client.cases import Case, CaseFile
from tanlu.client.cash_answers import CashComparison, CashShown, CashTotal
from tanlu.client.client import Client
from tanlu.client.compliance import ComplianceYear, Obligation, Position, Score, Terms
from tanlu.client.key_life import KeyLife
from tanlu.client.keys import Flagged, Key, KeyLog, Recovery
from tanlu.client.labels import LoggedLabel
from tanlu.client.losses import Losses
from tanlu.client.market_answers import (
    AuctionShown,
    Book,
    Candle,
    LapsedBid,
    MarketShown,
    OrderShown,
    SessionShown,
    Trade,
    Trader,
    TradingDay,
)
from tanlu.client.measured import CoverageFinding, DeviceHistory, ReportCoverage
from tanlu.client.operations import Operation
from tanlu.client.policies import DueDate, PublishedPolicy, Reminded, TouchedReport
from tanlu.client.sign_in import Credentials

__all__ = [
    "Acceptance",
    "Account",
    "AccountSummary",
    "Admissions",
    "ApplicationTold",
    "Asset",
    "Assets",
    "AuctionShown",
    "Book",
    "BulkChunk",
    "BulkResult",
    "Candle",
    "CarriedIn",
    "Case",
    "CaseFile",
    "CashComparison",
    "CashShown",
    "CashTotal",
    "Client",
    "ComplianceYear",
    "Coverage",
    "CoverageFinding",
    "CoveredRange",
    "Credentials",
    "DeviceHistory",
    "DueDate",
    "Entry",
    "Flagged",
    "Gap",
    "GapRange",
    "Holding",
    "Key",
    "KeyLife",
    "KeyLog",
    "LapsedBid",
    "LineResult",
    "LoggedLabel",
    "Losses",
    "MarketShown",
    "Obligation",
    "Operation",
    "OrderShown",
    "Position",
    "PublishedPolicy",
    "Received",
    "Recovery",
    "Reminded",
    "ReportCoverage",
    "Score",
    "SessionShown",
    "Stream",
    "Terms",
    "TouchedReport",
    "Trade",
    "Trader",
    "TradingDay",
]

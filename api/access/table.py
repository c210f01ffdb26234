"""The one table of routes: who may call each. Enforced by ``guard``, printed in docs/access.md, walked by a test.

What a caller may see *within* a route that answers with somebody's things (``OWN``) is decided by ``rights``. What
somebody holds and owes (``HOLDER``) is theirs alone: who verifies their emissions does not read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Need(StrEnum):
    """What a route asks of its caller."""

    ANYONE = "anyone"
    SIGNED_IN = "anyone who is signed in"
    OWN = "whose things they are"
    HOLDER = "whose account it is"
    TRADER = "enterprise, regulator, administration"
    OVERSEER = "regulator, administration"
    PARK = "administration"


ROUTES: Mapping[str, Need] = MappingProxyType(
    {
        "challengeSession": Need.ANYONE,
        "openSession": Need.ANYONE,
        "getSession": Need.SIGNED_IN,
        "endSession": Need.SIGNED_IN,
        # Who signed is proved by the statement; the token says who carries it, and is what limits count.
        "submitStatement": Need.SIGNED_IN,
        "submitStatements": Need.SIGNED_IN,
        "enrolIdentifier": Need.SIGNED_IN,
        # A refusal may name what somebody holds: judged as the caller's own statement, the registrar's for overseers.
        "judgeBody": Need.SIGNED_IN,
        "findEntry": Need.OWN,
        "getEntry": Need.OWN,
        "getReceipt": Need.OWN,
        "getStreams": Need.OWN,
        "getCoverage": Need.OWN,
        "getGaps": Need.OWN,
        "getReportCoverage": Need.OWN,
        "getDevice": Need.OWN,
        "getFlagged": Need.OWN,
        "getReads": Need.OWN,
        "getLabels": Need.OWN,
        "listCases": Need.OWN,
        "getCase": Need.OWN,
        # What the park published is for all whom it binds; which reports a version touches names whose they are.
        "listPolicies": Need.SIGNED_IN,
        "getTouchedReports": Need.OVERSEER,
        "listDeadlines": Need.OWN,
        # Whoever applies has no key in the log yet; what an application holds is for the park that keeps the register.
        "sendApplication": Need.ANYONE,
        "listApplications": Need.PARK,
        "getApplication": Need.PARK,
        "eraseApplication": Need.PARK,
        "getAdmission": Need.PARK,
        "getOpening": Need.OWN,
        # A search finds what its caller may read, and nothing of what others say.
        "searchHistory": Need.OWN,
        "getTonne": Need.HOLDER,
        "getUnitWay": Need.HOLDER,
        # Of a key whoever reads what its holder signed; of a policy the overseers.
        "listEffects": Need.OWN,
        "listAccounts": Need.OVERSEER,
        "getAccount": Need.HOLDER,
        "listMovements": Need.HOLDER,
        "listNotices": Need.HOLDER,
        "getComplianceYear": Need.OVERSEER,
        "getObligation": Need.HOLDER,
        "getOperation": Need.HOLDER,
        # An enterprise sees its own row of an allocation, not what others got and from which inputs.
        "getAllocation": Need.HOLDER,
        "getScores": Need.HOLDER,
        "listScores": Need.OVERSEER,
        # Whoever may trade sees book and prices; whose an order or a trade is, they see of their own.
        "getMarket": Need.TRADER,
        "getBook": Need.TRADER,
        "listDays": Need.TRADER,
        "listTrades": Need.TRADER,
        "listCandles": Need.TRADER,
        "getTradingSession": Need.TRADER,
        "listAuctions": Need.TRADER,
        "getAuction": Need.TRADER,
        "getStatistics": Need.TRADER,
        "followAsset": Need.TRADER,
        "followOwn": Need.HOLDER,
        "listOrders": Need.HOLDER,
        "getOrder": Need.HOLDER,
        "listFills": Need.HOLDER,
        "getTrader": Need.HOLDER,
        "getCash": Need.HOLDER,
        "getCashTotal": Need.OVERSEER,
        # A mirror has everything; whoever may not read all of it gets its own by a search and its receipts.
        "getMirror": Need.OVERSEER,
        "getMirrorPage": Need.OVERSEER,
        "getMirrorPart": Need.OVERSEER,
        # What there is of an asset in all is law 3's, and everybody's to check.
        "listAssets": Need.ANYONE,
        "getAsset": Need.ANYONE,
        "listAllocations": Need.ANYONE,
        # Whoever verifies needs keys, heads, proofs and hashes; none of them says what an entry says.
        "resolveIdentifier": Need.ANYONE,
        "getKey": Need.ANYONE,
        "getCheckpoint": Need.ANYONE,
        "getCheckpointOfSize": Need.ANYONE,
        "getConsistency": Need.ANYONE,
        "getTile": Need.ANYONE,
        "getTrust": Need.ANYONE,
        "listSchemas": Need.ANYONE,
        "getSchema": Need.ANYONE,
        "getHealth": Need.ANYONE,
        "getReady": Need.ANYONE,
    }
)
"""By operation id. A route that is not here answers nobody, and a test fails."""

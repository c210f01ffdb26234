"""The log, counted: what was accepted, repeated, refused, whichever way it came."""

from __future__ import annotations

from api.metrics.instruments import Metrics
from attestation.keys import PrivateKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.log import Accepted, Batch, Examination, Log
from ledger.verifying import Checker, check_here


class CountedLog(Log):
    """A log that tells ``metrics`` of every outcome."""

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        log_key: PrivateKey,
        metrics: Metrics,
        checker: Checker = check_here,
    ) -> None:
        super().__init__(database, parameters, log_key, checker=checker)
        self._metrics = metrics

    def settle(self, examination: Examination) -> Batch:
        """As the log does it, then counted: what raises was not decided."""
        batch = super().settle(examination)
        accepted = repeated = 0
        for outcome in batch.outcomes:
            if not isinstance(outcome, Accepted):
                self._metrics.refused(outcome.error.rule)
            elif outcome.repeated:
                repeated += 1
            else:
                accepted += 1
        self._metrics.statements.labels("accepted").inc(accepted)
        self._metrics.statements.labels("repeated").inc(repeated)
        return batch

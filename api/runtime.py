"""One process of the service: from settings to what runs.

Parts are made from the bottom up: password and keys, trust file and plan, database with its migrations, log and view,
then the background roles. Whatever is missing is said before anything listens.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from eth_account import Account
from eth_account.signers.local import LocalAccount

from api.access.access import Access
from api.allowances import access_limits, bulk_limits, feed_limits
from api.deps import Service
from api.health import PROBE_SECONDS, Findings
from api.keys import PublishedKeys, open_key, read_password, require_file
from api.metrics import CountedLog, Metrics, StateCollector
from api.plan import deployment_plan
from api.reminding import reminder_channels, reminding
from api.sequencing import Holder, Sequencing
from api.settings import Profile, Role, Settings, SettingsRefused
from api.store import open_log, open_store
from api.workers import Worker, new_holder
from attestation.keys import Algorithm, PrivateKey
from ledger.applications import Terms
from ledger.chain.addressbook import AddressBook
from ledger.chain.contracts import NAMES, Deployment
from ledger.chain.deploy import Funding, ensure_deployed, top_up
from ledger.chain.deploy_plan import created_address
from ledger.chain.finality import finality_from_setting
from ledger.chain.relayer import Relayer
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.context import LogParameters, parameters_of
from ledger.cosigning import Witness
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from ledger.verifying import SignatureWorkers, cores
from ledger.view import LogView, integrated_tree

_logger = logging.getLogger(__name__)


def _verifiers(settings: Settings) -> int:
    if Role.API not in settings.roles:
        return 0
    return cores() if settings.verifiers < 0 else settings.verifiers


class Runtime:
    """The parts of one process, and its end.

    ``stop`` is set to end its roles; ``fatal`` is the error that ended it, if one did; ``on_stop`` is told at once when
    it shall end, perhaps in a signal handler.
    """

    def __init__(self, settings: Settings, published: PublishedKeys) -> None:
        self.settings = settings
        self._published = published
        self.stop = threading.Event()
        self.fatal: Exception | None = None
        self.on_stop: Callable[[], None] = self.stop.set
        self.metrics = Metrics()
        trust_file = require_file(settings.trust_file, "TANLU_TRUST_FILE", "trust file", "信任文件")
        self.trust_bytes = trust_file.read_bytes()
        self.trust: Trust = parse_trust(self.trust_bytes)
        self._plan = deployment_plan(settings, self.trust)
        self._password = read_password(settings.key_password_file)
        self._log_key = self._key("log", Algorithm.ED25519)
        self._require_log_key()
        # Everything that a role will need is opened before the database is touched.
        self._prepared = [make() for role, make in self._roles() if role in settings.roles]
        self.database = open_store(settings.database_url)
        self.parameters = self._log_parameters()
        self.checkers = SignatureWorkers(_verifiers(settings))
        self.log = CountedLog(self.database, self.parameters, self._log_key, self.metrics, self.checkers)
        open_log(self.database, self.log)
        self.view = LogView(self.database, self.parameters, self._log_key)
        self.workers: Sequence[Worker] = [made for finish in self._prepared if (made := finish()) is not None]
        self.access = self._access()
        self.service = self._service()

    def start(self) -> None:
        """Start the background roles."""
        for worker in self.workers:
            worker.start()

    def ask_to_stop(self) -> None:
        """Begin an orderly end."""
        self.on_stop()

    def close(self) -> None:
        """End the background roles and give the database back. Safe to call twice."""
        self.stop.set()
        until = time.monotonic() + self.settings.shutdown_grace_s
        for worker in self.workers:
            if not worker.join(max(0.0, until - time.monotonic())):
                _logger.error("%s did not end within %d s", worker.name, self.settings.shutdown_grace_s)
        self.access.close()
        self.checkers.close()
        self.database.close()

    def fail(self, error: Exception) -> None:
        """End the process because of ``error``; the first one counts."""
        if self.fatal is None:
            self.fatal = error
            _logger.critical("stopping: %s", error, exc_info=error)
        self.stop.set()
        self.on_stop()

    # -- roles -----------------------------------------------------------------------------------------------------

    def _roles(self) -> list[tuple[Role, Callable[[], Callable[[], Worker | None]]]]:
        return [
            (Role.RELAYER, self._prepare_relayer),
            (Role.SEQUENCER, self._prepare_sequencer),
            (Role.REMINDERS, self._prepare_reminders),
        ]

    def _prepare_reminders(self) -> Callable[[], Worker | None]:
        channels = reminder_channels(self.settings.reminders_file, self.settings.profile)
        return lambda: reminding(self, channels)

    def _prepare_sequencer(self) -> Callable[[], Worker]:
        cosigner = self._key("cosigner", Algorithm.ES256K)
        self._require_same("cosigner", cosigner.public.evm_address or b"", *self.trust.cosigners)
        urls, witnesses = self.settings.witness_urls, self.trust.witnesses
        if len(urls) != len(witnesses):
            raise SettingsRefused(
                "settings.witnesses",
                len(urls),
                f"{len(witnesses)} URLs, in the order of the trust file's witnesses",
                f"The trust file has {len(witnesses)} witnesses, TANLU_WITNESS_URLS names {len(urls)}.",
                f"信任文件中有 {len(witnesses)} 个见证人，TANLU_WITNESS_URLS 给出 {len(urls)} 个。",
            )
        name = self.trust.log
        operator = OperatorKeys(
            SignerKey(name, SignatureKind.ED25519, self._log_key), SignerKey(name, SignatureKind.EIP712, cosigner)
        )

        def make(met: Sequence[Witness], holders: Sequence[Holder]) -> Sequencer:
            domain = self.trust.checkpoint_domain
            return Sequencer(self.database, self.parameters, operator, met, domain=domain, holders=holders)

        def finish() -> Worker:
            sequencing = Sequencing(
                make, urls, witnesses, self.trust.cosigners, self.trust.checkpoint_domain, Rpc(self.settings.rpc_url)
            )
            pause = self.settings.sequencer_interval_ms / 1000
            return Worker("sequencer", sequencing.round, pause, self.stop, self.fail, observe=self.metrics.round)

        return finish

    def _prepare_relayer(self) -> Callable[[], Worker]:
        settings = self.settings
        account, deployer = self._account("relayer"), self._account("deployer")
        plan = self._plan
        self._sender = account_address(account)
        self._require_same("relayer", self._sender, plan.registrar)
        # The contracts' addresses follow from the deployer's: with another one nothing would stand where it must.
        for name, address in self.trust.contracts.items():
            self._require_same("deployer", created_address(account_address(deployer), NAMES.index(name)), address)
        funding = self._funding()
        finality = finality_from_setting(settings.finality)

        def finish() -> Worker:
            rpc = Rpc(settings.rpc_url)

            def deploy() -> Deployment:
                return ensure_deployed(rpc, plan, deployer, settings.deployment_file, funding=funding)

            relayer = Relayer(
                self.database,
                rpc,
                account,
                deploy=deploy,
                tree_of=integrated_tree,
                finality=finality,
                holder=new_holder(),
                top_up=None if funding is None else lambda: top_up(rpc, funding, plan.chain_id, plan.registrar),
            )

            def one_round() -> bool:
                return relayer.step().more

            pause = settings.anchor_interval_ms / 1000
            return Worker(
                "relayer", one_round, pause, self.stop, self.fail, relayer.release, observe=self.metrics.round
            )

        return finish

    def _funding(self) -> Funding | None:
        if self.settings.profile is not Profile.DEVELOPMENT:
            return None
        payer = self._published.payer(self.settings.rpc_url, self.trust.chain_id)
        return None if payer is None else Funding(Account.from_key(payer))

    # -- parts -----------------------------------------------------------------------------------------------------

    def _log_parameters(self) -> LogParameters:
        return replace(
            parameters_of(self.trust),
            skew=self.settings.clock_skew_s,
            recovery_delay=self._plan.recovery_delay,
            integrate_within=self.settings.integrate_within_s,
        )

    def _access(self) -> Access:
        audience, limits = self.settings.public_url.rstrip("/"), access_limits(self.settings)
        return Access(self.database, self.parameters, self._log_key, audience=audience, limits=limits)

    def _service(self) -> Service:
        settings = self.settings
        findings = Findings(
            self.database, self.view, settings.rpc_url, self.trust.chain_id, settings.witness_urls, self.workers
        )
        balance = self._balance if Role.RELAYER in settings.roles else None
        self.metrics.registry.register(StateCollector(self.database, findings, settings.integrate_within_s, balance))
        return Service(
            self.trust.log,
            self.log,
            self.view,
            self.trust_bytes,
            findings,
            self.fail,
            self.access,
            bulk_limits(settings),
            self.metrics,
            feed_limits=feed_limits(settings),
            application_terms=Terms(settings.applications_days, settings.applications_most),
            deployment=self._deployment,
        )

    def _deployment(self) -> Deployment | None:
        path = self.settings.deployment_file
        return AddressBook.from_json(path.read_text("utf-8")).deployment() if path.is_file() else None

    def _balance(self) -> int:
        rpc = Rpc(self.settings.rpc_url, timeout=PROBE_SECONDS)
        try:
            return rpc.balance(self._sender)
        finally:
            rpc.close()

    def _key(self, name: str, algorithm: Algorithm) -> PrivateKey:
        path = getattr(self.settings, f"{name}_key_file")
        key = open_key(path, self._password, algorithm, f"TANLU_{name.upper()}_KEY_FILE")
        if algorithm is Algorithm.ES256K:
            self._published.refuse(key.raw, self.settings.rpc_url, self.trust.chain_id)
        return key

    def _account(self, name: str) -> LocalAccount:
        account: LocalAccount = Account.from_key(self._key(name, Algorithm.ES256K).raw)
        return account

    def _require_log_key(self) -> None:
        found, wanted = self._log_key.public.raw, self.trust.log_key.material
        if found != wanted:
            raise SettingsRefused(
                "settings.log_key",
                found.hex(),
                wanted.hex(),
                "The log key is not the one in the trust file; nobody would believe what it signs.",
                "日志密钥与信任文件中的不符。",
            )

    def _require_same(self, name: str, found: bytes, *wanted: bytes) -> None:
        if found not in wanted:
            raise SettingsRefused(
                f"settings.{name}_key",
                "0x" + found.hex(),
                " or ".join("0x" + item.hex() for item in wanted),
                f"The {name} key in TANLU_{name.upper()}_KEY_FILE is not that of this deployment.",
                f"TANLU_{name.upper()}_KEY_FILE 中的密钥不属于本部署。",
            )

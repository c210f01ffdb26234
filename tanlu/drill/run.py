"""Each alteration of its own copy, audited; a clean copy of each kind first."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ledger.audit import Area, Divergence, audit, store_evidence
from ledger.audit.of_archive import archive_evidence
from ledger.errors import LedgerError
from ledger.trust import parse
from tanlu.drill.alterations import ALTERATIONS, Alteration, Target


@dataclass(frozen=True, slots=True)
class Tried:
    """One alteration and what the audit said. ``applied``: the copy had something of the kind. ``found``: how many
    divergences; ``first``: the first one as text; ``named``: one of them names the place."""

    name: str
    name_zh: str
    target: str
    applied: bool
    found: int
    named: bool
    first: str

    @property
    def passed(self) -> bool:
        """Whether it was found and named."""
        return self.applied and self.named


@dataclass(frozen=True, slots=True)
class DrillResult:
    """``clean``: divergences of the copies that nobody altered, which must be none."""

    clean: tuple[str, ...]
    tried: tuple[Tried, ...]

    @property
    def passed(self) -> bool:
        """Whether everything that was altered was found and named, and nothing else."""
        return not self.clean and all(one.passed for one in self.tried if one.applied)


def drill(
    database: Path,
    archive: Path,
    trust: Path,
    *,
    names: Iterable[str] | None = None,
    processes: int = 2,
    said: Callable[[Tried], None] = lambda _tried: None,
) -> DrillResult:
    """Try alterations of copies of a store's file and of its archive; ``names``: those alone. ``said`` gets each as it
    is done. The chain's part of the store's audit is the archive's. Raises KeyError for an unknown name."""
    known = {one.name: one for one in ALTERATIONS}
    chosen = list(known) if names is None else [known[name].name for name in names]
    with tempfile.TemporaryDirectory(prefix="tanlu-drill-") as folder:
        sources = (str(database), str(archive), str(trust), folder)
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
            clean = [executor.submit(_clean, target.value, *sources) for target in Target]
            waiting = [executor.submit(_try, name, *sources) for name in chosen]
            told = tuple(line for future in clean for line in future.result())
            tried = []
            for future in waiting:
                tried.append(future.result())
                said(tried[-1])
    return DrillResult(told, tuple(tried))


def _clean(target: str, database: str, archive: str, trust: str, _folder: str) -> list[str]:
    place = Path(database if target == Target.STORE else archive)
    return [str(one) for one in _audited(Target(target), place, Path(archive), Path(trust))]


def _try(name: str, database: str, archive: str, trust: str, folder: str) -> Tried:
    alteration = next(one for one in ALTERATIONS if one.name == name)
    source = Path(database if alteration.target is Target.STORE else archive)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        copy = Path(place) / source.name
        _copy(source, copy)
        if not alteration.apply(copy):
            return _tried(alteration, [], applied=False)
        return _tried(alteration, _audited(alteration.target, copy, Path(archive), Path(trust)), applied=True)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    for suffix in ("-wal", "-shm"):
        beside = source.with_name(source.name + suffix)
        if beside.exists():
            shutil.copyfile(beside, target.with_name(target.name + suffix))


def _tried(alteration: Alteration, found: list[Divergence], *, applied: bool) -> Tried:
    return Tried(
        alteration.name,
        alteration.name_zh,
        alteration.target.value,
        applied,
        len(found),
        any(one.place.startswith(alteration.places) for one in found),
        str(found[0]) if found else "",
    )


def _audited(target: Target, copy: Path, archive: Path, trust_path: Path) -> list[Divergence]:
    """What an audit says of a copy; one that cannot even be read is a divergence too."""
    trust = parse(trust_path.read_bytes())
    found: list[Divergence] = []
    try:
        if target is Target.ARCHIVE:
            with archive_evidence(copy) as evidence:
                audit(
                    evidence.log,
                    trust,
                    chain=evidence.chain,
                    deployment=evidence.deployment,
                    members=evidence.faults(),
                    tables=evidence.archive,
                    found=found.append,
                )
        else:
            with archive_evidence(archive) as beside, store_evidence(f"sqlite:///{copy}") as log:
                audit(
                    log,
                    trust,
                    chain=beside.chain,
                    deployment=beside.deployment,
                    rows=log.store,
                    found=found.append,
                )
    except LedgerError as error:
        found.append(_unreadable(error))
    return found


def _unreadable(error: LedgerError) -> Divergence:
    return Divergence(Area.FILE, error.value, error.rule, error.value, error.expected)

"""What an inventory's figures are made from, and that none of it is counted twice (DOMAIN 35, 46)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.accounting.refusals import schema_refusal


@dataclass(frozen=True, slots=True)
class Counted:
    """What a source's figure is made from: a stream of an issuer, or with ``stream`` None everything that the issuer
    (a meter, or a document's or fleet's id) measures."""

    issuer: str
    stream: str | None = None

    def meets(self, other: Counted) -> bool:
        """Whether some reading would be counted by both."""
        return self.issuer == other.issuer and (
            self.stream is None or other.stream is None or self.stream == other.stream
        )

    def __str__(self) -> str:
        return self.issuer if self.stream is None else f"{self.issuer}#{self.stream}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the source at place `at` of its list counts, and what lies behind that (`above`)."""

    at: int
    source: str
    counts: tuple[Counted, ...]
    above: tuple[Counted, ...]

    def where(self, member: str) -> str:
        """The path of a member, with the source's id."""
        return path_of(self.at, self.source, member)


def path_of(at: int, source: str, member: str) -> str:
    """Where a member of the source at place `at` stands, as refusals name it."""
    return f"sources[{at}].{member} ({source})"


def check_counted_once(claims: Sequence[Claim], *, twice: str, behind: str) -> None:
    """Refuse what two sources count, or one counts twice (rule `twice`), and a meter that lies behind one that is
    counted (rule `behind`). Raises SchemaRefused of these rules at the source's path."""
    by_issuer: dict[str, list[tuple[Counted, Claim]]] = {}
    for claim in claims:
        for counted in claim.counts:
            for other, holder in by_issuer.get(counted.issuer, []):
                if counted.meets(other):
                    raise schema_refusal(
                        twice,
                        claim.where("counts"),
                        counted,
                        f"nothing that source {holder.source} counts already ({other})",
                        "同一计量器具、数据流或单据被重复计入",
                    )
            by_issuer.setdefault(counted.issuer, []).append((counted, claim))
    for claim in claims:
        for meter in claim.above:
            for other, holder in by_issuer.get(meter.issuer, []):
                if meter.meets(other):
                    raise schema_refusal(
                        behind,
                        holder.where("counts"),
                        other,
                        f"no meter behind one that source {claim.source} counts",
                        "分表已包含在总表计量之内，不得重复计入",
                    )

"""Answers of the low-rate routes. Hashes are lowercase hexadecimal, times unix seconds."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.access.callers import Caller
from ledger.anchors import AnchorRecord
from ledger.log import Accepted
from ledger.view import EntryView

Gap = tuple[int, int]
HASH = r"^[0-9a-f]{64}$"


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Acceptance(Answer):
    """A statement is in the log."""

    status: Literal["accepted", "repeated"]
    repeated: bool = Field(description="It was in the log already: this is its first acceptance.")
    index: int = Field(ge=0, description="Log position, for ever.")
    statement_id: str = Field(pattern=HASH, description="SHA-256 of the signing input.")
    leaf_hash: str = Field(pattern=HASH, description="SHA-256 of 0x00 and the entry (RFC 9162).")
    state: Literal["accepted", "integrated", "anchored", "final"]
    accepted_at: int
    promise: str = Field(description="The log's signed promise over this entry: a compact JWS.")
    opens_gap: Gap | None = Field(description="First and last open number below this one.")

    @classmethod
    def of(cls, accepted: Accepted, state: str, promise: str) -> Self:
        """From the log's outcome."""
        return cls.model_validate(
            {
                "status": "repeated" if accepted.repeated else "accepted",
                "repeated": accepted.repeated,
                "index": accepted.ref.index,
                "statement_id": accepted.ref.statement_id.hex(),
                "leaf_hash": accepted.ref.leaf_hash.hex(),
                "state": state,
                "accepted_at": accepted.accepted_at,
                "promise": promise,
                "opens_gap": accepted.opens_gap,
            }
        )


class Anchor(Answer):
    """Where on chain a size is known that holds the entry."""

    epoch: int
    size: int
    root: str = Field(pattern=HASH)
    tx: str = Field(pattern=HASH)
    block_number: int
    block_hash: str = Field(pattern=HASH)
    state: Literal["anchored", "final"]

    @classmethod
    def of(cls, record: AnchorRecord) -> Self:
        """From the projection."""
        return cls(
            epoch=record.epoch,
            size=record.size,
            root=record.root.hex(),
            tx=record.tx_hash.hex(),
            block_number=record.block.number,
            block_hash=record.block.hash.hex(),
            state="final" if record.final else "anchored",
        )


class Entry(Answer):
    """An entry and how far it has come."""

    index: int
    statement_id: str = Field(pattern=HASH)
    leaf_hash: str = Field(pattern=HASH)
    type: str
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    integrate_by: int = Field(description="Until when the log promised to have it in a checkpoint.")
    state: Literal["accepted", "integrated", "anchored", "final"]
    entry: str = Field(description="The compact JWS.")
    anchor: Anchor | None
    equivocations: int = Field(description="How many other statements were refused at this place; they are kept.")
    marks: list[Literal["device", "backfilled", "manual", "late"]] = Field(
        description="How a reading came (DOMAIN 43): one of the first three, `late` besides; none of other statements."
    )

    @classmethod
    def of(cls, view: EntryView) -> Self:
        """From the log's view."""
        return cls.model_validate(
            {
                "index": view.index,
                "statement_id": view.statement_id.hex(),
                "leaf_hash": view.leaf_hash.hex(),
                "type": view.type,
                "issuer": view.issuer,
                "stream": view.stream,
                "seq": view.seq,
                "accepted_at": view.accepted_at,
                "integrate_by": view.integrate_by,
                "state": str(view.state),
                "entry": view.entry.decode("ascii"),
                "anchor": None if view.anchor is None else Anchor.of(view.anchor),
                "equivocations": view.equivocations,
                "marks": [mark.value for mark in view.marks],
            }
        )


class Consistency(Answer):
    """RFC 9162 consistency proof."""

    old: int
    new: int
    proof: list[str]


class Health(Answer):
    """What the service finds about itself."""

    status: Literal["ok", "degraded", "unavailable"] = Field(
        description="`degraded`: accepts, but chain or witness hold it up; `unavailable`: cannot accept."
    )
    version: str
    log: str
    database: dict[str, Any]
    chain: dict[str, Any]
    witnesses: list[dict[str, Any]]
    lag: dict[str, Any]
    roles: dict[str, Any] = Field(description="Background roles of this process and how they fare.")


class SchemaNames(Answer):
    """Names of the published schemas."""

    schemas: list[str]


class SessionChallenge(Answer):
    """What a sign-in must name. `nonce` is good for one sign-in, until `expires_at`."""

    nonce: str = Field(pattern=r"^[0-9a-f]{64}$")
    expires_at: int
    log: str
    audience: str = Field(description="The service's public URL: `aud` of a JWS, `URI` of EIP-4361.")
    domain: str = Field(description="The domain of EIP-4361.")
    chain_id: int | None
    resource: str = Field(description="The one resource of EIP-4361: the log.")


class Session(Answer):
    """Who is signed in. `token` and `expires_at` stand in the answer to a sign-in only."""

    identifier: str
    thumbprint: str = Field(description="The key that signed in (RFC 7638, base64url).")
    role: Literal["device", "enterprise", "verifier", "regulator", "administration"]
    body: str = Field(description="Whose rights these are: a person's are those of the body it belongs to.")
    expires_at: int | None = None
    token: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{43}$")

    @classmethod
    def of(cls, caller: Caller, expires_at: int | None = None, token: str | None = None) -> Self:
        """From who is calling."""
        return cls.model_validate(
            {
                "identifier": caller.identifier,
                "thumbprint": caller.thumbprint,
                "role": caller.role.value,
                "body": caller.body,
                "expires_at": expires_at,
                "token": token,
            }
        )


class Read(Answer):
    """One request for something that is not public."""

    id: int
    at: int
    identifier: str
    thumbprint: str
    role: str
    route: str = Field(description="Operation id.")
    object: str
    owner: str | None
    owner_body: str | None
    status: int
    request_id: str


class Reads(Answer):
    """Reads in the order in which they were written."""

    reads: list[Read]

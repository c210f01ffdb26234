"""Answers about powers that were exercised over accounts (DOMAIN 22, 23). Amounts are whole tonnes and fen."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.models import HASH, Answer
from attestation.assets import ASSET_PATTERN, format_asset
from ledger.notices.notice import Notice as View
from ledger.notices.notice import Power
from ledger.notices.words import done, grounds, remedy


class Notice(Answer):
    """What an entry of the registrar's did to accounts, or to everybody on the market."""

    index: int = Field(description="Log position of the entry, which the notice follows from and which proves it.")
    at: int
    power: Power
    accounts: list[str] = Field(description="Whose accounts; empty: whoever is on the market.")
    asset: str | None = Field(pattern=f"^({ASSET_PATTERN})$", description="`quota-2025`, or `ccer`.")
    tonnes: int | None
    fen: int | None = Field(description="Of a refund, in all; of a price, for one tonne.")
    day: int | None = Field(description="The trading day, YYYYMMDD.")
    sender: str | None
    receiver: str | None
    freeze: str | None = Field(pattern=HASH, description="The operation of the freeze that was made or changed.")
    reverses: str | None = Field(pattern=HASH, description="The operation of the settled trade that this undoes.")
    reason: str | None = Field(description="As it was signed. Null where the act rests on a rule alone.")
    document_hash: str | None = Field(pattern=HASH, description="SHA-256 of the document that the act rests on.")
    issuer: str = Field(description="Who signed the entry.")
    approvers: list[str] = Field(description="The two persons who approved it; none where the registrar acts alone.")
    op_id: str | None = Field(pattern=HASH)
    state: str | None = Field(description="Of the operation: `pending`, `sent`, `mined`, `final`, `refused`.")
    text: str = Field(description="What was done, on which grounds, and how to object.")
    text_zh: str

    @classmethod
    def of(cls, found: View) -> Self:
        """From the log's view."""
        english, chinese = zip(done(found), grounds(found), remedy(found), strict=True)
        return cls(
            index=found.index,
            at=found.at,
            power=found.power,
            accounts=list(found.accounts),
            asset=None if found.asset is None else format_asset(found.asset),
            tonnes=found.tonnes,
            fen=found.fen,
            day=found.day,
            sender=found.sender,
            receiver=found.receiver,
            freeze=None if found.freeze is None else found.freeze.hex(),
            reverses=None if found.reverses is None else found.reverses.hex(),
            reason=found.reason,
            document_hash=found.document_hash,
            issuer=found.issuer,
            approvers=list(found.approvers),
            op_id=None if found.op_id is None else found.op_id.hex(),
            state=found.state,
            text="\n".join(english),
            text_zh="\n".join(chinese),
        )


class Notices(Answer):
    """Notices in the order of the log."""

    account: str | None = Field(description="To whom; null: to everybody.")
    notices: list[Notice]
    next: int | None = Field(description="Ask with `after` set to it for more.")

"""The refusals of access: 401 for who is not known, 403 for who may not, 429 for who asks too much."""

from __future__ import annotations

from math import ceil

from api.problems import Refused

_BEARER = {"WWW-Authenticate": 'Bearer realm="tanlu"'}


def not_signed_in(rule: str, value: object, expected: str, english: str, chinese: str) -> Refused:
    """401: sign in, or sign in again."""
    return Refused(401, rule, value, expected, (english, chinese), headers=_BEARER)


def sign_in_refused(rule: str, value: object, expected: object, english: str, chinese: str) -> Refused:
    """401: this sign-in is not taken."""
    return Refused(401, f"sign_in.{rule}", value, str(expected), (english, chinese), headers=_BEARER)


def unknown_key(value: object) -> Refused:
    """401: this identifier has no such active key; said the same of an identifier that nobody knows."""
    return sign_in_refused(
        "key",
        value,
        "an active key of an enrolled identifier",
        "This identifier has no such active key.",
        "该标识没有这个有效密钥。",
    )


def stale_nonce(nonce: str) -> Refused:
    """401: not a nonce of this service, or not any more."""
    return sign_in_refused(
        "nonce",
        nonce,
        "a nonce of /v1/sessions/challenge, not older than five minutes",
        "The nonce is not one of this service, or it has expired.",
        "随机数不是本服务发出的，或已过期。",
    )


def wrong_role(role: object, allowed: str) -> Refused:
    """403: another role is needed."""
    return Refused(
        403,
        "access.role",
        role,
        allowed,
        (f"The role {role} may not do this.", f"角色 {role} 无权执行此操作。"),
    )


def not_yours() -> Refused:
    """403, the same whether the thing exists or not: an answer must not tell what others have."""
    return Refused(
        403,
        "access.not_yours",
        "",
        "something of your own, or that is assigned to you",
        (
            "This is not yours to read, or there is no such thing.",
            "您无权读取该内容，或该内容不存在。",
        ),
    )


def too_much(rule: str, value: str, expected: str, wait_seconds: float, **members: object) -> Refused:
    """429 with ``Retry-After``; nothing of the request was done beyond what ``members`` say."""
    seconds = max(1, ceil(wait_seconds))
    return Refused(
        429,
        rule,
        value,
        expected,
        (
            f"More than is allowed at once ({value}); try again in {seconds} s.",
            f"超出允许的用量（{value}），请在 {seconds} 秒后重试。",
        ),
        headers={"Retry-After": str(seconds)},
        **members,
    )

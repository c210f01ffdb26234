"""What a service is refused for that hands out another log than the one it signed."""

from __future__ import annotations

from tanlu.errors import PromiseBroken


def another_entry(place: str, found: object, expected: object) -> PromiseBroken:
    """An entry that is not in the tree of the signed checkpoint."""
    return _broken(
        "mirror.entry",
        f"{place}: {found}",
        expected,
        f"The service hands out what is not in the checkpoint that it signed: {place}.",
        f"服务提供的内容不在其签署的检查点之内：{place}。",
    )


def short_page(place: str, found: object, expected: object) -> PromiseBroken:
    """A page with more or fewer entries, or other ones, than it has."""
    return _broken(
        "mirror.page",
        f"{place}: {found}",
        expected,
        f"The service hands out another page than was asked for: {place}.",
        f"服务提供的分页与请求不符：{place}。",
    )


def another_tree(found: object, expected: object) -> PromiseBroken:
    """Hashes of the tree that do not give the signed root."""
    return _broken(
        "mirror.tree",
        found,
        expected,
        "The service's tree does not have the root that it signed.",
        "服务的哈希树与其签署的根不符。",
    )


def shorter_log(found: object, expected: object) -> PromiseBroken:
    """A log that was longer before."""
    return _broken(
        "mirror.shorter",
        found,
        expected,
        "The service's log is shorter than it was: entries that it signed are gone.",
        "服务的日志比先前更短：其已签署的条目不见了。",
    )


def forked_log(found: object, expected: object) -> PromiseBroken:
    """Another checkpoint of a size, or one that does not extend what was seen before."""
    return _broken(
        "mirror.fork",
        found,
        expected,
        "The service shows another history than before, signed by the same keys.",
        "服务以相同密钥签署了与先前不同的历史。",
    )


def another_trust(found: object, expected: object) -> PromiseBroken:
    """A trust file that names others than one's own."""
    return _broken(
        "mirror.trust",
        found,
        expected,
        "The service's trust file is not the one that is believed here.",
        "服务的信任文件与本地所信任的不同。",
    )


def another_chain(found: object, expected: object) -> PromiseBroken:
    """A block, or a beginning, that one's own node knows otherwise."""
    return _broken(
        "mirror.chain",
        found,
        expected,
        "The service speaks of another chain than the node here.",
        "服务所称的链与本地节点的链不同。",
    )


def _broken(rule: str, value: object, expected: object, message: str, message_zh: str) -> PromiseBroken:
    return PromiseBroken(rule=rule, value=value, expected=expected, message=message, message_zh=message_zh)

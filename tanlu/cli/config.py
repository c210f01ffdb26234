"""``tanlu config``: the settings in effect, where each comes from, secrets hidden."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click
from dotenv import dotenv_values

from tanlu.cli.console import console
from tanlu.home import CONFIG_NAME, PREFIX, home_of

_HIDDEN = "***"
_SOURCES = {"environment": "环境变量", "file": "配置文件", "default": "默认值"}


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
def command(*, home: Path | None) -> None:
    """Show the settings that `tanlu serve` would run with. 显示生效的配置

    Each with its source: environment, config.env or default. Passwords and tokens in URLs are hidden; keys and
    passwords themselves are in files, of which only the path is shown.
    """
    # Loaded here: the command line stays quick where no service runs.
    from api.settings import load  # noqa: PLC0415

    place = home_of(home)
    settings = load(place)
    in_file = {name for name, value in dotenv_values(place / CONFIG_NAME).items() if value}
    rows: dict[str, dict[str, object]] = {}
    for name in type(settings).model_fields:
        variable = PREFIX + name.upper()
        rows[variable] = {
            "value": hidden(_text(getattr(settings, name))),
            "source": _source(variable, os.environ, in_file) if name != "home" else "default",
        }
    width = max(map(len, rows))
    lines = {
        lang: "\n".join(
            f"{variable:{width}}  {row['value']}  ({_SOURCES[str(row['source'])] if lang == 'zh' else row['source']})"
            for variable, row in rows.items()
        )
        for lang in ("en", "zh")
    }
    console().result({"settings": rows}, lines["en"], lines["zh"])


def hidden(text: str) -> str:
    """A setting's text without what must not be shown: user, password, query and fragment of URLs, also of several."""
    return ",".join(_hidden_url(part) for part in text.split(","))


def _hidden_url(text: str) -> str:
    if "://" not in text or text.startswith("sqlite:"):
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{_HIDDEN}@{host}" if "@" in parts.netloc else host
    # Providers put their keys into paths and queries of RPC addresses; a file's path is none.
    path = parts.path if parts.scheme.startswith("postgresql") or parts.path in {"", "/"} else f"/{_HIDDEN}"
    return urlunsplit((parts.scheme, netloc, path, _HIDDEN if parts.query else "", _HIDDEN if parts.fragment else ""))


def _text(value: object) -> str:
    if value is None:
        return "off"
    if isinstance(value, frozenset | tuple):
        return ",".join(sorted(map(str, value))) if isinstance(value, frozenset) else ",".join(map(str, value))
    return str(value)


def _source(variable: str, environ: Mapping[str, str], in_file: set[str]) -> str:
    if environ.get(variable):
        return "environment"
    return "file" if variable in in_file else "default"

"""The command ``tanlu``: one file per command group, loaded when it is called.

A command's file is named like the command (``import-readings`` is ``import_readings.py``, ``return`` is ``return_.py``,
``tables`` is ``tables_.py``) and has a click command or group named ``command``. ``--json`` and ``--lang`` are added to
every command here. A command raises the errors of the packages; this module shows them and chooses the exit code
(``tanlu.cli.console``).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from tanlu.cli import usage
from tanlu.cli.console import LANGUAGES, Console, ExitCode

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "init": "Make a new deployment: keys, trust file, configuration. 新建部署",
    "node": "Run the local chain engine. 运行本地链节点",
    "witness": "Run the witness. 运行见证人",
    "serve": "Run the service. 运行服务",
    "config": "Show the settings in effect. 显示生效的配置",
    "backup": "Copy the store while the service runs, check a copy. 备份数据库",
    "keys": "Make, enrol, change, end and recover keys. 密钥的生成、注册、更换、撤销与恢复",
    "admission": "Apply, review, approve: let enterprises and verifiers in. 准入",
    "opening": "Carry base years in from before the log. 期初数据",
    "sign": "Sign a statement. 签署声明",
    "submit": "Submit signed statements. 提交已签名的声明",
    "policy": "Build what the park publishes: factor sets, calendars, rules, lists. 编制政策",
    "deadlines": "List what is due when. 列出截止日期",
    "import-readings": "Sign and submit a meter's readings. 导入并提交读数",
    "streams": "Show streams and how well they are covered. 查看数据流",
    "gaps": "List readings that are open or lost. 列出缺口与缺失",
    "device": "Say what happens to a meter. 计量设备事件",
    "loss": "Declare readings lost that will not come. 声明读数缺失",
    "report": "Build, sign and submit an emission report. 编制、签署、提交排放报告",
    "park-total": "Add up a park's sources, scopes apart: never an obligation. 园区排放总量",
    "inventory": "Make an organisation's inventory: never an obligation. 组织温室气体盘查",
    "case": "Verify an enterprise's year: assign, conclude, register. 核查案件",
    "account": "Show what an account holds and owes. 碳账户",
    "assets": "Show what became of every unit. 资产总量",
    "operation": "Show what became of an operation on chain. 链上操作",
    "history": "Find what was ever said; follow a tonne. 历史查询",
    "allocation": "Plan a year's allocation, approve, submit, explain it. 配额分配",
    "quota": "Issue, move, freeze, cancel units; retire one's own. 配额",
    "compliance": "Show how a year is met; set terms and price, assess, close. 履约",
    "market": "Trade quota: orders, book, trades, days, auctions. 配额交易",
    "cash": "Show, move and withdraw cash; enter the bank's word. 资金",
    "surrender": "Meet an obligation with one's own units. 清缴",
    "return": "Give back what is owed after reconciliation. 退还",
    "carry-over": "Carry one's units over to the next vintage. 结转",
    "score": "Propose, publish and recompute credit scores. 信用评价",
    "label": "Build carbon efficiency codes, and list them. 碳效码",
    "receipt": "Fetch the receipt of an entry. 获取收据",
    "verify": "Verify a receipt against a trust file. 核验收据",
    "fsck": "Check a store against itself, offline. 离线检查数据库",
    "rebuild": "Make every row that follows from entries and chain anew. 重建数据库",
    "export": "Write everything that an audit needs into one file. 导出归档",
    "tables": "Write accounts, trades, figures … for a spreadsheet. 导出数据表",
    "audit": "Replay the whole history against entries and chain. 全量审计",
    "epoch": "Carry log and witness into the chain's new epoch. 进入新纪元",
    "drill": "Alter copies in many ways and see that the audit names each. 篡改演练",
    "demo": "Show everything, from meter to verified receipt. 完整演示",
}

_SHARED = frozenset({"tables"})


def _set_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Console).json = True


def _set_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        context.ensure_object(Console).lang = value


def _common(envvar: str | None = None) -> list[click.Parameter]:
    return [
        click.Option(
            ["--json"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_set_json,
            help="Answer with JSON. 以 JSON 输出",
        ),
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            envvar=envvar,
            is_eager=True,
            expose_value=False,
            callback=_set_language,
            help="Language of messages (TANLU_LANG). 语言",
        ),
    ]


def _with_common(command: click.Command) -> click.Command:
    taken = {option for parameter in command.params for option in parameter.opts}
    command.params.extend(option for option in _common() if not taken.intersection(option.opts))
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _with_common(child)
    return command


class _Commands(click.Group):
    """Loads a command's file when it is called, and turns errors into text and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        # A word of the language is no name of a module, and what all commands share has its name already.
        apart = iskeyword(name) or name in _SHARED
        module = import_module(f"tanlu.cli.{name}_" if apart else f"tanlu.cli.{name}")
        return _with_common(module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table: help for all commands loads none of them.
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """As click does it; usage errors are shown in both languages, and as JSON where that is asked for."""
        words = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(words, prog_name, complete_var, standalone_mode, **extra)
        try:
            code = super().main(words, prog_name, complete_var, False, **extra)
        except click.ClickException as error:
            usage.show(error, words)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Aborted. 已中断。", err=True)
            sys.exit(ExitCode.INTERRUPTED)
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            ctx.exit(ExitCode.INTERRUPTED)
        except Exception as error:
            code = ctx.ensure_object(Console).failure(error)
            if code is ExitCode.FAULT:
                # The one case where the trace helps somebody.
                traceback.print_exception(error)
            ctx.exit(code)


@click.group(
    cls=_Commands,
    # The variable speaks to the program, not to each command: there an explicit option before it would lose.
    params=_common(envvar="TANLU_LANG"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    # What only one command ends with (5, of `tanlu cash reconcile`), that command says.
    epilog="Exit codes: 0 done, 1 refused, 2 usage, 3 unavailable, 4 integrity, 70 fault, 130 interrupted.",
)
@click.version_option(package_name="tanlu")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tanlu 碳录: evidence that is signed, logged, anchored and verifiable."""
    ctx.ensure_object(Console)

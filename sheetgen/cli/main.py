"""The program ``sheetgen``: a group of commands, each a thin translation to the Python API.

Exit codes are part of the interface.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import click

from sheetgen import __version__
from sheetgen.base.errors import SheetgenError, one_line
from sheetgen.cli.build import build, compare, estimate
from sheetgen.cli.diff import diff
from sheetgen.cli.evidence import evidence, mfu
from sheetgen.cli.explain import explain
from sheetgen.cli.export import export
from sheetgen.cli.listings import fields, gpus, models, prices
from sheetgen.cli.models import import_model
from sheetgen.cli.plan import plan
from sheetgen.cli.scenario import new, schema
from sheetgen.cli.seal import keygen, seal
from sheetgen.cli.workbook import pdf, recalc, verify

EXIT_CODES = """\b
Exit codes: 0 agrees or done, 1 disagrees or invalid input, 2 wrong usage, 3 could not verify."""

BROKEN_PIPE = 141  # as a shell counts SIGPIPE, so that it is not taken for a verdict

COMMANDS = (
    new, import_model, build, verify, diff, export, recalc, estimate, explain, plan, compare, pdf, keygen, seal,
    evidence, mfu, models, gpus, prices, fields, schema,
)  # fmt: skip
"""In the order of a session."""


class _Group(click.Group):
    """Commands in the order of a session, and errors of ours as messages without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except SheetgenError as error:
            for line in str(error).split("\n"):
                click.echo(f"sheetgen: {one_line(line)}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(BROKEN_PIPE)
        except OSError as error:
            click.echo(f"sheetgen: cannot write the output: {error.strerror or error}", err=True)
            ctx.exit(1)


@click.group(
    cls=_Group,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="sheetgen")
@click.option("--quiet", "-q", is_flag=True, help="Print results and errors only, without colour.")
@click.pass_context
def main(ctx: click.Context, quiet: bool) -> None:
    """Training budgets as Excel workbooks whose every FLOPs, time and cost cell is a live formula."""
    ctx.obj = {"quiet": quiet}


for _command in COMMANDS:
    main.add_command(_command)


def run() -> None:
    """The program ``sheetgen``."""
    _prepare_streams()
    gc.disable()  # a command is over before collecting cycles pays: verify and build take 15 % less processor time
    try:
        main()
    finally:
        gc.freeze()  # neither does it pay at the end, when Python would look through everything once more


def _prepare_streams() -> None:
    """Output that can always be written: what is redirected is UTF-8, as what is read back, whatever the locale says.

    A stream that is closed (``>&-``) takes what it is given and shows nothing.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end
        elif stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")

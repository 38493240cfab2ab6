"""The command `yutang`: one sub-command file a domain."""

from __future__ import annotations

import os

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Yutang 鱼塘: the customers that you own and serve for years."
)


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    app()

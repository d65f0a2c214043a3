"""What all commands share: each has an example, answers in JSON when asked, and ends with a documented code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn, TypeVar

import click

from core.errors import ConversionFailed, MissingPart, Refused, ShouxuError, StoreUnavailable

OK, PROBLEMS, USAGE, MISSING = 0, 1, 2, 3
EXIT_CODES = {
    OK: "done",
    PROBLEMS: "problems were found, or the act was refused; they are listed",
    USAGE: "the command was not understood",
    MISSING: "a part is missing: LibreOffice, a seal, the database; nothing is wrong with the input",
}
F = TypeVar("F", bound=Callable[..., Any])


def exit_code(error: ShouxuError) -> int:
    """The code with which the program ends on `error`."""
    if isinstance(error, MissingPart | StoreUnavailable):
        return MISSING
    if isinstance(error, ConversionFailed) and error.number == 3301:
        return MISSING
    return PROBLEMS


def json_option(command: F) -> F:
    """`--json`: the answer for programs, on standard output, errors too."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)


class _Helped:
    """`-h` and `--help`, however the command is reached."""

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        return ["-h", "--help"]


class Command(_Helped, click.Command):
    """A command with an example in its help; a ShouxuError, or a file that cannot be read or written, becomes its message and its
    exit code."""

    def __init__(self, *args: Any, example: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.example:
            with formatter.section("Example"):
                for line in self.example.strip().splitlines():
                    formatter.write(f"  {line.strip()}\n")
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ShouxuError as error:
            self._refuse(ctx, error)
        except OSError as error:
            if error.filename is None:
                raise
            self._refuse(ctx, Refused(f"不能读写 {error.filename} (cannot read or write): {error.strerror}", number=1021,
                                      remedy="请换一个位置，或检查权限和空间 (choose another place, or look at rights and space)"))

    @staticmethod
    def _refuse(ctx: click.Context, error: ShouxuError) -> NoReturn:
        from core.cli.terminal import show_error

        show_error(error, as_json=bool(ctx.params.get("as_json")))
        ctx.exit(exit_code(error))


class Group(_Helped, click.Group):
    """A group whose commands are imported when they are called. `lazy`: name → (`module:attribute`, one line)."""

    command_class = Command

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        return getattr(import_module(module), attribute)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near and "Did you mean" not in error.message else ""
            raise click.UsageError(error.message + hint, ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, said) for name, (_, said) in self.lazy.items()]
        rows += [(name, self.commands[name].get_short_help_str(60)) for name in sorted(self.commands)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


Group.group_class = Group

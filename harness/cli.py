"""The ``anchorage`` command: names are a contract (design document, section 2). One module per command, imported
when it is used.

Translates errors to exit codes; every command runs without a traceback for what a person can mend.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from harness.exit_codes import CommandFailedError, ExitCode

#: name -> (module, attribute, one line of help); listing commands imports none of them
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("harness.commands.run", "Run scenarios; the shipped ones without a path."),
    "check": ("harness.commands.check", "Say everything about scenario files that can be said without running them."),
    "up": ("harness.commands.up", "Start a world and keep it until Ctrl-C or SIGTERM."),
    "shell": ("harness.commands.shell", "The operator's prompt of a sync server: type ADSync cmdlets."),
    "trace": ("harness.commands.trace", "Run one scenario and print every hop in order."),
    "explain": ("harness.commands.explain", "Why an attribute has its value: who won, who lost and why."),
    "connector-space": ("harness.commands.connector_space", "What a server's database holds, object by object."),
    "drift": ("harness.commands.drift", "How two servers are configured differently, and what that would export."),
    "support": ("harness.commands.support", "What support asks for, in one archive."),
    "rules": ("harness.commands.rules", "Look into rule sets and write them out: list, show, check, export, diff."),
    "expr": ("harness.commands.expr", "Evaluate an expression of the rule language."),
    "schema": ("harness.commands.schema", "Print the JSON Schema of scenario files."),
    "verbs": ("harness.commands.verbs", "List steps and checks with examples."),
    "fidelity": ("harness.commands.fidelity", "Print the fidelity ledger."),
    "doctor": ("harness.commands.doctor", "Say what is wrong with this machine."),
}


class LazyGroup(click.Group):
    """Knows its commands by name; imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from harness.scenario.source import suggestion

            hint = suggestion(args[0], COMMANDS, listed_max=20)
            raise click.UsageError(f"there is no command {args[0]}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anchorage-harness", prog_name="anchorage")
def cli() -> None:
    """Whole worlds of directory synchronisation on one laptop: forests, tenants, sync servers, driven by scenarios."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result: Any = cli.main(args=arguments, prog_name="anchorage", standalone_mode=False)
        return int(result) if isinstance(result, int) else int(ExitCode.PASS)
    except CommandFailedError as failure:
        if failure.message:
            click.echo(failure.message, err=True)
        return int(failure.code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return int(ExitCode.INTERRUPTED)
    except click.UsageError as error:
        error.show()
        return int(ExitCode.USAGE)
    except click.ClickException as error:
        error.show()
        return int(ExitCode.FAULT)
    except SystemExit:  # how click leaves when whoever read the output has seen enough; no command ends so itself
        return int(ExitCode.PASS)
    except BrokenPipeError:
        sys.stderr.close()  # the same, told while something else went wrong
        return int(ExitCode.PASS)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        click.echo(f"this machine cannot go on: {error.strerror or error}{where}", err=True)
        return int(ExitCode.FAULT)


if __name__ == "__main__":
    main()

"""``anchorage schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json

import click


@click.command("schema")
def command() -> int:
    """Print the JSON Schema; give it to an editor's YAML language server."""
    from harness.scenario.file_shape import file_schema
    from harness.vocabulary import the_language

    click.echo(json.dumps(file_schema(the_language()), indent=2))
    return 0

"""``anchorage connector-space``: what a server's database holds, object by object, as the operator's search shows it.

Read only, of a live server or a stopped one: the server is not hindered and its file stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.exit_codes import CommandFailedError, ExitCode

if TYPE_CHECKING:
    from engine.views import ConnectorSpaceView, LayerView, Windows


@click.command("connector-space")
@click.argument("database", type=click.Path(path_type=Path))
@click.argument("connector", required=False)
@click.option("--state", "states", multiple=True, metavar="STATE", help="In this state; twice: in any of them.")
@click.option("--dn", default=None, help="The object at this DN.")
@click.option("--rdn", default=None, help="Objects whose own name is this: CN=Ana Lopez, or Ana Lopez.")
@click.option("--anchor", default=None, help="The object with this anchor: text, GUID, hexadecimal or Base64.")
@click.option("--subtree", default=None, metavar="DN", help="This container and everything below it.")
@click.option("--type", "object_type", default=None, help="Of this object type.")
@click.option("--limit", type=click.IntRange(min=0), default=None, metavar="N", help="At most N objects.")
@click.option("--layers", "whole", is_flag=True, help="Every layer in full, not only what tells it from the one below.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, all layers in full.")
@click.option(
    "--xml", "target", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="F",
    help="Write the XML of csexport to a file; - is the screen.",
)  # fmt: skip
@click.option(
    "--filter", "letters", default="", metavar="LETTERS", help="With --xml: what /f: of csexport keeps, as x."
)
def command(
    database: Path,
    connector: str | None,
    states: tuple[str, ...],
    dn: str | None,
    rdn: str | None,
    anchor: str | None,
    subtree: str | None,
    object_type: str | None,
    limit: int | None,
    whole: bool,
    as_json: bool,
    target: Path | None,
    letters: str,
) -> int:
    """Print what DATABASE holds of CONNECTOR, or of all. States are those of the connector-space search, such as
    pending-export, pending-import-add, disconnector, export-error.
    """
    scope = {"dn": dn, "rdn": rdn, "anchor": anchor, "subtree": subtree, "object_type": object_type}
    if letters and target is None:
        raise click.UsageError("--filter goes with --xml; --state chooses what is printed")
    if target is not None and (states or as_json or whole or limit is not None):
        raise click.UsageError("--xml takes a CONNECTOR, --filter and a scope, nothing else")
    with opened(database) as windows:
        if target is not None and connector is None:
            known = ", ".join(one.name for one in windows.connectors())
            raise click.UsageError(f"--xml writes one connector space: name its CONNECTOR, one of {known}")
        name = connector_name(windows, connector)
        if target is not None:
            assert name is not None
            return _write_xml(windows, name, target, letters, scope)
        check_states(states)
        found = windows.connector_space(name, states or None, layered=True, **scope)
        chosen = found if limit is None else islice(found, limit)
        if as_json:
            for piece in json_pieces(map(document, chosen)):
                click.echo(piece, nl=False)
        else:
            count = 0
            for one in chosen:
                click.echo("\n".join(lines(one, whole=whole)))
                count += 1
            click.echo(f"{count} object{'' if count == 1 else 's'}")
            if object_type is not None and not count:
                _hint_at_type(windows, name, object_type)
    return int(ExitCode.PASS)


@contextmanager
def opened(path: Path) -> Iterator[Windows]:
    """The windows of a database file; what is wrong with the file becomes the command's end."""
    from engine.errors import ConfigurationError
    from engine.views import Windows

    if not path.exists():
        raise click.UsageError(f"there is no file {path}")
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder; give the database file in it")
    try:
        with Windows.of_file(path) as windows:
            yield windows
    except ConfigurationError as unusable:
        raise CommandFailedError(ExitCode.FAULT, unusable.message) from None


def connector_name(windows: Windows, wanted: str | None) -> str | None:
    """A connector's own name; a tenant's connector answers to the tenant's name too. Raises a usage error."""
    from harness.scenario.source import suggestion

    if wanted is None:
        return None
    folded = wanted.lower().strip("{}")
    for one in windows.connectors():
        if folded in (one.name.lower(), one.identifier) or one.name.lower().startswith(f"{folded} "):
            return one.name
    names = [one.name for one in windows.connectors()]
    raise click.UsageError(f"there is no connector {wanted}; {suggestion(wanted, names)}")


def check_states(states: Iterable[str]) -> None:
    from engine.views import STATES
    from harness.scenario.source import suggestion

    for state in states:
        if state not in STATES:
            hint = suggestion(state, STATES, listed_max=len(STATES))
            raise click.UsageError(f"there is no state {state}; {hint}")


def _hint_at_type(windows: Windows, connector: str | None, wanted: str) -> None:
    """Nothing is of the type: say so when no schema has it either, with the nearest that one has."""
    from harness.scenario.source import suggestion

    chosen = [one for one in windows.connectors() if connector in (None, one.name)]
    known = {name for one in chosen for name in one.schema.object_types}
    if wanted.lower() not in {name.lower() for name in known}:
        hint = suggestion(wanted, known)
        click.echo(f"there is no object type {wanted}{f'; {hint}' if hint else ''}", err=True)


def _write_xml(windows: Windows, connector: str, target: Path, letters: str, scope: dict[str, str | None]) -> int:
    from engine.csexport import connector_space_pieces, filter_states
    from engine.errors import ConfigurationError
    from harness.whole_file import write_whole

    try:
        filter_states(letters)
    except ConfigurationError as unknown:
        raise click.UsageError(unknown.message) from None
    pieces = connector_space_pieces(windows, connector, letters, **scope)
    if str(target) == "-":
        for piece in pieces:
            click.echo(piece, nl=False)
        return int(ExitCode.PASS)
    try:
        write_whole(target, (piece.encode() for piece in pieces))
    except OSError as error:
        raise CommandFailedError(ExitCode.FAULT, f"{target} cannot be written: {error.strerror or error}") from None
    return int(ExitCode.PASS)


# ---- JSON ------------------------------------------------------------------------------------------------------------
def document(view: ConnectorSpaceView) -> dict[str, Any]:
    """One object as JSON holds it: binary as {"base64": ...}."""
    from harness.timeline import plain

    found: dict[str, Any] = plain({**asdict(view), "states": view.states})
    return found


def json_pieces(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A JSON list, an object at a time."""
    first = True
    for one in documents:
        body = json.dumps(one, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        yield f"[\n  {body}" if first else f",\n  {body}"
        first = False
    yield "[]\n" if first else "\n]\n"


# ---- text ------------------------------------------------------------------------------------------------------------
def lines(view: ConnectorSpaceView, *, whole: bool) -> Iterator[str]:
    """One object for a person: its head, its link, its layers, its errors."""
    yield f"{view.connector}  {view.dn}"
    kind = view.object_type or view.kind
    anchor = f"  anchor {view.anchor}" if view.anchor else ""
    yield f"  {kind}  {{{view.identifier}}}{anchor}"
    yield f"  {', '.join(view.states)}"
    if view.metaverse is not None:
        owned = ", owned" if view.owned else ""
        yield f"  metaverse {{{view.metaverse_identifier}}}  {view.linked_by} by {view.linking_rule or '?'}{owned}"
    for below, layer in zip([None, *view.layers], view.layers, strict=False):
        yield from _layer_lines(layer, (below.image or {}) if below is not None else {}, whole=whole)
    for error in view.errors:
        yield f"  error in {error.phase}: {error.error_type}: {error.text}"
        yield f"    first {error.first_occurred}  last {error.last_occurred}  retries {error.retry_count}"
        delta = error.detail.get("delta")
        for name, pair in sorted(delta.items()) if isinstance(delta, dict) else ():
            yield f"    {name}: exported {shown(pair['exported'])}, imported {shown(pair['imported'])}"
    yield ""


def _layer_lines(layer: LayerView, below: dict[str, object], *, whole: bool) -> Iterator[str]:
    if layer.operation != "none":
        yield f"  {layer.name}: {'modify' if layer.operation == 'update' else layer.operation}"
        if layer.new_dn is not None:
            yield f"    renamed to {layer.new_dn}"
        for name, value in sorted(layer.changes.items()):
            if value is None:
                yield f"    - {name}: {shown(below.get(name))}"
            elif name in below:
                yield f"    ~ {name}: {shown(below[name])} -> {shown(value)}"
            else:
                yield f"    + {name}: {shown(value)}"
    if whole:
        yield f"  {layer.name} layer:" + (" none" if layer.image is None else "")
        for name, value in sorted((layer.image or {}).items()):
            yield f"    {name}: {shown(value)}"


def shown(value: object) -> str:
    """A value on one line."""
    from harness.timeline import plain

    return "nothing" if value is None else json.dumps(plain(value), ensure_ascii=False)

"""The Flask application before the tenants of a process: blueprints per area and API version; no rule lives here.

Every view takes the desk of the tenant asked from the WSGI environment, reads the request into a ``Call``, lets
``access.serve`` run the route, and writes the ``Answer``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, RequestRedirect

from emulators.tenant import problems
from emulators.tenant.api import (
    administrators,
    applications,
    batch,
    contacts,
    devices,
    directory_objects,
    directory_sync,
    domains,
    groups,
    licences,
    organization,
    pass_through,
    password_writeback,
    provisioning,
    roles,
    sign_in,
    sign_in_window,
    synchronization,
    users,
)
from emulators.tenant.api.access import authenticate, serve
from emulators.tenant.api.exchange import Answer, Call, Desk, Route, read_query
from emulators.tenant.core import graph_names
from emulators.tenant.core.applications import GRAPH, LEGACY_GRAPH
from emulators.tenant.core.refusals import GraphError, not_emulated
from emulators.tenant.core.tenant import Tenant
from emulators.tenant.core.throttling import Throttle
from emulators.tenant.tokens import TokenDesk

VERSIONS = ("v1.0", "beta")
#: the Graph areas, in the order in which their blueprints are registered
AREAS: tuple[tuple[str, tuple[Route, ...]], ...] = (
    ("organization", organization.ROUTES),
    ("domains", domains.ROUTES),
    ("users", users.ROUTES),
    ("groups", groups.ROUTES),
    ("contacts", contacts.ROUTES),
    ("devices", devices.ROUTES),
    ("directory_sync", directory_sync.ROUTES),
    ("directory_objects", directory_objects.ROUTES),
    ("roles", roles.ROUTES),
    ("administrators", administrators.ROUTES),
    ("licences", licences.ROUTES),
    ("applications", applications.ROUTES),
    ("pass_through", pass_through.ROUTES),
    ("password_writeback", password_writeback.ROUTES),
    ("synchronization", synchronization.ROUTES),
    ("batch", batch.ROUTES),
)
KEY = re.compile(r"\('((?:[^']|'')*)'\)")
#: key of the WSGI environment
_DESK = "anchorage.desk"
EMPTY_CALL = re.compile(r"\(\)$|\(\)(?=/)")


class CastConverter(BaseConverter):
    """An OData type cast as a path segment."""

    regex = r"(?:microsoft\.graph|graph)\.(?:user|group|device|orgContact)"


def normalise(path: str) -> str:
    """Write ``users('id')`` as ``users/id`` and ``delta()`` as ``delta``, without a slash at the end."""
    if "(" in path:
        path = EMPTY_CALL.sub("", KEY.sub(lambda match: "/" + match.group(1).replace("''", "'"), path))
    return path.rstrip("/") if len(path) > 1 else path


def make_desk(tenant: Tenant) -> Desk:
    """What the handlers share."""
    settings = tenant.settings
    throttle = Throttle(len(tenant.objects), settings.throttle_factor) if settings.throttling else None
    return Desk(tenant, TokenDesk(tenant), throttle)


def create_app(desk: Desk) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The WSGI application of one tenant; its desk learns where routes are looked up."""

    def resolve(method: str, path: str) -> tuple[Route, dict[str, str]]:
        return _application()[1](method, path)

    def of_this_tenant(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_DESK] = desk
        return _application()[0](environ, start_response)

    desk.resolve = resolve
    return of_this_tenant


@cache
def _application() -> tuple[Flask, Callable[[str, str], tuple[Route, dict[str, str]]]]:
    """Register every area under both versions, the sign-in endpoints and the sync service; with the look-up of routes.

    Made once per process, when the first call comes that has no shorter way: some two hundred rules are compiled, and
    nothing in it belongs to a tenant or changes afterwards.
    """
    app = Flask("anchorage-tenant", static_folder=None)
    app.url_map.converters["cast"] = CastConverter
    app.url_map.strict_slashes = False
    app.url_map.redirect_defaults = False
    app.url_map.merge_slashes = False
    routes: dict[str, Route] = {}
    for version in VERSIONS:
        for area, table in AREAS:
            name = f"{area}-{version.replace('.', '')}"
            blueprint = Blueprint(name, __name__, url_prefix=f"/{version}")
            for number, route in enumerate(table):
                if version in route.versions:
                    _add(blueprint, route, f"{number}", version)
                    routes[f"{name}.{number}"] = route
            app.register_blueprint(blueprint)
    tables = {"sign_in": sign_in.ROUTES, "window": sign_in_window.ROUTES, "provisioning": provisioning.ROUTES}
    for area, table in tables.items():
        blueprint = Blueprint(area, __name__)
        for number, route in enumerate(table):
            _add_open(blueprint, route, f"{number}")
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _refuse)
    inner = app.wsgi_app

    def normalised(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = normalise(environ["PATH_INFO"])
        return inner(environ, start_response)

    app.wsgi_app = normalised  # type: ignore[method-assign]
    return app, _resolver(app, routes)


def _desk() -> Desk:
    """The desk of the tenant the request in hand came to."""
    desk: Desk = request.environ[_DESK]
    return desk


def _add(blueprint: Blueprint, route: Route, endpoint: str, version: str) -> None:
    def view(**arguments: str) -> Response:
        desk = _desk()
        return write(serve(desk, route, read_call(desk, version), arguments))

    _rule(blueprint, route, endpoint, view)


def _add_open(blueprint: Blueprint, route: Route, endpoint: str) -> None:
    """A route that checks its callers by itself."""

    def view(**arguments: str) -> Response:
        desk = _desk()
        return write(route.handler(desk, read_call(desk, ""), **arguments))

    _rule(blueprint, route, endpoint, view)


def _rule(blueprint: Blueprint, route: Route, endpoint: str, view: Callable[..., Response]) -> None:
    blueprint.add_url_rule(
        route.rule, endpoint=endpoint, view_func=view, methods=[route.method], provide_automatic_options=False
    )


def read_call(desk: Desk, version: str) -> Call:
    """The call the front made; or, under another WSGI server, one made from Flask's request."""
    made = request.environ.get("anchorage.call")
    if isinstance(made, Call):
        made.version = version
        made.path = request.path
        return made
    return Call(
        request.method,
        request.path,
        read_query(request.query_string.decode("utf-8", "replace")),
        {name.lower(): value for name, value in request.headers.items()},
        request.get_data(),
        request.host_url.rstrip("/"),
        version=version,
        request_id=desk.tenant.tracking_id(),
    )


def write(answer: Answer) -> Response:
    response = Response(answer.body, status=answer.status, content_type=answer.content_type)
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def _resolver(app: Flask, routes: dict[str, Route]) -> Callable[[str, str], tuple[Route, dict[str, str]]]:
    adapter = app.url_map.bind("localhost")

    def resolve(method: str, path: str) -> tuple[Route, dict[str, str]]:
        settled = normalise(path)
        try:
            endpoint, arguments = adapter.match(settled, method)
        except MethodNotAllowed:
            raise problems.WRONG_METHOD from None
        except (NotFound, RequestRedirect):
            raise why_unknown(settled) from None
        if endpoint not in routes:
            raise why_unknown(settled)
        return routes[endpoint], dict(arguments)

    return resolve


def why_unknown(path: str) -> GraphError:
    """Say whether the service has this address and the emulator lacks it (501), or nobody has it (400 naming the
    segment).
    """
    segments = [part for part in path.split("/") if part]
    if segments and segments[0] in VERSIONS:
        segments = segments[1:]
    if not segments:
        return problems.unknown_segment("")
    first = segments[0].partition("(")[0]
    known = {route.rule.split("/")[1] for _, table in AREAS for route in table}
    if first in graph_names.ELSEWHERE:
        return not_emulated(f"The Graph segment '{first}'")
    if first not in known:
        return problems.unknown_segment(first)
    for segment in segments[1:]:
        if segment in graph_names.NAVIGATION.get(first, ()):
            return not_emulated(f"The Graph segment '{first}/{segment}'")
    return problems.unknown_segment(segments[-1])


def _refuse(problem: HTTPException) -> Response:
    """Answer what no route answered: first the token, then the reason."""
    desk = _desk()
    call = read_call(desk, "")
    known: GraphError
    if isinstance(problem, MethodNotAllowed):
        known = problems.WRONG_METHOD
    elif isinstance(problem, NotFound | RequestRedirect):
        known = why_unknown(call.path)
    else:
        known = problems.UNEXPECTED if (problem.code or 500) >= 500 else problems.bad_call(problem.code or 400)
    if call.path.startswith(("/v1.0", "/beta")):
        try:
            authenticate(desk, call, (GRAPH, LEGACY_GRAPH))
        except GraphError as refused:
            known = refused
    desk.tenant.record("tenant.graph.unknown", method=call.method, path=call.path[:200], status=known.status)
    return write(problems.graph_answer(desk.tenant, call, known))

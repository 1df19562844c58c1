"""Who may import whom (house.md 4.3), as a table: engine, emulators and harness share no module.

An import under TYPE_CHECKING names a type and ties nothing together when the program runs; it is not counted.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "emulators", "harness")

#: folder or file -> what it may import, ours and third party; the longest match rules. A folder may import itself.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    # the engine
    "engine": ("engine",),
    "engine/model": ("engine.errors",),
    "engine/rules": ("engine.model", "engine.errors"),
    "engine/rules/script_syntax.py": ("lark",),
    "engine/rules/expression": ("engine.model", "lark"),
    "engine/rules/expression/functions": ("engine.model", "engine.rules.expression", "cryptography"),
    "engine/rules/standard": ("engine.model", "engine.rules", "engine.errors"),
    "engine/sync": ("engine.rules", "engine.model", "engine.errors"),
    "engine/store": ("engine.rules", "engine.model", "engine.errors", "msgpack", "orjson"),
    "engine/connectors": ("engine.model", "engine.clock", "engine.errors"),
    "engine/connectors/active_directory": (
        "engine.connectors.connector", "engine.model", "engine.clock", "engine.errors", "ldaptor",
    ),
    "engine/connectors/entra": (
        "engine.connectors.connector", "engine.model", "engine.clock", "engine.errors", "urllib3", "orjson",
    ),
    "engine/connectors/entra/sealed_password.py": ("engine.errors", "cryptography"),
    "engine/connectors/federation": (
        "engine.connectors.entra", "engine.errors", "engine.name_service", "urllib3", "orjson",
    ),
    "engine/setup/federation/certificate_file.py": ("engine.errors", "cryptography"),
    "engine/pass_through": ("engine.connectors", "engine.network", "engine.errors"),
    "engine/password_writeback": (
        "engine.connectors", "engine.store", "engine.model", "engine.rules", "engine.errors", "engine.eventlog",
        "engine.run.perform", "engine.versions", "orjson",
    ),
    "engine/run": (
        "engine.sync", "engine.store", "engine.connectors", "engine.model", "engine.rules", "engine.clock",
        "engine.errors", "engine.eventlog",
    ),
    "engine/run/preview.py": (
        "engine.run", "engine.explanation", "engine.sync", "engine.store", "engine.model", "engine.rules",
        "engine.errors",
    ),
    "engine/password_sync": (
        "engine.connectors", "engine.store", "engine.model", "engine.clock", "engine.errors", "engine.eventlog",
        "engine.profile", "engine.run.perform", "msgpack", "cryptography",
    ),
    "engine/cmdlets": ("engine", "lark"),
    "engine/setup": ("engine",),
    "engine/views.py": ("engine.sync", "engine.store", "engine.model", "engine.rules"),
    "engine/scheduler.py": ("engine.model", "engine.errors", "engine.profile", "engine.timespan"),
    # the other side
    "emulators": ("emulators.clock",),
    "emulators/directory/core": (),
    "emulators/directory/front": (
        "emulators.directory.core", "emulators.clock", "emulators.faults", "emulators.journal", "twisted", "ldaptor",
        "zope", "OpenSSL",
    ),
    "emulators/directory/store": ("emulators.directory.core", "msgpack"),
    "emulators/directory/service.py": ("emulators.directory", "emulators.clock", "emulators.faults",
                                       "emulators.journal", "twisted"),
    "emulators/tenant": ("emulators.tenant",),
    "emulators/tenant/core": (),
    "emulators/tenant/api": ("emulators.tenant", "flask", "werkzeug", "orjson"),
    "emulators/tenant/app.py": ("emulators.tenant", "flask", "werkzeug"),
    "emulators/tenant/tokens.py": ("emulators.tenant.core", "cryptography", "jwt"),
    "emulators/tenant/sealing.py": ("cryptography",),
    "emulators/tenant/front": (
        "emulators.tenant", "emulators.clock", "emulators.faults", "emulators.journal", "twisted", "zope", "OpenSSL",
        "cryptography", "flask", "werkzeug",
    ),
    "emulators/tenant/store": ("emulators.tenant.core", "msgpack"),
    "emulators/tenant/service.py": (
        "emulators.tenant", "emulators.clock", "emulators.faults", "emulators.journal", "twisted", "OpenSSL",
        "cryptography",
    ),
    "emulators/tenant/core/signing_in/saml_document.py": ("emulators.tenant.core", "cryptography"),
    "emulators/federation/core": (),
    "emulators/federation/core/signing.py": ("emulators.federation.core", "cryptography"),
    "emulators/federation/front": (
        "emulators.federation", "emulators.clock", "emulators.journal", "twisted", "zope", "OpenSSL", "cryptography",
        "ldaptor",
    ),
    "emulators/federation/service.py": ("emulators.federation", "emulators.clock", "emulators.journal", "twisted"),
    # the stage
    "harness": ("harness", "click", "pytest", "yaml", "orjson"),
    "harness/scenario": ("yaml",),
    "harness/lab": (
        "harness.scenario", "harness.refusal", "harness.timeline", "harness.reports.drift",
        "emulators.directory.service",
        "emulators.tenant.service", "emulators.faults", "emulators.journal", "engine", "trustme", "twisted", "urllib3",
        "faker",
    ),
    "harness/lab/federation.py": (
        "harness.lab", "harness.scenario", "harness.refusal", "emulators.federation.service", "emulators.journal",
        "engine",
    ),
    "harness/lab/federation_certificates.py": ("cryptography",),
    "harness/lab/proxy.py": ("harness.scenario", "emulators.journal", "twisted"),
    "harness/actions": ("harness.lab", "harness.scenario", "harness.refusal", "emulators.faults"),
    "harness/checks": ("harness.lab", "harness.scenario", "harness.refusal", "engine.views"),
    "harness/reports": ("harness.run_spool", "harness.timeline", "harness.outcome", "click", "pytest", "rich"),
    "harness/commands": (
        "harness", "engine.rules", "engine.setup", "engine.errors", "engine.views", "engine.cmdlets",
        "engine.explanation", "engine.csexport", "engine.support_bundle", "click", "pytest", "twisted",
    ),
    "harness/shell": ("harness", "engine.cmdlets", "engine.errors", "click"),
    "harness/bench": ("harness", "engine", "emulators", "click", "rich", "ldap3", "twisted"),
    "harness/vocabulary.py": ("harness", "emulators.faults"),
}  # fmt: skip

#: of the engine, the stage may use its public face only
PUBLIC_ENGINE = (
    "engine", "engine.server", "engine.network", "engine.profile", "engine.errors", "engine.views", "engine.setup",
    "engine.service_manager", "engine.explanation", "engine.csexport", "engine.cmdlets", "engine.rules",
    "engine.model.configuration", "engine.support_bundle", "engine.connect_health",
    "engine.cloud_sync.installation", "engine.cloud_sync.migration",
)  # fmt: skip

#: the files in which objects of ldaptor may appear (house.md 3)
LDAPTOR_FENCE = (
    "emulators/directory/front/", "emulators/federation/front/directory.py", "engine/connectors/active_directory/",
)  # fmt: skip


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every imported module and its line; names imported from a package count as modules of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def place_of(relative: str) -> str:
    """Return the row of the table that rules a file."""
    rows = [row for row in MAY_IMPORT if relative == row or relative.startswith(f"{row}/")]
    return max(rows, key=len)


def allowed(module: str, relative: str) -> bool:
    row = place_of(relative)
    own = row.removesuffix(".py").replace("/", ".")
    names = MAY_IMPORT[row] + (own,)
    return any(module == name or module.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_follow_the_table(package: str) -> None:
    wrong = []
    for path in sorted((ROOT / package).rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        for module, line in imports(path):
            if module.split(".")[0] not in sys.stdlib_module_names and not allowed(module, relative):
                wrong.append(f"{relative}:{line} imports {module}")
    assert wrong == []


def test_the_three_packages_share_nothing() -> None:
    wrong = []
    for path in files():
        relative = path.relative_to(ROOT).as_posix()
        top = relative.split("/")[0]
        for module, line in imports(path):
            other = module.split(".")[0]
            if top != "harness" and other in PACKAGES and other != top:
                wrong.append(f"{relative}:{line} imports {module}")
    assert wrong == []


def test_directory_and_tenant_never_meet() -> None:
    for one, other in (("directory", "tenant"), ("tenant", "directory")):
        for path in (ROOT / "emulators" / one).rglob("*.py"):
            assert not [m for m, _ in imports(path) if m.startswith(f"emulators.{other}")], path


def test_the_stage_sees_the_public_face_of_the_engine_only() -> None:
    wrong = []
    for path in sorted((ROOT / "harness").rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        for module, line in imports(path):
            if module.startswith("engine.") and not any(
                module == name or (name != "engine" and module.startswith(f"{name}.")) for name in PUBLIC_ENGINE
            ):
                wrong.append(f"{relative}:{line} imports {module}")
    assert wrong == []


def test_twisted_lives_at_the_edges() -> None:
    edges = ("emulators/directory/front/", "emulators/directory/service.py", "emulators/tenant/front/",
             "emulators/tenant/service.py", "emulators/federation/front/", "emulators/federation/service.py",
             "harness/lab/reactor.py", "harness/lab/control_door.py", "harness/lab/proxy.py",
             "harness/commands/up.py", "harness/bench/")  # fmt: skip
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files()
        for module, line in imports(path)
        if module.split(".")[0] == "twisted" and not path.relative_to(ROOT).as_posix().startswith(edges)
    ]
    assert wrong == []


def test_ldaptor_stays_behind_its_fence() -> None:
    for path in files():
        relative = path.relative_to(ROOT).as_posix()
        if not relative.startswith(LDAPTOR_FENCE):
            assert not [m for m, _ in imports(path) if m.split(".")[0] == "ldaptor"], relative


@pytest.mark.parametrize(
    ("module", "file", "may"),
    [
        ("emulators.tenant.core.tenant", "engine/run/runner.py", False),
        ("engine.store.database", "engine/rules/rule.py", False),
        ("engine.model.values", "engine/rules/rule.py", True),
        ("twisted.internet", "engine/server.py", False),
        ("flask", "emulators/tenant/core/tenant.py", False),
        ("engine.errors", "harness/scenario/reader.py", False),
        ("harness.actions.tenant", "harness/lab/lab.py", False),
    ],
)
def test_the_table_can_say_no(module: str, file: str, may: bool) -> None:
    assert allowed(module, file) is may

"""Install required components, facts "install" IRC rows; CUST-01 to CUST-04."""

from __future__ import annotations

import sqlite3

import pytest

from engine.setup.answers import Components, SqlInstance, Switches
from engine.setup.pages.install_required_components import database_path, install_required_components

TEXT = (
    "The ADSync database already contains data and cannot be overwritten."
    " Please remove the existing database and try again."
)


@pytest.fixture
def instance(stage, tmp_path):
    folder = tmp_path / "SQL1"
    folder.mkdir()
    stage.host_changes = {"sql_instances": {"SQL1\\CONNECT": SqlInstance(folder)}}
    return folder


def on_sql(stage, **changes):
    return stage.custom(components=Components(sql_instance="sql1\\connect,1433", **changes))


def test_existing_database_with_data_exact_text(stage, instance) -> None:
    with sqlite3.connect(database_path(instance, "ADSync")) as connection:
        connection.execute("CREATE TABLE run (number)")
    connection.close()
    outcome = install_required_components(on_sql(stage), stage.state())
    assert (outcome.code, outcome.message) == ("DATABASE_NOT_EMPTY", TEXT)
    database_path(instance, "ADSync").unlink()
    state = stage.state()
    assert not install_required_components(on_sql(stage), state).refused
    assert state.database == database_path(instance, "ADSync")


@pytest.mark.parametrize("content", [None, b""])
def test_absent_and_empty_databases_are_accepted(stage, instance, content) -> None:
    if content is not None:
        database_path(instance, "ADSync").write_bytes(content)
    assert install_required_components(on_sql(stage), stage.state()).code == ""


def test_empty_sqlite_file_is_accepted(stage, instance) -> None:
    connection = sqlite3.connect(database_path(instance, "ADSync"))
    connection.executescript("CREATE TABLE t (x); DROP TABLE t; VACUUM;")
    connection.close()
    assert install_required_components(on_sql(stage), stage.state()).code == ""


def test_foreign_file_is_not_overwritten(stage, instance) -> None:
    database_path(instance, "ADSync").write_bytes(b"not a database at all, but somebody's file" * 100)
    assert install_required_components(on_sql(stage), stage.state()).code == "DATABASE_NOT_EMPTY"


def test_another_database_on_the_instance_does_not_matter(stage, instance) -> None:
    database_path(instance, "ADSync").write_bytes(b"x" * 200)
    assert install_required_components(on_sql(stage, database="ADSync2"), stage.state()).code == ""


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"collations": {"ADSync": "Latin1_General_CS_AS"}}, "SQL_COLLATION"),
        ({"collations": {"ADSync": "Latin1_General_CI_AS"}}, ""),
        ({"dbo": "nested"}, "SQL_NO_DBO"),
        ({"dbo": "direct"}, "SQL_NO_CREATE"),
    ],
)
def test_delegation(stage, instance, given, code) -> None:
    stage.host_changes = {"sql_instances": {"SQL1\\CONNECT": SqlInstance(instance, **given)}}
    assert install_required_components(on_sql(stage), stage.state()).code == code


def test_delegation_with_a_database_made_in_advance(stage, instance) -> None:
    stage.host_changes = {"sql_instances": {"SQL1\\CONNECT": SqlInstance(instance, dbo="direct")}}
    database_path(instance, "ADSync").touch()
    assert install_required_components(on_sql(stage), stage.state()).code == ""


@pytest.mark.parametrize(
    ("components", "switches", "code"),
    [
        (Components(sql_instance="SQL9"), Switches(), "SQL_NOT_FOUND"),
        (Components(sync_groups=("A", "B", "C", "CONTOSO\\D")), Switches(), "GROUP_NOT_LOCAL"),
        (Components(sync_groups=("A", "B")), Switches(), "GROUPS_INCOMPLETE"),
        (Components(sync_groups=("A", "B", "C", "D")), Switches(), ""),
        (Components(import_settings="x.json"), Switches(), "SETTINGS_UNREADABLE"),
        (Components(), Switches(use_existing_database=True), "DB_NEEDS_FULL_SQL"),
    ],
)
def test_other_choices(stage, components, switches, code) -> None:
    answers = stage.custom(components=components, switches=switches)
    assert install_required_components(answers, stage.state()).code == code

"""One database file: transactions inside transactions, tries that are taken back, looking without touching."""

from __future__ import annotations

import sqlite3

import pytest

from engine.errors import ConfigurationError
from engine.store.database import Database


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.endswith("-shm")}


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "one.db", create=True)
    yield made
    made.close()


def test_an_inner_transaction_belongs_to_the_outer_one(database):
    with pytest.raises(RuntimeError), database.transaction():
        with database.transaction():
            database.set_fact("x", "1")
        raise RuntimeError
    assert database.fact("x") == ""


def test_a_try_leaves_nothing(database, tmp_path):
    before = files(tmp_path)
    with database.tried():
        with database.transaction():
            database.set_fact("x", "1")
        assert database.fact("x") == "1"
    assert database.fact("x") == ""
    assert files(tmp_path) == before


def test_a_try_that_fails_leaves_nothing(database):
    with pytest.raises(RuntimeError), database.tried():
        database.set_fact("x", "1")
        raise RuntimeError
    assert database.fact("x") == ""
    with database.transaction():
        database.set_fact("x", "2")
    assert database.fact("x") == "2"


class TestReadOnly:
    def test_a_stopped_database_is_read_and_nothing_is_left_beside_it(self, database, tmp_path):
        database.set_fact("x", "1")
        database.close()
        before = files(tmp_path)
        looking = Database.read_only(tmp_path / "one.db")
        assert looking.fact("x") == "1"
        looking.close()
        assert files(tmp_path) == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["one.db"]

    def test_a_live_database_is_read_while_its_server_writes(self, database, tmp_path):
        database.set_fact("x", "1")
        looking = Database.read_only(tmp_path / "one.db")
        looking.connection.execute("BEGIN")
        assert looking.fact("x") == "1"
        database.set_fact("x", "2")
        assert looking.fact("x") == "1"
        looking.connection.execute("COMMIT")
        assert looking.fact("x") == "2"
        looking.close()

    def test_it_cannot_write(self, database, tmp_path):
        looking = Database.read_only(tmp_path / "one.db")
        with pytest.raises(ConfigurationError, match="readonly"):
            looking.set_fact("x", "1")
        looking.close()

    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"", "DB_CORRUPT"), (b"no database at all" * 100, "DB_CORRUPT"), (None, "DB_MISSING")],
    )
    def test_what_is_no_sync_database(self, tmp_path, content, code):
        path = tmp_path / "strange name?.db"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigurationError) as refusal:
            Database.read_only(path)
        assert refusal.value.code == code
        assert path.name in refusal.value.message

    def test_another_program_s_database(self, tmp_path):
        with sqlite3.connect(tmp_path / "other.db") as other:
            other.execute("CREATE TABLE t (x)")
        other.close()
        with pytest.raises(ConfigurationError, match="not a usable sync database"):
            Database.read_only(tmp_path / "other.db")

    def test_a_file_cut_short(self, database, tmp_path):
        database.close()
        whole = (tmp_path / "one.db").read_bytes()
        (tmp_path / "one.db").write_bytes(whole[: len(whole) // 3])
        with pytest.raises(ConfigurationError):
            Database.read_only(tmp_path / "one.db")

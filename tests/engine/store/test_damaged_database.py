"""Files that are no usable sync database: refused with their path and what to do, and left exactly as they were."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.store.database import FORMAT, Database, DatabaseFull


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "ADSync.db"
    database = Database(place, create=True)
    with database.transaction() as connection:
        connection.executemany("INSERT INTO setting VALUES (?, ?)", [(f"setting {n}", "x" * 200) for n in range(500)])
    database.close()
    return place


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def cut_in_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def only_the_head(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def scribbled_over(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[100:4096] = b"\xa5" * 3996
    path.write_bytes(octets)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_letter(path: Path) -> None:
    path.write_text("Dear administrator, " * 500)


def of_another_program(path: Path) -> None:
    path.unlink()
    other = sqlite3.connect(path)
    other.executescript("CREATE TABLE fact (name TEXT, value TEXT); INSERT INTO fact VALUES ('format', '1');")
    other.close()


def written_with(format_: str):
    def change(path: Path) -> None:
        one = sqlite3.connect(path)
        one.execute("UPDATE fact SET value = ? WHERE name = 'format'", (format_,))
        one.commit()
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        one.close()

    return change


REFUSED = [
    (cut, "DB_CORRUPT", "cut short"),
    (cut_in_a_page, "DB_CORRUPT", "cut short"),
    (only_the_head, "DB_CORRUPT", "no SQLite file"),
    (scribbled_over, "DB_CORRUPT", "not a usable sync database"),
    (empty, "DB_CORRUPT", "it is empty"),
    (a_letter, "DB_CORRUPT", "no SQLite file"),
    (of_another_program, "DB_FOREIGN", "another program"),
    (written_with(str(int(FORMAT) + 1)), "DB_FORMAT", "Open it with the version that wrote it"),
    (written_with("0"), "DB_FORMAT", "install the server again"),
    (Path.unlink, "DB_MISSING", "There is no sync database"),
]


@pytest.mark.parametrize(("damage", "code", "text"), REFUSED, ids=[one[0].__name__ for one in REFUSED])
def test_it_is_refused_and_left_alone(path, damage, code, text):
    damage(path)
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    with pytest.raises(ConfigurationError) as refusal:
        Database(path)
    assert refusal.value.code == code
    assert text in refusal.value.message
    assert str(path) in refusal.value.message
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_an_existing_file_is_not_made_again(path):
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="there already"):
        Database(path, create=True)
    assert path.read_bytes() == before


def test_damage_met_while_working_is_named(path):
    octets = bytearray(path.read_bytes())
    for start in range(0, len(octets), 4096):
        if b"setting 300" in octets[start : start + 4096]:
            octets[start : start + 4096] = b"\xa5" * 4096
    path.write_bytes(octets)
    database = Database(path)
    with pytest.raises(ConfigurationError) as met, database.transaction() as connection:
        connection.execute("SELECT max(value) FROM setting").fetchone()
    assert met.value.code == "DB_CORRUPT"
    assert str(path) in met.value.message
    database.close()


def test_a_full_disk_is_named_inside_and_outside_of_a_transaction(path):
    database = Database(path)
    database.connection.execute("PRAGMA max_page_count = 1")  # as small as it is
    with pytest.raises(DatabaseFull), database.transaction() as connection:
        connection.executemany("INSERT INTO setting VALUES (?, ?)", [(f"more {n}", "x" * 200) for n in range(500)])
    assert database.connection.execute("SELECT count(*) FROM setting").fetchone()[0] == 500
    with pytest.raises(DatabaseFull):
        database.set_fact("long", "x" * 100_000)
    database.close()


def test_a_process_that_died_leaves_a_log_and_nothing_is_lost(path, tmp_path):
    database = Database(path)
    database.set_fact("x", "1")
    beside = tmp_path / "copy"
    beside.mkdir()
    for one in path.parent.glob("ADSync.db*"):  # what the disk holds while the process lives is what a death leaves
        (beside / one.name).write_bytes(one.read_bytes())
    database.close()
    reopened = Database(beside / path.name)
    assert reopened.fact("x") == "1"
    reopened.close()

"""Dispatch: refusals become results, bugs do not."""

from typing import Any

import pytest

from emulators.directory.core import dispatch, search
from emulators.directory.core import requests as r
from emulators.directory.core.password_hashes import PasswordHashes
from emulators.directory.core.results import Result, SearchAnswer
from emulators.directory.core.session import open_session


def test_a_refusal_keeps_the_shape_of_the_answer(forest: Any) -> None:
    session = open_session(forest)
    assert isinstance(dispatch.handle(forest, session, r.Search("DC=x", r.Scope.BASE, r.Present("cn"))), SearchAnswer)
    assert isinstance(dispatch.handle(forest, session, r.Delete("DC=x")), Result)
    assert isinstance(dispatch.handle(forest, session, r.ReadPasswordHashes("DC=x", b"", 0)), PasswordHashes)


def test_a_bug_passes_through(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(search, "search", broken)
    with pytest.raises(KeyError):
        admin.send(r.Search("DC=contoso,DC=com", r.Scope.BASE, r.Present("cn")))

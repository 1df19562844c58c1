"""A held connection: requests wait for it, answers find who asked, and a cut leaves nobody waiting."""

from __future__ import annotations

from typing import Any

from emulators.tenant.core.signing_in.relay import Errand, Line


class Story:
    """One line, what was delivered on it and what was told to those who asked."""

    def __init__(self) -> None:
        self.line = Line("SYNC1")
        self.delivered: list[dict[str, Any]] = []
        self.told: list[tuple[str, Any]] = []

    def ask(self, name: str) -> None:
        self.line.ask(Errand(name, {"What": name}, lambda answer: self.told.append((name, answer))))

    def listen(self) -> None:
        self.line.listen(self.delivered.append)


def test_a_request_waits_for_the_listener_and_its_answer_for_it() -> None:
    story = Story()
    story.ask("one")
    assert story.delivered == []
    story.listen()
    assert story.delivered == [{"Id": "one", "What": "one"}]
    story.line.answer("one", {"Reason": 0})
    assert story.told == [("one", {"Reason": 0})]


def test_one_request_for_each_time_it_listens() -> None:
    story = Story()
    story.listen()
    story.ask("one")
    story.ask("two")
    assert [one["Id"] for one in story.delivered] == ["one"]
    story.listen()
    assert [one["Id"] for one in story.delivered] == ["one", "two"]


def test_an_answer_nobody_asked_for_is_dropped() -> None:
    story = Story()
    story.listen()
    story.ask("one")
    story.line.answer("other", {"Reason": 0})
    story.line.answer("one", {"Reason": 0})
    story.line.answer("one", {"Reason": 1326})
    assert story.told == [("one", {"Reason": 0})]


def test_a_cut_tells_everybody() -> None:
    story = Story()
    story.listen()
    story.ask("out")
    story.ask("waiting")
    story.line.cut()
    story.line.cut()
    assert story.told == [("out", None), ("waiting", None)]
    story.ask("later")
    assert story.told[-1] == ("later", None)
    story.listen()
    assert story.delivered[-1] == {"Closed": True}

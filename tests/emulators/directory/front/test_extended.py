"""Extended operations: who decides what, and the refusals of StartTLS."""

from __future__ import annotations

import pytest

from emulators.directory.core.requests import WhoAmI
from emulators.directory.core.results import Result, ResultCode
from emulators.directory.front import extended
from emulators.directory.front.codec import ExtendedRequest


def nobody(_request: object) -> Result:
    raise AssertionError("the core is not asked")


def test_who_am_i_asks_the_core() -> None:
    asked: list[object] = []

    def answer(request: object) -> Result:
        asked.append(request)
        return Result(value=b"u:CONTOSO\\ana")

    assert extended.answer_extended(ExtendedRequest(extended.WHO_AM_I, None), answer).operation.endswith(
        b"CONTOSO\\ana"
    )
    assert asked == [WhoAmI()]


@pytest.mark.parametrize("name", sorted(extended.NOT_EMULATED))
def test_not_emulated_operations_are_refused(name: str) -> None:
    answer = extended.answer_extended(ExtendedRequest(name, None), nobody)
    assert answer.result.code == ResultCode.UNWILLING_TO_PERFORM
    assert "is not emulated" in answer.result.text


def test_unknown_operations_are_a_protocol_error() -> None:
    answer = extended.answer_extended(ExtendedRequest("1.2.3", b"x"), nobody)
    assert answer.result == Result(ResultCode.PROTOCOL_ERROR, extended.UNKNOWN_OPERATION)


@pytest.mark.parametrize(
    ("secure", "available", "alone", "code"),
    [
        (False, True, True, ResultCode.SUCCESS),
        (True, True, True, ResultCode.OPERATIONS_ERROR),
        (False, True, False, ResultCode.OPERATIONS_ERROR),
        (False, False, True, ResultCode.UNAVAILABLE),
    ],
)
def test_start_tls(secure: bool, available: bool, alone: bool, code: ResultCode) -> None:
    answer = extended.start_tls(secure=secure, available=available, alone=alone)
    assert answer.result.code == code
    assert answer.begins_tls is (code == ResultCode.SUCCESS)

"""The few exceptions somebody catches. Per-object failures are values in a result, never exceptions out of a step."""

from __future__ import annotations


class EngineError(Exception):
    """Something the engine refuses; ``code`` is stable, the message is the sentence an administrator reads."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ConnectorError(EngineError):
    """A connected system could not be reached or refused the whole step.

    ``code`` is the product's connection result (``failed-connection``, ``failed-authentication``, ``failed-search``,
    ``dropped-connection``, ``failed-permission``) and ``run_result`` the run result string it leads to
    (``no-start-credentials``, ``stopped-connectivity`` ...).
    """

    def __init__(self, code: str, message: str, run_result: str) -> None:
        super().__init__(code, message)
        self.run_result = run_result


class ConfigurationError(EngineError):
    """A configuration that cannot be used: a rule folder, an answer file, a database of another shape."""

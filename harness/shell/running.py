"""A server of a world that ``anchorage up`` keeps: every line goes through the world's control door, with its token."""

from __future__ import annotations

import http.client
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import click

from harness.scenario.source import suggestion
from harness.shell.place import Answer, Line, PlaceGoneError, Words, answer_of


class RunningServer:
    """One prompt of a running world. Raises click.UsageError at once for a server that the world does not have."""

    def __init__(self, ready_file: Path, server: str) -> None:
        self.name = server
        self._session = secrets.token_hex(8)
        url, self._token = _door(ready_file)
        self._host, self._port = url.hostname or "127.0.0.1", url.port or 80
        status, answer = self._ask("GET", "/servers", None)
        if status != 200:
            raise click.UsageError(f"the world of {ready_file} does not let us in: {answer.get('error', status)}")
        servers = answer["servers"]
        found = next((one for one in servers if one.lower() == server.lower()), None)
        if found is None:
            told = suggestion(server, servers, listed_max=20) if servers else "it has none: anchorage up --install NAME"
            raise click.UsageError(f"the world of {ready_file} has no server {server}; {told}")
        self.name = found

    def type(self, line: Line) -> Answer:
        body: dict[str, Any] = {
            "session": self._session,
            "line": line.text,
            "width": line.width,
            "skip": line.skip,
            "folder": str(Path.cwd()),
        }
        if line.passwords is not None:
            body["passwords"] = line.passwords
        status, answer = self._ask("POST", self._path, body)
        if status != 200:
            raise PlaceGoneError(str(answer.get("error", f"HTTP status {status}")))
        return answer_of(answer)

    def words(self) -> Words:
        status, answer = self._ask("GET", self._path, None)
        if status != 200:
            return Words()
        return Words(tuple(answer["connectors"]), tuple(answer["profiles"]))

    def close(self) -> None:
        """Nothing is held: the world forgets prompts by itself."""

    @property
    def _path(self) -> str:
        return f"/servers/{quote(self.name)}/prompt"

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(self._host, self._port)  # no time limit: a cycle takes its time
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, {"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise PlaceGoneError(f"the world does not answer: {error}") from None
        finally:
            connection.close()


def _door(ready_file: Path) -> tuple[Any, str]:
    """Address and token of the control door."""
    try:
        document = json.loads(ready_file.read_text(encoding="utf-8"))
        return urlsplit(document["control"]["url"]), str(document["control"]["token"])
    except OSError as error:
        text = f"there is no ready file {ready_file} ({error.strerror}); anchorage up --ready-file writes it"
        raise click.UsageError(text) from None
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{ready_file} is no ready file of anchorage up") from None

"""A browser as plain as can be: keeps a connection and cookies, reads forms, posts them as a browser does."""

from __future__ import annotations

import http.client
import secrets
from dataclasses import dataclass
from http.cookies import SimpleCookie
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from lxml import html

MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Answer:
    """What came back: `seconds` from the first byte sent to the last byte read."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Post:
    """A filled form, encoded and ready to be sent."""

    path: str
    body: bytes
    content_type: str


class Browser:
    """One person's browser on 127.0.0.1:`port`."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = dict(cookies or {})

    def get(self, path: str) -> Answer:
        """The page, redirects not followed."""
        return self._ask("GET", path, None, {})

    def send(self, post: Post) -> Answer:
        """The answer to a form that is sent."""
        return self._ask("POST", post.path, post.body, {"Content-Type": post.content_type})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        seconds = perf_counter() - begun
        for said in answer.headers.get_all("Set-Cookie", ()):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(said).items()})
        return Answer(answer.status, dict(answer.headers), data, seconds)

    def log_in(self, username: str, password: str) -> None:
        """Through the login page, like anybody."""
        post = filled(self.get("/login"), "/login", {"username": username, "password": password})
        answer = self.send(post)
        assert answer.status == 303, f"the login failed: {answer.status}"


def filled(page: Answer, action: str, values: dict[str, str], button: tuple[str, str] | None = None) -> Post:
    """The form of `page` that goes to `action`, with what it holds already and `values` over it."""
    tree: Any = html.document_fromstring(page.body.decode())
    forms = [form for form in tree.forms if (form.action or "").split("?")[0] == action or action in (form.action or "")]
    if not forms:  # a form without an address goes to its own page
        forms = [form for form in tree.forms if not form.action and form.method == "POST"]
    form = next(form for form in forms if form.method == "POST")
    pairs = [(name, value) for name, value in form.form_values() if name not in values]
    pairs += [*values.items(), *([button] if button else [])]
    if form.get("enctype") != MULTIPART:
        return Post(action, urlencode(pairs).encode(), "application/x-www-form-urlencoded")
    return _multipart(action, pairs)


def _multipart(action: str, pairs: list[tuple[str, str]]) -> Post:
    line = "----bench" + secrets.token_hex(12)
    parts = [f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs]
    return Post(action, ("".join(parts) + f"--{line}--\r\n").encode(), f"{MULTIPART}; boundary={line}")

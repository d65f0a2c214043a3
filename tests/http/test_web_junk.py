"""Junk from the net is the sender's mistake: 4xx, never 5xx, and never a stack trace."""

from __future__ import annotations

import io
from typing import Any

import pytest

HOME = "/e/jade_garden/"
PATHS = [
    "/%ff",
    "/%00",
    "/e/%ff%fe/",
    "/e/jade_garden/cases/%00",
    "/e/%ed%a0%80/",
    "//",
    "/" + "a/" * 5000,
    "/" + "x" * 20000,
    "/e/jade_garden/new/%ff",
    "/static/../../core/app.py",
    "/static/%2e%2e/%2e%2e/setup.cfg",
    "/static/%00",
    "/verify/a/b/%ff",
    "/e/jade_garden/cases/x/documents/y/file.exe",
    "/login/%c0%af",
]
QUERIES = [
    "?q=%ff",
    "?%ff=1",
    "?q=%00",
    "?q=%ed%a0%80",
    "?" + "a=1&" * 3000,
    "?q=" + "%e7%8e%89" * 600,
    "?after=%00",
    "?=",
    "?&&&=",
    "?q[]=1&q[a]=2",
]
BODIES: list[tuple[str, bytes]] = [
    ("application/x-www-form-urlencoded", b"csrf_token=%ff&a=%ff"),
    ("application/x-www-form-urlencoded", b"\xff\xfe\x00=1"),
    ("application/x-www-form-urlencoded; charset=bogus", b"a=1"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"a=1"),
    ("application/x-www-form-urlencoded", b"a=%00"),
    ("application/x-www-form-urlencoded", b"a=1&" * 100_000),
    ("application/x-www-form-urlencoded", b"a" * 5_000_000),
    ("multipart/form-data", b"nothing"),
    ("multipart/form-data; boundary=", b"nothing"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nnever ends'),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--x--"),
    ("multipart/form-data; boundary=\xc3\xbf", b"--x--"),
    ("multipart/mixed; boundary=x", b"--x--"),
    ("application/json", b'{"a":'),
    ("text/plain", b"\x00\x01"),
    ("garbage", b"a=1"),
    ("", b"a=1"),
]


def send(app: Any, path: str, *, method: str = "GET", body: bytes = b"", **environ: Any) -> int:
    """The status of a raw WSGI request; an exception that reaches the server fails the test."""
    raw, _, query = path.partition("?")
    from urllib.parse import unquote_to_bytes

    said: list[str] = []
    answer = app(
        {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
            **environ,
        },
        lambda status, headers, exc_info=None: said.append(status),
    )
    shown = b"".join(answer)
    assert b"Traceback" not in shown
    return int(said[0].split()[0])


def cookies(house, who: str) -> str:
    return "; ".join(f"{name}={value}" for name, value in house.browser(who).cookies.items())


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_addresses(house, path):
    assert 300 <= send(house.app, path, HTTP_COOKIE=cookies(house, "wang")) < 500


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
@pytest.mark.parametrize("page", ["search", "cases", "units", "new/move_in"])
def test_questions(house, page, query):
    assert send(house.app, HOME + page + query, HTTP_COOKIE=cookies(house, "wang")) < 500


@pytest.mark.parametrize(("kind", "body"), BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", ["/login", HOME + "new/move_in", "/verify", HOME + "units/import"])
def test_bodies(house, path, kind, body):
    status = send(
        house.app, path, method="POST", body=body, CONTENT_TYPE=kind, HTTP_COOKIE=cookies(house, "wang")
    )
    assert 400 <= status < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO", "get"])
@pytest.mark.parametrize("path", ["/login", HOME, HOME + "new/move_in", "/nowhere"])
def test_methods(house, path, method):
    assert 300 <= send(house.app, path, method=method, HTTP_COOKIE=cookies(house, "wang")) < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "shouxu=garbage; shouxu_csrf=\xff; x"},
        {"HTTP_COOKIE": "\x00\xff=;;;"},
        {"HTTP_COOKIE": "shouxu_locale=../../etc"},
        {"HTTP_HOST": "a b\x00"},
        {"HTTP_HOST": ""},
        {"HTTP_ACCEPT": "\xff;q=x"},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 9000},
        {"CONTENT_LENGTH": "abc"},
        {"CONTENT_LENGTH": "-1"},
        {"HTTP_IF_MODIFIED_SINCE": "yesterday"},
        {"HTTP_RANGE": "bytes=9-1"},
        {"HTTP_X_FORWARDED_FOR": "\xff"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/login", "/static/shouxu.css", "/health"])
def test_headers(house, path, headers):
    assert send(house.app, path, **headers) < 500


def test_a_file_where_text_is_due_and_text_where_a_file_is_due(house):
    browser = house.browser("wang")
    token = browser.get("/account").html.select_one("input[name=csrf_token]")["value"]
    case = house.open_case()
    for path in (
        HOME + "new/move_in",
        house.case(case, "/steps/verify/form"),
        house.case(case, "/lifecycle"),
        house.case(case, "/pay"),
        house.case(case, "/parties"),
        "/account",
        "/language",
    ):
        answer = browser.post(
            path,
            {"csrf_token": token},
            upload_files=[
                (name, "x.txt", b"x")
                for name in ("unit", "reason", "action", "act", "name", "locale", "charge", "party", "old")
            ],
            status="*",
        )
        assert answer.status_int < 500, (path, answer.status)
    for name, path in (
        ("file", "/verify"),
        ("file", HOME + "units/import"),
        ("scan", house.case(case, "/steps/verify/papers/notice")),
    ):
        assert 400 <= browser.post(path, {"csrf_token": token, name: "text"}, status="*").status_int < 500


def test_a_surrogate_or_control_character_is_refused_at_its_field(house):
    case = house.open_case()
    form = house.form(house.browser("wang").get(house.case(case, "/steps/verify")), "/form")
    form["f-notice_deadline"], form["f-remarks"] = "2026-03-31", "带\x07铃"
    answer = form.submit("action", value="submit", status="*")
    assert answer.status_int == 422 and 'href="#f-remarks"' in answer

"""The house of the browser tests: the real server on a port of its own, and the staff who sit at it."""

from __future__ import annotations

import io
import re
import socket
import sqlite3
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select
from waitress.server import create_server

from core.app import job_runner, make_app, server_limits
from core.cases.building import build_office, system_actor
from core.cases.desk import Office
from core.cases.registration import import_units
from core.clock import FixedClock
from core.settings import SHIPPED, Settings
from core.store.models import Job, Unit
from core.store.session import unit_of_work
from core.store.users import create_user, grant
from core.walkthroughs.choice import chosen
from core.walkthroughs.player import Player
from tests.remembered_kit import remembering

ESTATE = "jade_garden"
HERE = SHIPPED / "estates" / "cuiwei" / ESTATE
PICTURES = SHIPPED / "build" / "browser"
DESK = {"width": 1280, "height": 900}
TABLET = {"width": 834, "height": 1112}
PHONE = {"width": 390, "height": 844}
INTAKE = {"notice_deadline": "2026-03-31", "fee_from": "2026-03-01", "cards": "2"}
INSPECTION = {"housekeeper": "王晓梅", "technician": "李建国", "water-reading": "12.50", "electricity-reading": "35.00"}
PATIENCE = 120.0
"""Seconds after which the jobs of a test must be done."""
expect.set_options(timeout=15_000)  # a machine under load is slow, not wrong


@dataclass
class Premises:
    """The running server: its address, its office, its logins (user name → password) and units not yet used."""

    office: Office
    address: str
    logins: dict[str, str]
    units: list[str]
    cookies: dict[str, Any] = field(default_factory=dict)

    def unit(self) -> str:
        """The code of a unit that no test has used."""
        return self.units.pop(0)

    def case_before(self, word: str, step: str) -> Counter:
        """A case at a fresh unit, played by the walkthrough `individual` until its act `word` at `step`."""
        clock = FixedClock(self.office.clock.now() - timedelta(hours=1))
        (script,), _ = chosen(self.office.library, "move_in/individual", ESTATE)
        player = Player(replace(self.office, clock=clock), ESTATE, script, clock, unit=self.unit())
        player.play(skip=("requisition", "refused"), stop=lambda act: (act.word, act.step) == (word, step))
        return Counter(f"/cases/{player.case_id}")

    def work_done(self) -> None:
        """Wait until no job is left to do."""
        end = time.monotonic() + PATIENCE
        while waiting := self._waiting():
            assert time.monotonic() < end, f"{waiting} jobs are still waiting"
            time.sleep(0.2)

    def _waiting(self) -> int:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            count = select(func.count()).select_from(Job).where(Job.state.in_(("waiting", "running")))
            return session.scalar(count) or 0


def open_house(folder: Path, template: Path, soffice: str) -> tuple[Premises, Any]:
    """(the premises, what ends them): a database from `template`, the sample estate, server and job threads."""
    with sqlite3.connect(template) as source, sqlite3.connect(folder / "shouxu.sqlite") as target:
        source.backup(target)
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{door.getsockname()[1]}"
    settings = Settings.load(data_dir=remembering(folder), listen=address, base_url=f"http://{address}", soffice=soffice, workers=1)
    office = build_office(settings, durable=False)
    logins, units = _furnish(office)
    limits = {name: value for name, value in server_limits(settings).items() if name != "listen"}
    server = create_server(make_app(settings, office=office), sockets=[door], **limits)
    runner = job_runner(office)
    runner.start()
    thread = threading.Thread(target=server.run, name="browser-tests-server", daemon=True)
    thread.start()

    def close() -> None:
        server.close()
        runner.stop()
        thread.join(10)

    return Premises(office, f"http://{address}", logins, units), close


def _furnish(office: Office) -> tuple[dict[str, str], list[str]]:
    users = yaml.safe_load((HERE / "demo_users.yaml").read_text(encoding="utf-8"))["users"]
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        import_units(desk, ESTATE, (HERE / "units.xlsx").read_bytes())
        for said in users:
            admin = "estate_it" in said["roles"]
            user = create_user(session, username=said["username"], name=said["name"], password=said["password"],
                               by="", at=desk.now, admin=admin, weak=True)
            session.flush()
            for role in said["roles"]:
                grant(session, user.id, ESTATE, role, by="", at=desk.now)
        sold = select(Unit).where(Unit.estate == ESTATE, Unit.status == "sold", Unit.building.in_(("4", "5")))
        codes = [unit.code for unit in session.scalars(sold.order_by(Unit.code)) if _one_owner(unit)]
    return {said["username"]: said["password"] for said in users}, codes


def _one_owner(unit: Unit) -> bool:
    return [row.person.kind for row in unit.ownerships] == ["person"]


class Staff:
    """Somebody at a browser of their own. What the browser complains about is kept in `complaints`."""

    def __init__(self, premises: Premises, browser: Browser, username: str = "", **context: Any) -> None:
        self.premises, self.username = premises, username
        options = {"viewport": DESK, "locale": "zh-CN", "base_url": premises.address,
                   "color_scheme": "light", "reduced_motion": "reduce"}
        kept = premises.cookies.get(username)
        self.context: BrowserContext = browser.new_context(**{**options, **context}, storage_state=kept)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self._listen(self.page)
        if username and kept is None:
            self.log_in()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        page.on("response", lambda answer: self.complaints.append(f"{answer.status} {answer.url}")
                if answer.status >= 500 else None)

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # an expected 404, 409 or 422 is also said on the console
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.complaints.append(f"{page.url}: {text}")

    def log_in(self, next_page: str = "/login") -> None:
        """Fill in the login page and keep the session for this person's next browser."""
        self.page.goto(next_page)
        self.page.get_by_label("用户名").fill(self.username)
        self.page.get_by_label("密码").fill(self.premises.logins[self.username])
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("button", name="登录")).to_have_count(0)
        self.premises.cookies[self.username] = self.context.storage_state()

    # ---------------------------------------------------------------- going about

    def go(self, path: str) -> Page:
        """Open a page of the estate (`/cases`), or any page (`/login`)."""
        everywhere = path.startswith(("/e/", "/login", "/verify", "/admin", "/account", "/health"))
        answer = self.page.goto(path if everywhere else f"/e/{ESTATE}{path}")
        assert answer is None or answer.status < 500, f"{answer.status} {answer.url}"
        return self.page

    def press(self, name: str, within: str = "main") -> None:
        """Click the button of that name."""
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, within: str = "main") -> None:
        """Click the link of that name."""
        self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keep a screenshot in build/browser."""
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, animations="disabled")

    def sees(self, text: str, within: str = "main") -> None:
        """The page says so."""
        expect(self.page.locator(within).first).to_contain_text(text)

    def leave(self) -> None:
        """Close the browser; a complaint of it fails the test."""
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)


class Counter:
    """One case, worked on by whoever is named; each method is what one of them does with keyboard and mouse."""

    def __init__(self, case: str) -> None:
        self.case = case

    def go(self, who: Staff, rest: str) -> Page:
        """Open a page of the case."""
        return who.go(f"{self.case}{rest}")

    def step(self, who: Staff, name: str) -> Page:
        return self.go(who, f"/steps/{name}")

    def papers(self, who: Staff) -> None:
        """Tick the three papers that an owner brings, each with its own button."""
        page = self.step(who, "verify")
        for paper in ("notice", "contract", "owner_id"):
            form = page.locator(f"#paper-{paper}")
            for box in form.get_by_role("checkbox").all():
                box.check()
            form.get_by_role("button", name=re.compile("收到")).click()
            expect(page.locator(f"#paper-{paper} .badge").first).to_contain_text("已收")

    def fill(self, who: Staff, step: str, values: dict[str, Any], button: str = "提交本步") -> None:
        """Fill in the form of a step and press a button below it."""
        page = self.step(who, step)
        for name, value in values.items():
            put(page, name, value)
        page.locator("#form").get_by_role("button", name=button, exact=True).click()

    def issue(self, who: Staff, step: str) -> None:
        """Look at what is going to be issued, and issue it."""
        page = self.step(who, step)
        page.get_by_role("link", name=re.compile("核对并出具")).click()
        who.press("确认出具")
        expect(page.locator(".flash")).to_contain_text("文书已出具")

    def sign(self, who: Staff, step: str, only: str = "") -> int:
        """Sign on the pad what waits on the step's page: every document, or those of one signer. How many."""
        signed = 0
        while True:
            links = self.step(who, step).locator(f"a[href*='/documents/'][href*='/sign/{only}']")
            if not links.count():
                return signed
            links.first.click()
            self.sign_here(who)
            signed += 1
            assert signed < 30, "still something to sign"

    def sign_on_paper(self, who: Staff, step: str) -> int:
        """Upload a signed sheet for every party whose signature waits on the step's page. How many."""
        signed = 0
        while True:
            links = self.step(who, step).locator("a[href*='/sign/owner']")
            if not links.count():
                return signed
            links.first.click()
            upload_sheet(who.page, "sheet.png", "image/png", signed_sheet("PNG"))
            expect(who.page.locator(".flash")).to_contain_text("已签名")
            signed += 1
            assert signed < 30, "still something to sign"

    @staticmethod
    def sign_here(who: Staff) -> None:
        """Sign the open signing page: by account for a role, by hand for a party."""
        who.page.wait_for_url(re.compile("/sign/"))  # the click has only begun to lead there
        account = who.page.get_by_role("button", name="签署", exact=True)
        if account.count():
            account.click()
        else:
            draw(who.page)
            who.press("确认签名")
        expect(who.page.locator(".flash")).to_contain_text("已签名")

    def status(self, who: Staff, step: str, word: str) -> None:
        """The step says that it is 已完成, 可办理 or 未开放."""
        expect(self.step(who, step).locator("section.card").first.locator(".badge").first).to_contain_text(word)


def put(page: Page, name: str, value: Any) -> None:
    """Enter a value into the field `name`: text, a date, one choice, several, 是/否."""
    controls = page.locator(f"[name='f-{name}']")
    kind = controls.first.get_attribute("type") or controls.first.evaluate("el => el.tagName.toLowerCase()")
    if kind in ("radio", "checkbox"):
        for said in value if isinstance(value, list) else [value]:
            page.locator(f"[name='f-{name}'][value='{said}']").check()
    elif kind == "select":
        controls.first.select_option(value)
    else:
        controls.first.fill(value)


def signed_sheet(kind: str) -> bytes:
    """A scan of a sheet that somebody signed in ink; `kind` PNG or PDF."""
    sheet = Image.new("RGB", (620, 877), "white")
    pen = ImageDraw.Draw(sheet)
    for line in range(90, 700, 28):
        pen.line((70, line, 550, line), fill=(120, 120, 120), width=2)
    pen.line((330, 800, 370, 760, 400, 810, 450, 750, 480, 805), fill=(20, 30, 90), width=5)
    target = io.BytesIO()
    sheet.save(target, kind)
    return target.getvalue()


def upload_sheet(page: Page, name: str, media_type: str, data: bytes) -> None:
    """On a signing page: say that it was signed on paper, and send that file."""
    fold = page.locator("details", has_text="在纸上签名，上传扫描件")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    page.get_by_label("扫描件或照片").set_input_files(files=[{"name": name, "mimeType": media_type, "buffer": data}])
    fold.get_by_role("button", name="上传并登记").click()


def draw(page: Page) -> None:
    """Write something like a name with the mouse."""
    box = page.locator("canvas.pad").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.6)
    for stroke in (((0.3, 0.2), (0.32, 0.8), (0.26, 0.7)), ((0.42, 0.3), (0.4, 0.7), (0.5, 0.5), (0.58, 0.75))):
        page.mouse.down()
        for right, down in stroke:
            page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * down, steps=4)
        page.mouse.up()
        page.mouse.move(box["x"] + box["width"] * 0.38, box["y"] + box["height"] * 0.3)


def begin(who: Staff, code: str) -> Counter:
    """Begin a move-in for the unit on the page."""
    page = who.go(f"/new/move_in?q={code}")
    page.get_by_role("button", name=re.compile("开始办理")).first.click()
    page.wait_for_url(re.compile(r"/cases/[^/]+/steps/"))
    return Counter(page.url.partition(f"/e/{ESTATE}")[2].partition("/steps/")[0])

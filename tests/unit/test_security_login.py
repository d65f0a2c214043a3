"""Passwords, limits, users, tokens, roles."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Forbidden, InvalidInput, NotFound, TooManyTries
from core.security import codes, passwords, policy, tokens
from core.security.limits import Tries
from core.store import events, users
from core.store.engine import make_engine
from core.store.models import ApiToken, Event
from core.store.session import session_factory, unit_of_work

AT = datetime(2026, 3, 1, tzinfo=UTC)
PASSWORD = "Correct-horse-7"


@pytest.fixture
def factory(database_url):
    engine = make_engine(database_url)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture
def li(factory):
    with unit_of_work(factory) as session:
        user = users.create_user(session, username="Li.Wei", name="李伟", password=PASSWORD, by="root", at=AT)
        users.grant(session, user.id, "jade", "service", by="root", at=AT)
    return user.id


def login(factory, username="li.wei", password=PASSWORD, tries=None, address=""):
    return users.authenticate(factory, username, password, at=AT, tries=tries or Tries(), address=address)


def kinds(factory):
    with unit_of_work(factory, readonly=True) as session:
        assert events.verify_chain(session, events.SYSTEM).whole
        return [row.kind for row in session.query(Event).order_by(Event.seq)]


def test_the_right_password_makes_an_actor(factory, li):
    actor = login(factory)
    assert (actor.user_id, actor.name, actor.roles) == (li, "李伟", {"jade": frozenset({"service"})})
    assert login(factory, password="Wrong-horse-77") is None
    assert login(factory, username="nobody\x00") is None
    assert kinds(factory) == [
        "user_created",
        "role_granted",
        "user_logged_in",
        "login_failed",
        "login_failed",
    ]


def test_an_unknown_user_takes_as_long_as_a_known_one(factory, li):
    def seconds(username):
        begun = time.perf_counter()
        assert login(factory, username, "Wrong-horse-77") is None
        return time.perf_counter() - begun

    known = min(seconds("li.wei") for _ in range(4))
    unknown = min(seconds("nobody") for _ in range(4))
    assert unknown > known / 2


def test_ten_tries_and_no_more(factory, li):
    tries = Tries()
    for _ in range(10):
        tries.require("user:li.wei")
    with pytest.raises(TooManyTries):
        login(factory, tries=tries)
    with pytest.raises(TooManyTries):
        tries.require("address:1", "user:li.wei")
    tries.require("user:other")
    tries.forget("user:li.wei")
    assert login(factory, tries=tries) is not None


def test_sessions_end_with_password_and_activity(factory, li):
    with unit_of_work(factory) as session:
        assert users.actor_by_id(session, li, 0)
        users.set_password(session, li, "Another-horse-8", by="root", at=AT)
        assert users.actor_by_id(session, li, 0) is None
        users.deactivate(session, li, by="root", at=AT)
        assert users.actor_by_id(session, li, 2) is None
        with pytest.raises(InvalidInput):
            users.deactivate(session, li, by=li, at=AT)
    assert login(factory, password="Another-horse-8") is None
    with unit_of_work(factory) as session:
        users.activate(session, li, by="root", at=AT)
    assert login(factory, password="Another-horse-8") is not None


def test_roles_come_and_go(factory, li):
    with unit_of_work(factory) as session:
        users.grant(session, li, "jade", "service", by="root", at=AT)
        users.grant(session, li, "pear", "finance", by="root", at=AT)
        users.revoke(session, li, "jade", "service", by="root", at=AT)
        users.revoke(session, li, "jade", "service", by="root", at=AT)
        with pytest.raises(InvalidInput):
            users.grant(session, li, "jade", "No Role", by="root", at=AT)
    assert login(factory).roles == {"pear": frozenset({"finance"})}
    assert kinds(factory).count("role_revoked") == 1


@pytest.mark.parametrize(
    ("username", "name", "password", "field"),
    [
        ("li.wei", "李", PASSWORD, "username"),
        ("1", "李", PASSWORD, "username"),
        ("ok", " ", PASSWORD, "name"),
        ("ok", "李", "short", "password"),
        ("ok", "李", "alllowercase", "password"),
        ("ok", "李", "x" * 200, "password"),
        ("wang", "王", "Wang-horse-77", "password"),
    ],
)
def test_bad_users_are_refused(factory, li, username, name, password, field):
    with unit_of_work(factory) as session, pytest.raises(InvalidInput) as caught:
        users.create_user(session, username=username, name=name, password=password, by="root", at=AT)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_unknown_users_are_not_found(factory):
    with unit_of_work(factory) as session:
        with pytest.raises(NotFound):
            users.get_user(session, "x")
        with pytest.raises(NotFound):
            users.find_user(session, "x")
        with pytest.raises(NotFound):
            users.revoke_token(session, "x", by="root", at=AT)


def test_a_token_acts_at_its_estate_within_its_scopes(factory, li):
    with unit_of_work(factory) as session:
        users.grant(session, li, "pear", "finance", by="root", at=AT)
        token = users.issue_token(
            session,
            li,
            estate="jade",
            name="robot",
            scopes=["read", "write"],
            by=li,
            at=AT,
            expires_at=AT + timedelta(days=1),
        )
        actor = users.actor_of_token(session, token, at=AT)
        assert actor.roles == {"jade": frozenset({"service"})}
        assert policy.may(actor, "jade", ["service"], scope="write")
        assert not policy.may(actor, "jade", ["service"], scope="money")
        with pytest.raises(Forbidden, match="money"):
            policy.require(actor, "jade", scope="money")
        assert users.actor_of_token(session, token, at=AT + timedelta(days=2)) is None
        assert users.actor_of_token(session, token[:-1] + "!", at=AT) is None
        row = session.query(ApiToken).one()
        assert token not in str(row.__dict__)
        users.revoke_token(session, row.id, by=li, at=AT)
        assert users.actor_of_token(session, token, at=AT) is None


def test_scopes_are_known():
    assert tokens.require_scopes(["read"]) == {"read"}
    for wrong in ([], ["root"]):
        with pytest.raises(InvalidInput):
            tokens.require_scopes(wrong)


def test_a_stranger_learns_nothing():
    stranger = policy.Actor("u", "u", "U", roles={"pear": frozenset({"manager"})})
    assert not policy.may(stranger, "jade")
    with pytest.raises(NotFound):
        policy.require(stranger, "jade", ["service"])
    admin = policy.Actor("a", "a", "A", admin=True)
    assert policy.may(admin, "jade")
    assert not policy.may(admin, "jade", ["finance"])
    policy.require_admin(admin)
    with pytest.raises(Forbidden):
        policy.require_admin(stranger)


def test_roles_stand_in_for_others():
    actor = policy.Actor("u", "u", "U", roles={"jade": frozenset({"manager"})})
    stands_in = {"manager": ["head"], "head": ["service", "manager"]}
    assert policy.roles_of(actor, "jade", stands_in) == {"manager", "head", "service"}
    assert policy.may(actor, "jade", ["service"], stands_in=stands_in)
    with pytest.raises(Forbidden) as caught:
        policy.require(actor, "jade", ["service"])
    assert "service" in caught.value.remedy


def test_the_code_of_a_document_belongs_to_it():
    code = codes.verify_code("1" * 32, "jade", "certificate", "00042")
    assert len(code) == 10
    assert codes.code_matches("1" * 32, "jade", "certificate", "00042", f" {code.upper()} ")
    assert codes.code_matches("2" * 32, "jade", "certificate", "00042", code, old=["1" * 32])
    assert not codes.code_matches("2" * 32, "jade", "certificate", "00042", code)
    for other in (
        ("jade", "certificate", "00043"),
        ("jade", "certificate0", "0042"),
        ("pear", "certificate", "00042"),
    ):
        assert not codes.code_matches("1" * 32, *other, code)
    assert not codes.code_matches("1" * 32, "jade", "certificate", "00042", "玉\ud800")


def test_generated_passwords_are_strong():
    for _ in range(50):
        passwords.require_strong(users.generated_password())

"""Tables for time, approvals, sub-cases, facts and notices; a step's item becomes part of its key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DATA = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WHEN = sa.DateTime(timezone=True)


def short(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length=64), nullable=False, server_default=default)


def ref(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=26), nullable=nullable)


def when(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, WHEN, nullable=nullable)


def upgrade() -> None:
    _keys()
    _cases()
    _facts()
    _step_acts()
    _timers()
    _case_keys()
    _notices()
    _registers()


def _keys() -> None:
    """A step's item was always empty: no key changes."""
    for table, columns in (("draft", ["case_id", "step", "user_id"]), ("step_run", ["case_id", "step", "round"]),
                           ("submission", ["case_id", "step", "round", "revision"])):
        before = columns.copy()
        before.insert(2, "item")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"uq_{table}_{'_'.join(before)}", type_="unique")
            batch.drop_column("item")
            batch.create_unique_constraint(f"uq_{table}_{'_'.join(columns)}", columns)


def _cases() -> None:
    for column in (short("subject", "unit"), sa.Column("place", sa.String(length=255), nullable=False, server_default=""),
                   ref("parent_id", nullable=True), short("kind", ""), ref("origin_id", nullable=True),
                   when("suspended_at", nullable=True)):
        op.add_column("case", column)
    for name in ("parent_id", "origin_id"):
        op.create_index(f"ix_case_{name}", "case", [name])
    for column in (when("overdue_at", nullable=True), when("valid_until", nullable=True), short("rung", "")):
        op.add_column("step_run", column)
    op.add_column("case_party", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.execute("""UPDATE case_party SET number = (
        SELECT count(*) FROM case_party AS earlier
        WHERE earlier.case_id = case_party.case_id AND earlier.party = case_party.party
          AND (earlier.since < case_party.since OR (earlier.since = case_party.since AND earlier.id <= case_party.id)))""")


def _facts() -> None:
    """Nothing has written facts so far."""
    op.drop_table("fact")
    op.create_table(
        "fact",
        ref("id"),
        short("estate"),
        sa.Column("subject", sa.String(length=255), nullable=False),
        short("name"),
        sa.Column("value", DATA, nullable=False),
        when("as_of"),
        short("origin"),
        short("by"),
        when("at"),
        sa.PrimaryKeyConstraint("id", name="pk_fact"),
        sa.UniqueConstraint("estate", "subject", "name", "origin", name="uq_fact_estate_subject_name_origin"),
    )
    op.create_index("ix_fact_estate", "fact", ["estate"])


def _of_case(table: str) -> tuple:
    return (sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=f"fk_{table}_case_id_case"))


def _step_acts() -> None:
    op.create_table("step_act", ref("id"), ref("case_id"), short("step"), sa.Column("round", sa.Integer(), nullable=False),
                    short("kind"), short("role"), short("value"), sa.Column("note", sa.LargeBinary(), nullable=True), ref("by"),
                    when("at"), *_of_case("step_act"))
    op.create_index("ix_step_act_case_id", "step_act", ["case_id"])


def _timers() -> None:
    op.create_table("timer", ref("id"), short("estate"), ref("case_id"), short("step"),
                    sa.Column("round", sa.Integer(), nullable=False), short("kind"), short("name"), when("base_at"), when("at"),
                    short("state"), when("fired_at", nullable=True), *_of_case("timer"),
                    sa.UniqueConstraint("case_id", "step", "round", "kind", "name",
                                        name="uq_timer_case_id_step_round_kind_name"))
    op.create_index("ix_timer_case_id", "timer", ["case_id"])
    op.create_index("ix_timer_next", "timer", ["state", "at"])


def _case_keys() -> None:
    op.create_table("case_key", ref("id"), short("estate"), short("procedure"), ref("case_id"), short("name"), short("digest"),
                    when("at"), *_of_case("case_key"),
                    sa.UniqueConstraint("case_id", "name", name="uq_case_key_case_id_name"))
    op.create_index("ix_case_key_case_id", "case_key", ["case_id"])
    op.create_index("ix_case_key_value", "case_key", ["estate", "procedure", "name", "digest", "at"])


def _notices() -> None:
    op.create_table("notice", ref("id"), short("estate"), short("role"), ref("user_id", nullable=True), short("kind"),
                    ref("case_id", nullable=True), short("step"), sa.Column("text", DATA, nullable=False), when("at"),
                    when("read_at", nullable=True), ref("read_by", nullable=True),
                    sa.PrimaryKeyConstraint("id", name="pk_notice"))
    op.create_index("ix_notice_inbox", "notice", ["estate", "read_at", "role"])


def _registers() -> None:
    """By the day they count to, so that a period is read without looking at all the others. What begins with the estate
    takes the place of an index of the estate alone."""
    for table in ("case", "document", "charge"):
        op.drop_index(f"ix_{table}_estate", table)
    for table, columns in (("case", ["estate", "procedure", "opened_at"]), ("step_run", ["estate", "step", "opened_at"]),
                           ("timer", ["estate", "kind", "at"]), ("document", ["estate", "name", "at"]),
                           ("charge", ["estate", "at"])):
        op.create_index(f"ix_{table}_register", table, columns)

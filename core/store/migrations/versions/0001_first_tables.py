"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blob"),
    )
    op.create_index("ix_blob_estate", "blob", ["estate"])
    op.create_table(
        "case_number",
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("estate", "prefix", "year", name="pk_case_number"),
    )
    op.create_table(
        "cash_day",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("totals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("counted_cash", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cash_day"),
        sa.UniqueConstraint("estate", "day", name="uq_cash_day_estate_day"),
    )
    op.create_index("ix_cash_day_estate", "cash_day", ["estate"])
    op.create_table(
        "chain_head",
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("estate", name="pk_chain_head"),
    )
    op.create_table(
        "definition",
        sa.Column("pin", sa.String(length=64), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pin", name="pk_definition"),
    )
    op.create_index("ix_definition_estate", "definition", ["estate"])
    op.create_table(
        "event",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("estate", "seq", name="uq_event_estate_seq"),
    )
    op.create_index("ix_event_case", "event", ["case_id", "seq"])
    op.create_index("ix_event_estate", "event", ["estate"])
    op.create_table(
        "remark",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
    )
    op.create_index("ix_remark_case", "remark", ["case_id", "seq"])
    op.create_index("ix_remark_estate", "remark", ["estate"])
    op.create_table(
        "fact",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fact"),
        sa.UniqueConstraint("estate", "subject", "name", name="uq_fact_estate_subject_name"),
    )
    op.create_index("ix_fact_estate", "fact", ["estate"])
    op.create_table(
        "idempotent_answer",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotent_answer"),
        sa.UniqueConstraint("user_id", "key", name="uq_idempotent_answer_user_id_key"),
    )
    op.create_index("ix_idempotent_answer_at", "idempotent_answer", ["at"])
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("task", "key", name="uq_job_task_key"),
    )
    op.create_index("ix_job_due", "job", ["state", "run_after"])
    op.create_index("ix_job_estate", "job", ["estate"])
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("pinyin", sa.String(length=255), nullable=False),
        sa.Column("phone_tail", sa.String(length=64), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_estate", "person", ["estate"])
    op.create_index("ix_person_id_index", "person", ["id_index"])
    op.create_index("ix_person_phone_index", "person", ["phone_index"])
    op.create_index("ix_person_search", "person", ["estate", "pinyin"])
    op.create_index("ix_person_tail", "person", ["estate", "phone_tail"])
    op.create_table(
        "series_book",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series_book"),
    )
    op.create_index("ix_series_book_estate", "series_book", ["estate"])
    op.create_table(
        "series_counter",
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("estate", "series", "period", name="pk_series_counter"),
    )
    op.create_table(
        "series_number",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_by", sa.String(), nullable=True),
        sa.Column("void_witness", sa.String(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series_number"),
        sa.UniqueConstraint(
            "estate", "series", "period", "value", name="uq_series_number_estate_series_period_value"
        ),
    )
    op.create_index("ix_series_number_estate", "series_number", ["estate"])
    op.create_index("ix_series_number_request_key", "series_number", ["request_key"])
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("building", sa.String(length=64), nullable=False),
        sa.Column("entrance", sa.String(length=64), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=False),
        sa.Column("area", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("building_type", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("use", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("estate", "code", name="uq_unit_estate_code"),
    )
    op.create_index("ix_unit_board", "unit", ["estate", "building", "entrance", "floor"])
    op.create_index("ix_unit_estate", "unit", ["estate"])
    op.create_table(
        "user",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("locale", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("username", name="uq_user_username"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_api_token_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=26), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("pin", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opening_key", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=26), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["pin"], ["definition.pin"], name="fk_case_pin_definition"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_case_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
        sa.UniqueConstraint("estate", "number", name="uq_case_estate_number"),
        sa.UniqueConstraint("estate", "opening_key", name="uq_case_estate_opening_key"),
    )
    op.create_index("ix_case_board", "case", ["estate", "procedure", "state"])
    op.create_index("ix_case_estate", "case", ["estate"])
    op.create_index("ix_case_unit_id", "case", ["unit_id"])
    op.create_index(
        "uq_case_open_per_unit",
        "case",
        ["estate", "procedure", "unit_id"],
        unique=True,
        sqlite_where=sa.text("exclusive = 1 AND ended_at IS NULL"),
        postgresql_where=sa.text("exclusive AND ended_at IS NULL"),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_grant_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_grant"),
        sa.UniqueConstraint("user_id", "estate", "role", name="uq_grant_user_id_estate_role"),
    )
    op.create_index("ix_grant_user_id", "grant", ["user_id"])
    op.create_table(
        "ownership",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("unit_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("share", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_ownership_person_id_person"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_ownership_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_ownership"),
    )
    op.create_index("ix_ownership_person_id", "ownership", ["person_id"])
    op.create_index("ix_ownership_unit_id", "ownership", ["unit_id"])
    op.create_table(
        "case_party",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_party_case_id_case"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_case_party_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_case_party"),
    )
    op.create_index("ix_case_party_case_id", "case_party", ["case_id"])
    op.create_index("ix_case_party_person_id", "case_party", ["person_id"])
    op.create_table(
        "charge",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("fee", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refundable", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_charge_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_charge"),
        sa.UniqueConstraint("case_id", "stage", "fee", "round", name="uq_charge_case_id_stage_fee_round"),
    )
    op.create_index("ix_charge_case_id", "charge", ["case_id"])
    op.create_index("ix_charge_estate", "charge", ["estate"])
    op.create_index("ix_charge_unit_id", "charge", ["unit_id"])
    op.create_table(
        "check_result",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("checklist", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("photo", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_check_result_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_check_result"),
    )
    op.create_index("ix_check_result_case_id", "check_result", ["case_id"])
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=True),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("copies", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("signers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("seal", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.String(), nullable=True),
        sa.Column("pdf_state", sa.String(length=64), nullable=False),
        sa.Column("pdf_error", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_by", sa.String(), nullable=True),
        sa.Column("void_witness", sa.String(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_document_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("estate", "series", "number", name="uq_document_estate_series_number"),
    )
    op.create_index("ix_document_case", "document", ["case_id", "name"])
    op.create_index("ix_document_case_id", "document", ["case_id"])
    op.create_index("ix_document_estate", "document", ["estate"])
    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_draft_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("case_id", "step", "item", "user_id", name="uq_draft_case_id_step_item_user_id"),
    )
    op.create_index("ix_draft_case_id", "draft", ["case_id"])
    op.create_index("ix_draft_user_id", "draft", ["user_id"])
    op.create_table(
        "paper_mark",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("paper", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("waived", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_paper_mark_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_paper_mark"),
    )
    op.create_index("ix_paper_mark_case_id", "paper_mark", ["case_id"])
    op.create_table(
        "receipt",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("payer", sa.String(length=255), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_receipt_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_receipt"),
        sa.UniqueConstraint("estate", "series", "number", name="uq_receipt_estate_series_number"),
    )
    op.create_index("ix_receipt_case_id", "receipt", ["case_id"])
    op.create_index("ix_receipt_day", "receipt", ["estate", "business_date"])
    op.create_index("ix_receipt_estate", "receipt", ["estate"])
    op.create_table(
        "step_run",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_step_run_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_step_run"),
        sa.UniqueConstraint("case_id", "step", "item", "round", name="uq_step_run_case_id_step_item_round"),
    )
    op.create_index("ix_step_run_case_id", "step_run", ["case_id"])
    op.create_index("ix_step_run_due_at", "step_run", ["due_at"])
    op.create_index("ix_step_run_today", "step_run", ["estate", "state", "step"])
    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plain", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_submission_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint(
            "case_id",
            "step",
            "item",
            "round",
            "revision",
            name="uq_submission_case_id_step_item_round_revision",
        ),
    )
    op.create_index("ix_submission_case_id", "submission", ["case_id"])
    op.create_table(
        "ledger_line",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("estate", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("charge_id", sa.String(length=26), nullable=False),
        sa.Column("receipt_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_ledger_line_case_id_case"),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name="fk_ledger_line_charge_id_charge"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name="fk_ledger_line_receipt_id_receipt"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_line"),
    )
    op.create_index("ix_ledger_line_case_id", "ledger_line", ["case_id"])
    op.create_index("ix_ledger_line_charge_id", "ledger_line", ["charge_id"])
    op.create_index("ix_ledger_line_day", "ledger_line", ["estate", "business_date"])
    op.create_index("ix_ledger_line_estate", "ledger_line", ["estate"])
    op.create_index("ix_ledger_line_receipt_id", "ledger_line", ["receipt_id"])
    op.create_table(
        "signature",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("document_id", sa.String(length=26), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("way", sa.String(length=64), nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.Column("witness", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_signature_document_id_document"),
        sa.PrimaryKeyConstraint("id", name="pk_signature"),
        sa.UniqueConstraint("document_id", "signer", name="uq_signature_document_id_signer"),
    )
    op.create_index("ix_signature_document_id", "signature", ["document_id"])

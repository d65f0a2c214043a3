"""On which device a signature was given."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signature", sa.Column("device", sa.String(length=255), nullable=False, server_default=""))

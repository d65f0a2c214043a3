"""`shouxu verify`: was this file issued here, and is it unchanged?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option

if TYPE_CHECKING:
    from core.cases.verifying import FileVerdict
    from core.documents.verification import Signature


@click.command(cls=Command, example="shouxu verify certificate.pdf")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@json_option
@click.pass_context
def verify(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Say whether FILE was issued here and is unchanged.

    The seal inside a PDF file says who and what; the register of this installation, where there is one, says
    whether the paper was voided or replaced since. Ends with 1 when the file is not accepted.
    """
    from core.cli.terminal import say, show_json

    verdict = judge(file.read_bytes())
    if as_json:
        show_json(as_data(file, verdict))
    else:
        say(f"{'✓' if verdict.accepted else '✗'} {file}  {verdict.message}", "green" if verdict.accepted else "red")
        for line in _lines(verdict):
            say(f"    {line}")
    ctx.exit(OK if verdict.accepted else PROBLEMS)


def judge(data: bytes) -> FileVerdict:
    """The verdict on a file, with the seals this installation trusts and its register where there is one."""
    from core.cases.building import build_office
    from core.cases.verifying import verify_file
    from core.cli.installation import bare_settings
    from core.store.session import unit_of_work

    office = build_office(bare_settings())
    if not _has_register(office):
        return verify_file(office, None, data)
    with unit_of_work(office.sessions, readonly=True) as session:
        return verify_file(office, session, data)


def _has_register(office: Any) -> bool:
    """Whether the database exists and holds documents; looking for it does not make one."""
    from sqlalchemy import inspect

    from core.errors import StoreUnavailable
    from core.store.models import Document

    engine = office.sessions.kw["bind"]
    if engine.dialect.name == "sqlite" and not Path(engine.url.database).is_file():
        return False
    try:
        return inspect(engine).has_table(Document.__tablename__)
    except StoreUnavailable:
        return False


def _lines(verdict: FileVerdict) -> list[str]:
    record, seal = verdict.record, verdict.signature
    lines = [f"{record.estate_title}  {record.title}  {record.number}  {record.issued_on}"] if record.known else []
    if seal is not None:
        lines += [reason for reason in seal.reasons if reason != verdict.message]
        lines += [_signed(row) for row in seal.signatures]
    return lines


def _signed(row: Signature) -> str:
    said = f"{row.signer}  {row.at:%Y-%m-%d %H:%M %Z}" if row.at else row.signer
    return said + (f"  时间戳 {row.stamped_at:%Y-%m-%d %H:%M:%S %Z} {row.stamped_by}" if row.stamped_at else "")


def as_data(file: Path, verdict: FileVerdict) -> dict[str, Any]:
    """The verdict as plain values."""
    record, seal = verdict.record, verdict.signature
    known = {"title": record.title, "number": record.number, "state": record.state, "estate": record.estate_title,
             "issued_on": str(record.issued_on)} if record.known else None
    signatures = [{"signer": row.signer, "at": row.at.isoformat() if row.at else None, "coverage": row.coverage,
                   "intact": row.intact, "trusted": row.trusted, "stamped_by": row.stamped_by,
                   "stamped_at": row.stamped_at.isoformat() if row.stamped_at else None} for row in seal.signatures] if seal else []
    return {"file": str(file), "accepted": verdict.accepted, "status": verdict.status, "message": verdict.message,
            "record": known, "signatures": signatures}

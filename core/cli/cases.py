"""`shouxu cases`: open cases and the definitions they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from core.cli.commands import OK, PROBLEMS, Command, Group, json_option

if TYPE_CHECKING:
    from core.cases.desk import Office
    from core.cases.migrating_views import Outcome, Preview

estate_option = click.option("--estate", metavar="NAME", help="The estate: the name of its folder.")


@click.group(cls=Group)
def cases() -> None:
    """Bring open cases to newer definitions."""


@cases.command("outdated", cls=Command, example="shouxu cases outdated --estate jade_garden")
@click.option("--estate", required=True, metavar="NAME", help="The estate: the name of its folder.")
@click.option("--procedure", metavar="NAME", help="Only cases of this procedure, each in a line.")
@json_option
def outdated(estate: str, procedure: str | None, as_json: bool) -> None:
    """List the open cases that stand on older definitions.

    By procedure: how many are open, how many of them stand on older definitions than a case that would begin now. With
    --procedure the cases themselves. Nothing is changed.
    """
    from core.cases.migrating import outdated as found_cases, outdated_procedures
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json, show_table

    office = installed_office()
    with counter(office, readonly=True) as desk:
        rows = outdated_procedures(desk, estate)
        found = found_cases(desk, estate, procedure)
    if as_json:
        show_json({"estate": estate, "procedures": [asdict(row) for row in rows],
                   "cases": [asdict(row) | {"opened_at": row.opened_at.isoformat()} for row in found]})
    elif procedure:
        local = office.calendar(estate).local
        show_table(("case", "about", "opened", "state", "from", "to"),
                   [(row.number, row.about, f"{local(row.opened_at):%Y-%m-%d}", row.state, row.before[:8], row.after[:8])
                    for row in found])
        say(f"{len(found)} cases stand on older definitions")
    else:
        show_table(("procedure", "title", "open", "outdated"), [(row.procedure, row.title, row.open, row.outdated) for row in rows],
                   right=("open", "outdated"))


@cases.command("migrate", cls=Command, example="""shouxu cases migrate RH-2026-00042 --estate jade_garden
    shouxu cases migrate --all --procedure move_in --estate jade_garden --apply --reason 2026新标准""")
@click.argument("case", required=False)
@estate_option
@click.option("--all", "every", is_flag=True, help="Every outdated case of --procedure at --estate.")
@click.option("--procedure", metavar="NAME", help="With --all: which procedure.")
@click.option("--apply", "do_it", is_flag=True, help="Do it; else it is only shown what would change.")
@click.option("--reason", default="", metavar="TEXT", help="Why; asked for with --apply, kept with the event.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, case: str | None, estate: str | None, every: bool, procedure: str | None, do_it: bool, reason: str,
            as_json: bool) -> None:
    """Bring open cases to the present definitions; without --apply only show what would change.

    CASE is the number or the id of a case. What was filed, paid and issued stays; what no longer fits is listed, and its step is
    open again. With --all each case is an act of its own: one that cannot be brought over is left as it is, with the reasons.
    Ends with 1 when a case cannot be.
    """
    from core.cli.installation import installed_office

    if every == (case is not None) or (every and not (procedure and estate)):
        raise click.UsageError("Give one CASE, or --all with --procedure and --estate.", ctx)
    if do_it and not reason.strip():
        raise click.UsageError("Say why: --reason TEXT.", ctx)
    office = installed_office()
    if case is not None:
        ctx.exit(_one(office, case, estate, do_it, reason, as_json))
    ctx.exit(_all(office, estate or "", procedure or "", do_it, reason, as_json))


def _one(office: Office, case: str, estate: str | None, do_it: bool, reason: str, as_json: bool) -> int:
    from core.cases.migrating import migrate as bring, preview
    from core.cases.step_reasons import find_case
    from core.cli.installation import counter
    from core.cli.terminal import say, show_json

    with counter(office, readonly=not do_it) as desk:
        found = find_case(desk, case, estate)
        seen = bring(desk, found, reason) if do_it else preview(desk, found)
    if as_json:
        show_json(asdict(seen) | {"may": seen.may, "done": do_it})
    else:
        _show(seen)
        if do_it:
            say(f"{seen.number} stands on the present definitions now", "green")
        elif seen.may:
            say("nothing was changed; do it with --apply --reason TEXT")
    return PROBLEMS if seen.blockers else OK


def _all(office: Office, estate: str, procedure: str, do_it: bool, reason: str, as_json: bool) -> int:
    from core.cli.terminal import say, show_json, show_table

    done = list(_outcomes(office, estate, procedure, do_it, reason))
    refused = [row for row, _ in done if not row.done and row.reasons]
    if as_json:
        show_json({"estate": estate, "procedure": procedure, "applied": do_it,
                   "cases": [asdict(row) | {"preview": asdict(seen) if seen else None} for row, seen in done]})
    elif done:
        show_table(("case", "", "changes", "again", "reasons"),
                   [(row.number, "done" if row.done else "refused" if row.reasons else "can be done", len(seen.changes) if seen else "",
                     "、".join(one.title for one in seen.reopened) if seen else "", "；".join(one.message for one in row.reasons))
                    for row, seen in done], right=("changes",))
        if not do_it:
            say("nothing was changed; do it with --apply --reason TEXT")
    else:
        say(f"no open case of {procedure} at {estate} stands on older definitions")
    return PROBLEMS if refused else OK


def _outcomes(office: Office, estate: str, procedure: str, do_it: bool, reason: str) -> Iterator[tuple[Outcome, Preview | None]]:
    """What comes, or would come, of each outdated case; each in a transaction of its own."""
    from core.cases.migrating import migrate_many, outdated as found_cases, preview
    from core.cases.migrating_views import Outcome
    from core.cli.installation import counter
    from core.errors import GateClosed, Reason

    with counter(office, readonly=True) as desk:
        rows = found_cases(desk, estate, procedure)
    for row in rows:
        with counter(office, readonly=not do_it) as desk:
            try:
                seen = preview(desk, row.case)
            except GateClosed as closed:
                yield Outcome(row.case, row.number, False, (Reason("state", closed.what),)), None
                continue
            done = migrate_many(desk, [(row.case, row.version)], reason) if do_it else [Outcome(row.case, row.number, False, seen.blockers)]
        yield done[0], seen


def _show(seen: Preview) -> None:
    """What would change, in a few tables."""
    from core.cli.terminal import say, show_table
    from core.domain.money import show

    say(f"{seen.number}  {seen.procedure_title}  {seen.about}  {seen.before[:8]} → {seen.after[:8]}", "bold")
    if seen.same:
        say("it stands on the present definitions already")
        return
    for reason in seen.blockers:
        say(f"cannot be done: {reason.message}", "red")
    for title in seen.left:
        say(f"begun, and gone: {title}", "yellow")
    tables = (
        (("what", "how", "name", "keys", "held"),
         [(row.kind, row.how, f"{row.was} → {row.name}" if row.was else row.name, " ".join(row.parts), row.held) for row in seen.changes]),
        (("misfit", "field", "filed", "why"), [(row.step, row.field, row.value, row.message) for row in seen.misfits]),
        (("again", "how", "why"), [(row.title, row.how, "；".join(reason.message for reason in row.reasons)) for row in seen.reopened]),
        (("charge", "how", "charged", "would be", "open"),
         [(row.title, row.how, show(row.charged_fen), show(row.would_fen), show(row.open_fen)) for row in seen.charges]),
        (("time", "kind", "before", "after"),
         [(row.title, row.kind, f"{row.before:%Y-%m-%d %H:%M}" if row.before else "", f"{row.after:%Y-%m-%d %H:%M}" if row.after else "")
          for row in seen.deadlines]),
        (("step", "before", "after", "still needs"),
         [(row.title, row.before or "—", row.after or "—", "；".join(reason.message for reason in row.missing)) for row in seen.steps]))
    for heads, rows in tables:
        if rows:
            show_table(heads, rows)

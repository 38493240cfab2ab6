"""`yutang keys`: the keys of sealed personal data: how they stand, and a new one."""

from __future__ import annotations

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _

app = typer.Typer(no_args_is_help=True, help=_("The keys of sealed personal data: status, rotate."))


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="keys")


@app.command(help=_("Show which key seals, and how many records older keys still seal."))
@command
def status(as_json: Json = False) -> Answer:
    """Show how the keys stand."""
    from yutang.foundation.sealed_records import SEALED, key_status

    found = key_status()
    counted = {name: {str(key): n for key, n in counts.items()} for name, counts in found.records.items()}
    told = {
        "place": found.place,
        "current": found.current,
        "keys": list(found.key_ids),
        "records": counted,
        "to_reseal": found.to_reseal,
    }

    def show(console: Console) -> None:
        console.print(_("Keys in: %(place)s") % {"place": found.place}, markup=False, soft_wrap=True)
        console.print(_("New records are sealed with key %(key)s.") % {"key": found.current})
        table = Table(_("Sealed"), *(_("Key %(key)s") % {"key": key} for key in found.key_ids))
        for records in SEALED:
            counts = found.records[records.name]
            table.add_row(_(records.title), *(f"{counts.get(key, 0):,}" for key in found.key_ids))
        console.print(table)
        if found.to_reseal:
            console.print(
                _("%(count)s records are not sealed with key %(key)s yet.")
                % {"count": f"{found.to_reseal:,}", "key": found.current}
            )

    return Answer(told, show)


@app.command(help=_("Add a new key, and seal with it in the background what older keys sealed."))
@command
def rotate(as_json: Json = False) -> Answer:
    """Rotate the sealing key; without a live worker the records are resealed here."""
    from yutang.foundation import actions, jobs, queries
    from yutang.foundation.access import Actor
    from yutang.foundation.sealed_records import key_status

    job_id = actions.rotate_keys(actor=Actor.system(), now=now())
    if not queries.live_workers(now=now()):
        with progress_bar(_("Sealing with the new key")) as told:
            jobs.run_inline(job_id, told=told)
    found = key_status()
    values = {"key": found.current, "place": found.place, "left": f"{found.to_reseal:,}"}
    words = _("New records are sealed with key %(key)s; %(left)s older ones are left. Back up %(place)s now.") % values
    return Answer({"current": found.current, "job_id": job_id, "to_reseal": found.to_reseal}, words)

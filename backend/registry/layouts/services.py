"""Keeping mappings: every version stays, so that a file can be read again as it was read then."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Conflict, Refused
from backend.registry.models import SavedLayout

from .mapping import Mapping, WrongMapping, read, write
from .shipped import shipped
from .stored import without_my_number


@transaction.atomic
def save_layout(*, mapping: Mapping, header: list[str], kind: str, by: Staff | None) -> SavedLayout:
    """Keep a mapping under its name, as the next version. Refuses the name of one that comes with the program."""
    if mapping.name in shipped():
        raise Refused(f"「{mapping.name}」は最初からある対応表の名前です。別の名前を付けてください。")
    definition = write(mapping)
    try:
        read(definition)
    except WrongMapping as error:
        raise Refused(str(error)) from error
    last = SavedLayout.objects.filter(name=mapping.name).order_by("-version").first()
    try:
        with transaction.atomic():
            saved = SavedLayout.objects.create(
                name=mapping.name,
                version=last.version + 1 if last else 1,
                kind=kind,
                definition=definition,
                header=without_my_number(header),
                made_by=by,
            )
    except IntegrityError as error:
        raise Conflict(
            "同じ名前の対応表が、たった今ほかの担当者により保存されました。もう一度保存してください。"
        ) from error
    audit(by=by, act="registry.save_layout", subject=f"layout:{saved.pk}", version=saved.version)
    return saved


def keep_from_file(mapping: Mapping, *, header: list[str], kind: str, by: Staff | None) -> SavedLayout | None:
    """Keep what a YAML file said when a register file was taken with it; once, as long as it says the same."""
    if mapping.name in shipped():
        return None
    last = SavedLayout.objects.filter(name=mapping.name).order_by("-version").first()
    if last and last.definition == write(mapping):
        return last
    return save_layout(mapping=mapping, header=header, kind=kind, by=by)

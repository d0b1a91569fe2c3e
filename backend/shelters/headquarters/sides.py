"""Both sides of a contradiction, as its card shows them: what each entry says, who wrote it, when, and on which device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.templatetags.tasuki import tokyo
from backend.journal import queries as journal
from backend.journal.models import Conflict, Entry, Voiding

from .. import people, rules
from ..apply import who
from ..household import said_as
from ..models import Details, Merge, StayEvent, WelfareAnswer, WelfareCancel, WelfareTransport
from ..queries import opening_names
from ..said import Clash, clashes_of

ARRIVED, OTHER = "届いた記録", "もう一方の記録"
# Free text of any kind of entry, which needs no list of words to be read.
_TEXTS = {"what": "品目", "text": "内容", "reason": "理由", "note": "覚え書き"}


@dataclass(frozen=True)
class Side:
    """One of the entries that contradict each other. `lines` are (label, value); none of somebody who is hidden."""

    title: str
    what: str
    at: datetime | None
    device: str
    author: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def clashes_by_entry(rows: Iterable[Conflict], written: Mapping[UUID, Entry]) -> dict[UUID, list[Clash]]:
    """Of each entry that opened such a contradiction, the corrections that it stands against."""
    wanted = [written[row.entry] for row in rows if row.code == "corrected_apart" and row.entry in written]
    found: dict[UUID, list[Clash]] = {}
    for clashes in clashes_of({who(e.payload["person"]) for e in wanted}).values():
        for clash in clashes:
            found.setdefault(clash.newcomer.entry, []).append(clash)
    return found


def other_of(clash: Clash) -> Details:
    """The side of a clash that was here before the newcomer."""
    return clash.earlier if clash.newcomer is clash.later else clash.later


def people_in(entry: Entry) -> list[UUID]:
    """Whom an entry names, the first first."""
    payload = entry.payload or {}
    found = [who(payload[key]) for key in ("person", "into", "other") if isinstance(payload.get(key), dict)]
    return found + ([UUID(payload["evacuee"])] if payload.get("evacuee") else [])


def others(
    rows: Iterable[Conflict],
    written: Mapping[UUID, Entry],
    stays: Mapping[UUID, StayEvent],
    clashes: Mapping[UUID, list[Clash]],
) -> dict[int, Entry]:
    """Of each contradiction the entry on its other side, as far as there is one. `stays`: where the person was else."""
    wanted: dict[int, UUID] = {}
    refused: dict[int, UUID] = {}
    seldom: dict[int, tuple[str, Entry]] = {}
    for row in rows:
        entry = written.get(row.entry)
        if row.code == "same_id_other_bytes":
            refused[row.pk] = row.entry
        elif row.entry in clashes:
            wanted[row.pk] = max((other_of(c) for c in clashes[row.entry]), key=lambda d: d.received_no).entry
        elif row.entry in stays:
            wanted[row.pk] = stays[row.entry].entry
        elif entry is not None:
            seldom[row.pk] = row.code, entry
    wanted |= _before(seldom)
    known = journal.entries(wanted.values())
    answer = {pk: known[uuid] for pk, uuid in wanted.items() if uuid in known}
    kept = Entry.objects.filter(verdict=Entry.Verdict.REFUSED, uuid__in=list(refused.values()))
    by_uuid = {e.uuid: e for e in kept.select_related("device").defer("raw").order_by("received_no")}
    return answer | {pk: by_uuid[uuid] for pk, uuid in refused.items() if uuid in by_uuid}


def _before(seldom: Mapping[int, tuple[str, Entry]]) -> dict[int, UUID]:
    """What had been said before of the same record, request or entry, by the keys of each contradiction."""
    keys = {pk: _keys(code, entry.payload or {}) for pk, (code, entry) in seldom.items()}
    asked = {key for found in keys.values() for key in found}
    if not asked:
        return {}
    said: list[tuple[UUID, int, UUID]] = list(
        Merge.objects.filter(evacuee__in=asked, voided_at=None).values_list("evacuee", "received_no", "entry")
    )
    for table in (WelfareAnswer, WelfareTransport, WelfareCancel):
        rows = table.objects.filter(request__in=asked)  # type: ignore[attr-defined]
        said += rows.values_list("request", "received_no", "entry")
    said += Voiding.objects.filter(target__in=asked).values_list("target", "received_no", "entry")
    found = {}
    for pk, (_, entry) in seldom.items():
        earlier = [(number, uuid) for key, number, uuid in said if key in keys[pk] and number < entry.received_no]
        target = (entry.payload or {}).get("entry")
        if earlier:
            found[pk] = max(earlier)[1]
        elif target:
            found[pk] = UUID(target)
    return found


def _keys(code: str, payload: Mapping[str, Any]) -> set[UUID]:
    if code == "merged_twice":
        return {who(payload[key]) for key in ("person", "into")}
    if code == "welfare_out_of_turn":
        return {UUID(payload["request"])}
    return {UUID(payload["entry"])} if payload.get("entry") else set()


class Writer:
    """Puts entries into words: with the names of places and people, and of those who wrote them."""

    def __init__(self, entries: Iterable[Entry], unseen: set[UUID]) -> None:
        found = list(entries)
        keys = ("opening", "from", "to")
        places = {UUID(e.payload[key]) for e in found if e.payload for key in keys if e.payload.get(key)}
        self.places = {str(pk): name for pk, name in opening_names(places).items()} if places else {}
        self.authors = journal.authors(found)
        merged = {pk for e in found if e.kind in {"evacuee.merged", "evacuee.told_apart"} for pk in people_in(e)}
        self.faces = people.faces(merged - unseen) if merged else {}

    def side(self, title: str, entry: Entry, *, fields: Iterable[str] = (), secret: bool = False) -> Side:
        return Side(
            title,
            journal.title(entry.kind) if entry.kind else "読めない記録",
            entry.occurred_at,
            entry.device.name if entry.device else "",
            self.authors.get(entry.actor, ""),
            [] if secret else self._lines(entry, list(fields)),
        )

    def _lines(self, entry: Entry, fields: list[str]) -> list[tuple[str, str]]:
        said: dict[str, Any] = entry.payload or {}
        if fields:
            return [(rules.DETAILS[key], said_as(key, said.get(key, "")) or "（空欄）") for key in fields]
        lines: list[tuple[str, str]] = []
        if "from" in said and "to" in said:
            lines.append(("避難所", f"{self._place(said['from'])} → {self._place(said['to'])}"))
        elif "opening" in said:
            lines.append(("避難所", self._place(said["opening"])))
        if entry.kind in {"stay.arrived", "stay.moved"}:
            lines.append(("避難形態", rules.HOW.get(said.get("how", "inside"), "")))
        if "destination" in said:
            lines.append(("行き先", rules.DESTINATIONS.get(said["destination"], said["destination"])))
        if entry.kind == "stay.corrected":
            lines.append(("正しい日時", tokyo(datetime.fromisoformat(said["occurred_at"]))))
        if entry.kind == "evacuee.merged":
            one, two = (self.faces.get(who(said[key])) for key in ("person", "into"))
            lines.append(("同じ方とした記録", f"{one.name if one else '（秘匿）'} → {two.name if two else '（秘匿）'}"))
        return lines + [(label, str(said[key])) for key, label in _TEXTS.items() if said.get(key)]

    def _place(self, opening: str) -> str:
        return self.places.get(opening) or "開設の記録がない避難所"

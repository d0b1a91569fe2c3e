"""The rooms side by side: what each says of a household, put together for one page."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.characters import queries as characters
from backend.core.check_digits import parse_disaster_number
from backend.core.clock import TOKYO, tokyo_date
from backend.core.dates import era, parse_date
from backend.core.errors import NotFound
from backend.damage.applications import queries as applications
from backend.damage.certificates import queries as certificates
from backend.damage.judgements import queries as judgements
from backend.documents import queries as documents
from backend.ledger import queries as ledger
from backend.ledger.disclosures import queries as disclosures
from backend.ledger.facts import KINDS
from backend.ledger.households import queries as households
from backend.ledger.households.elsewhere import in_other_disasters
from backend.ledger.houses import queries as house_queries
from backend.ledger.letters import queries as letters
from backend.ledger.matching import queries as matching
from backend.ledger.matching.queries import LinkState
from backend.ledger.matching.showing import room_of
from backend.ledger.models import Disaster, Fact, Household, Person
from backend.ledger.queries import HouseholdView, MemberView
from backend.ledger.written import source_of
from backend.shelters import household as stays
from backend.shelters import queries as shelters

from .forms import FactForm

ROOMS = (stays, applications, judgements, certificates, disclosures)
SEX = {"1": "男", "2": "女"}


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """All that happened to a household, newest first: every room's entries on one line."""
    rows = list(ledger.timeline(household_id, staff))
    for room in ROOMS:
        rows += room.timeline(household_id, staff)
    for row in rows:
        if "at" not in row:  # a day of the register, known to the day only
            row["at"] = _day(row["on"])
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _day(text: str) -> datetime:
    day = parse_date(text).first_day or date(1900, 1, 1)
    return datetime.combine(day, time.min, tzinfo=TOKYO)


def doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """The doors to the other rooms that this person may open."""
    return [door for room in ROOMS for door in _doors_of(room, household_id, staff)]


def _doors_of(room: Any, household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """A room has one door, or one a house."""
    if hasattr(room, "doors"):
        return room.doors(household_id, staff)
    door = room.door(household_id, staff)
    return [door] if door else []


def member(view: MemberView) -> dict[str, Any]:
    """A member in the words of the component that shows them."""
    person = view.person
    last = ""
    if person.changed_by:
        last = f"{person.changed_by}　{_in_words(person.changed_on)}".strip()
    marks = [{"text": f"通称 {person.alias}", "kind": "neutral"}] if person.alias else []
    return {
        "name": person.name,
        "kana": person.kana,
        "relationship": view.relationship,
        "sex": SEX.get(person.sex, "不明"),
        "birth": parse_date(person.birth),
        "age": view.age,
        "last_change": last,
        "dead": bool(view.died),
        "protected": view.protected,
        "marks": marks,
    }


def groups(view: HouseholdView) -> list[dict[str, Any]]:
    """The members, and who the household is after decisions where that is somebody else; each with its heading."""
    if view.founded:
        undone = "認定・異動が取り消された世帯です。" if households.is_undone(view.household) else ""
        now = undone or ("いまは、この世帯に誰もいません。" if view.today is not None else "")
        title = "世帯員（この世帯にいた方）" if now else "世帯員（いま）"
        note = now or f"{view.household.get_kind_display()}です。認定・異動でできました。"
        return [{"title": title, "members": [member(m) for m in view.members], "hidden": view.hidden, "note": note}]
    found = [
        {
            "title": "世帯員（発災日現在の住民記録）",
            "members": [member(m) for m in view.members],
            "hidden": view.hidden,
            "note": "",
        }
    ]
    if view.counted is not None:
        note = "証明書は、この実態の世帯に交付します。" if view.counted else "実態では、全員がほかの世帯です。"
        found.append({"title": "実態世帯（発災日現在）", "members": [member(m) for m in view.counted], "note": note})
    if view.today is not None:
        note = "" if view.today else "いまは、この世帯に誰もいません。"
        found.append(
            {"title": "いまの世帯（発災後の異動の後）", "members": [member(m) for m in view.today], "note": note}
        )
    return found


def held(view: HouseholdView) -> str:
    """Why the household's letters are held; empty if they are not."""
    row = letters.held_returns([view.household]).get(view.household.pk)
    return f"{row.get_reason_display()}　{era(row.returned_on)}" if row else ""


def elsewhere(view: HouseholdView, staff: Staff) -> list[dict[str, Any]]:
    """The same people in other disasters: their household there, its certificates and what was found out."""
    people = [member.person for member in [*view.members, *(view.today or [])]]
    found = []
    for other in in_other_disasters(view.household, people, staff):
        home = other.household
        papers = certificates.household_issues(home.pk, staff) if may(staff, "certificates.read") else []
        found.append(
            {
                "disaster": home.disaster,
                "number": home.disaster_number,
                "url": reverse("desk:household", args=[home.pk]),
                "names": "、".join(other.people),
                "papers": [f"{paper.kind.title} {paper.number_text}（{paper.state_label}）" for paper in papers],
                "facts": [_in_short(fact) for fact in other.facts],
            }
        )
    return found


def _in_short(fact: Fact) -> str:
    kind = KINDS.get(fact.kind)
    said = "、".join(str(value) for value in fact.value.values() if isinstance(value, str) and value)
    return f"{kind.label if kind else fact.kind}：{said}（{era(tokyo_date(fact.recorded_at))}）"


def descent(view: HouseholdView, staff: Staff) -> list[dict[str, Any]]:
    """The lines of descent that a household is part of, for the component that draws them."""
    here = view.household.pk

    def home(one: Household) -> dict[str, Any]:
        url = reverse("desk:household", args=[one.pk])
        return {
            "number": one.disaster_number, "url": url, "kind": one.get_kind_display(), "current": one.pk == here,
        }  # fmt: skip

    return [
        {
            "origin": home(line.origin),
            "household": home(line.household),
            "title": line.decision.get_kind_display(),
            "text": f"{era(line.decision.effective_on)}から　{line.people}人",
        }
        for line in households.family(view.household, staff=staff)
    ]


def _in_words(day: str) -> str:
    try:
        return era(parse_date(day)) if day else ""
    except ValueError:
        return day


def _postal(code: str) -> str:
    """〒000-0601; what is not seven digits is shown as it came."""
    if not code:
        return ""
    return f"〒{code[:3]}-{code[3:]}" if len(code) == 7 and code.isdigit() else f"〒{code}"


def facts(view: HouseholdView) -> list[dict[str, Any]]:
    """What stands at the top of the household page."""
    home = view.household
    address = " ".join(part for part in (home.address, home.building) if part)
    mailing, residence = view.facts.get("mailing_address"), view.facts.get("residence")
    telephone = view.facts.get("telephone")
    head = view.head.name if view.head else ("（秘匿）" if view.hidden else "世帯主の記載なし")
    rows: list[dict[str, Any]] = [
        {"label": "世帯主", "value": head, "kind": "name", "kana": view.head.kana if view.head else ""},
        {"label": "住所", "value": address or "記載なし", "note": _postal(home.postal_code)},
        {
            "label": "送付先",
            "value": _said(mailing) or "住所と同じ",
            "note": _told(mailing),
        },
        {"label": "電話", "value": _said(telephone) or "未記入", "note": _told(telephone)},
        {"label": "区分", "value": home.get_kind_display()},
    ]
    if _said(residence):
        rows.append({"label": "居所", "value": _said(residence), "note": _told(residence)})
    if home.household_no:
        rows.append({"label": "世帯番号", "value": home.household_no, "kind": "code"})
    return rows


def _said(fact: Fact | None) -> str:
    return str(fact.value.get("text") or "") if fact else ""


def unreadable(view: HouseholdView) -> str:
    """Which characters of this household's names and address nothing shows and prints as they are registered."""
    home = view.household
    texts = [("住所", home.address, None), ("方書", home.building, None)]
    for place, member in enumerate(view.members, 1):
        person = member.person
        whose = f"世帯員{place}（{person.kana}）" if person.kana else f"世帯員{place}"
        texts += [(f"{whose}の氏名", person.name, person), (f"{whose}の通称", person.alias, person)]
    found = [
        f"{label}の{at}文字目（{codes}）"
        for label, text, person in texts
        for at, codes in characters.unreadable(text, source_of(person.atena_no if person else home.household_no))
    ]
    if not found:
        return ""
    return f"{'、'.join(found)}。登録された文字はそのまま残っています。印刷する文書は、文字の扱いを決めるまで保留になります。"


def _told(fact: Fact | None) -> str:
    """Since when it is so, from whom it was heard, and who wrote it down when."""
    if fact is None or not _said(fact):
        return ""
    since = f"{era(fact.effective_on)}から　" if fact.effective_on else ""
    source = f"{fact.value['source']}　" if fact.value.get("source") else ""
    return f"{since}{source}{era(tokyo_date(fact.recorded_at))} {fact.by or ''}".strip()


def houses(view: HouseholdView, staff: Staff) -> list[dict[str, Any]] | None:
    """The houses that the household lives in or owns; None for whom houses are no business."""
    if not may(staff, "houses.read"):
        return None
    badges = {"certain": "info", "likely": "info", "unsure": "warning"}
    return [
        {
            "url": reverse("houses:house", args=[row["record"].house_id]),
            "where": row["record"].address or row["record"].lot,
            "role": row["link"].get_role_display(),
            "about": "　".join(filter(None, (row["record"].use or row["record"].kind, row["record"].structure))),
            "reasons": "、".join(row["reasons"]),
            "state": "確認済み" if row["link"].confirmed_by_id else f"自動・{row['link'].get_confidence_display()}",
            "badge": "success" if row["link"].confirmed_by_id else badges[row["link"].confidence],
        }
        for row in house_queries.houses_of(view.household.pk, staff)
    ]


def heading(view: HouseholdView) -> dict[str, str]:
    """Who the page is about: the head with the reading, or the first member who may be shown."""
    person = view.head or next((member.person for member in view.members), None)
    if person is None:
        return {"name": "世帯員の記載なし", "kana": "", "after": ""}
    alone = len(view.members) + view.hidden == 1
    return {"name": person.name, "kana": person.kana, "after": "さん" if alone else "さんの世帯"}


def links(view: HouseholdView, staff: Staff) -> list[dict[str, Any]]:
    """How far the people of this household are matched: of the typed whom they are, of residents what was typed."""
    people = {member.person.pk: member.person for member in view.members}
    rows = [_typed_here(people[pk], state, staff) for pk, state in matching.states(people, staff).items()]
    for person, record, link in matching.linked_into(people.values(), staff):
        done = link.confirmed_by_id is not None
        said = f"{room_of(record)}で入力された記録と{'結び付け済み' if done else '自動で結び付け（未確認）'}"
        rows.append({"name": person.name, "text": said, "kind": "success" if done else "info", "record": record.pk})
    return rows


def _typed_here(person: Person, state: LinkState, staff: Staff) -> dict[str, Any]:
    row = {"name": person.name, "text": state.text, "kind": state.kind, "record": state.record}
    if state.into is not None and state.into.household_id:
        row["url"] = reverse("desk:household", args=[state.into.household_id])
    if state.into is not None and not state.confirmed:
        row["note"] = "自動の照合です。証明書の交付には本人確認が要ります。"
    return row


def by_hand(view: HouseholdView) -> list[FactForm]:
    """The facts that may be entered on the page, with what they say now."""
    return [
        FactForm(kind=kind, initial={"text": _said(view.facts.get(kind.name))})
        for kind in KINDS.values()
        if kind.by_hand
    ]


def household_of_number(text: str, staff: Staff) -> UUID | None:
    """The household with a り災番号, rightly typed, if there is one that this person may see."""
    try:
        number = parse_disaster_number(text).text
    except ValueError:
        return None
    found = Household.objects.filter(disaster_number=number).values_list("pk", flat=True).first()
    try:
        return ledger.household_page(found, staff).household.pk if found else None
    except NotFound:
        return None


def households_now(people: list[Person], staff: Staff) -> dict[UUID, Household]:
    """person -> the household they are in today, for those who are no longer where the register had them."""
    now = households.households_of([person.pk for person in people], staff=staff)
    homes = Household.objects.in_bulk(set(now.values()))
    return {p.pk: homes[now[p.pk]] for p in people if p.pk in now and now[p.pk] != p.household_id}


def is_scan(text: str) -> bool:
    """Whether this is what the QR of a certificate says: an address with /verify/."""
    return "/verify/" in unicodedata.normalize("NFKC", text)


def token_of(text: str) -> str:
    """The token in what a scanner typed."""
    return unicodedata.normalize("NFKC", text).split("/verify/")[1].split("#")[0].split("?")[0].strip().strip("/")


def household_of_scan(text: str, staff: Staff) -> UUID | None:
    """The household whose certificate's QR was scanned, if there is one that this person may see."""
    household_id = documents.household_of_token(token_of(text))
    if household_id is None:
        return None
    try:
        return ledger.household_page(household_id, staff).household.pk
    except NotFound:
        return None


def board(staff: Staff, disaster: Disaster | None) -> list[dict[str, Any]]:
    """The counts of the first page that this person's division may know; nobody's name, and the hidden counted in."""
    cards: list[dict[str, Any]] = []
    if disaster is not None and may(staff, "disaster.read"):
        cards += [
            {"label": "台帳世帯", "value": disaster.households.filter(ended_at=None).count(), "unit": "世帯"},
            {"label": "被災者（台帳）", "value": disaster.persons.filter(ended_at=None).count(), "unit": "人"},
        ]
    if may(staff, "shelters.counts"):
        open_now = shelters.counts_by_shelter()
        people = sum(row.count.people for row in open_now)
        url = reverse("shelters:index")
        cards += [
            {"label": "開設中の避難所", "value": len(open_now), "unit": "か所", "url": url},
            {"label": "避難所にいる人", "value": people, "unit": "人", "note": "名簿の人数", "url": url},
        ]
    if disaster is not None and may(staff, "certificates.read"):
        issued = certificates.counts()
        note = f"今年度 {issued.year:,}通" + (f"（うち失効 {issued.withdrawn:,}通）" if issued.withdrawn else "")
        url = reverse("damage:index")
        cards.append(
            {"label": "きょう交付した被災証明書", "value": issued.today, "unit": "通", "note": note, "url": url}
        )
    return cards

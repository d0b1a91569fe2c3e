"""The journal's own kinds, as plain values."""

KINDS = [
    {
        "name": "entry.voided",
        "v": 1,
        "schema": {"entry": "uuid", "reason?": "text:200"},
        "apply": "backend.journal.apply.voided",
        "check": "backend.journal.apply.check_voided",
        "topics": "backend.journal.apply.void_topics",
        "told_by": "shelter",
        "title": "記録の取消",
    },
    # Written by a laptop when it learns at a contact that its clock was wrong; nobody takes that back.
    {
        "name": "entry.retimed",
        "v": 1,
        "schema": {"entry": "uuid", "occurred_at": "time"},
        "apply": "backend.journal.apply.retimed",
        "topics": "backend.journal.apply.void_topics",
        "told_by": "author",
        "title": "日時の訂正（端末の時計）",
    },
    # Once settled it stays so; what turns out otherwise is told by further entries.
    {
        "name": "conflict.settled",
        "v": 1,
        "schema": {"entry": "uuid", "code": "text:40", "note": "text:200"},
        "apply": "backend.journal.apply.settled",
        "topics": "backend.journal.apply.void_topics",
        "told_by": "headquarters",
        "title": "食い違いの解決",
    },
]

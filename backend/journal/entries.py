"""The journal's own kind, as plain values."""

KINDS = [
    {
        "name": "entry.voided",
        "v": 1,
        "schema": {"entry": "uuid", "reason?": "text:200"},
        "apply": "backend.journal.apply.voided",
        "check": "backend.journal.apply.check_voided",
        "topics": "backend.journal.apply.void_topics",
        "title": "記録の取消",
    },
]

"""The journal kinds of this room, as plain values (backend.journal.kinds reads them)."""

KINDS = [
    {
        "name": "facility.opened",
        "v": 1,
        "schema": {"opening": "uuid", "facility": "uuid", "name?": "text:120"},
        "apply": "backend.facilities.apply.opened",
        "check": "backend.facilities.apply.check_opened",
        "void": "backend.facilities.apply.void",
        "topics": "backend.facilities.apply.about_all",
        "title": "避難所の開設",
    },
    {
        "name": "facility.closed",
        "v": 1,
        "schema": {"opening": "uuid"},
        "apply": "backend.facilities.apply.closed",
        "check": "backend.facilities.apply.check_closed",
        "void": "backend.facilities.apply.void",
        "topics": "backend.facilities.apply.about_all",
        "title": "避難所の閉鎖",
    },
    {
        "name": "headcount.reported",
        "v": 1,
        "schema": {
            "opening": "uuid",
            "people": "count",
            "households?": "count",
            "outside?": "count",
            "told_by?": "text:60",
        },
        "apply": "backend.facilities.apply.head_counted",
        "void": "backend.facilities.apply.void",
        "topics": "backend.facilities.apply.about_all",
        "title": "人数の報告",
    },
]

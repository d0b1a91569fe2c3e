"""The kinds of paper as they come; each municipality has words of its own for them (`wordings`)."""

from __future__ import annotations

from django.conf import settings

from .models import DocumentKind

# 被災証明書 has no law of its own: municipalities issue it as 自治事務, under names of their own.
DEFAULTS: dict[str, dict[str, str]] = {
    "hisai": {
        "title": "被災証明書",
        "mark": "被災",
        "statement": "上記の世帯が、上記の災害により被災したことを証明します。",
        "note": "この証明書は、住家の被害の程度を証明するものではありません（被害の程度は罹災証明書で証明します）。",
        "department": "税務課",
    },
    # 災害対策基本法 第90条の2; the fields are those of the unified form (府政防第737号, 2020-03-30).
    "risai": {
        "title": "罹災証明書",
        "mark": "罹災",
        "statement": "上記のとおり、相違ないことを証明します。",
        "note": "",
        "department": "税務課",
    },
    # No law either: on the applicant's word, for what is no dwelling.
    "todokede": {
        "title": "被災届出証明書",
        "mark": "届出",
        "statement": "上記のとおり、被災した旨の届出があったことを証明します。",
        "note": "この証明書は、届出があったことを証明するものです。被害を調査して証明するものではありません。",
        "department": "税務課",
    },
}


def kind(key: str) -> DocumentKind:
    """The kind of that key, made from its defaults when it is asked for the first time; KeyError if there is none."""
    found, _ = DocumentKind.objects.get_or_create(key=key, defaults=DEFAULTS[key])
    return found


def issuer() -> str:
    """Whose papers these are, as printed before the mayor's name: `大浜市長`."""
    return f"{settings.MUNICIPALITY}長"

"""Tables of the room, by subject."""

from django.db.models import CharField
from django.db.models.functions import Length

from .held import CharacterDecision, HeldCharacter
from .issues import SUPERSEDED, Issue, IssueCopy
from .kinds import Counter, DocumentKind, KindWording, check_number_format
from .proofs import SealImage, SigningKey

CharField.register_lookup(Length)

__all__ = [
    "SUPERSEDED",
    "CharacterDecision",
    "Counter",
    "DocumentKind",
    "HeldCharacter",
    "Issue",
    "IssueCopy",
    "KindWording",
    "SealImage",
    "SigningKey",
    "check_number_format",
]

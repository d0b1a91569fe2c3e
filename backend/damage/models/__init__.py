"""Tables of the room, by subject."""

from .bulk import BulkFile, BulkHeld, BulkRun
from .certificates import RisaiCertificate
from .judgements import Judgement
from .surveys import QuickInspection, SecondTyping, Survey, SurveyArea, SurveyPhoto, SurveyRequest
from .teams import Team, Visit

__all__ = [
    "BulkFile",
    "BulkHeld",
    "BulkRun",
    "Judgement",
    "QuickInspection",
    "RisaiCertificate",
    "SecondTyping",
    "Survey",
    "SurveyArea",
    "SurveyPhoto",
    "SurveyRequest",
    "Team",
    "Visit",
]

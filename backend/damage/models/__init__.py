"""Tables of the room, by subject."""

from .applications import Application, ApplicationFile, ApplicationHouse, ReceiptCounter
from .bulk import BulkFile, BulkHeld, BulkRun
from .certificates import DeclaredCertificate, RisaiCertificate
from .imports import ImportedApplication
from .judgements import Judgement
from .online import OnlineDesk, OnlineReceipt
from .surveys import QuickInspection, SecondTyping, Survey, SurveyArea, SurveyPhoto, SurveyRequest
from .teams import Team, Visit

__all__ = [
    "Application",
    "ApplicationFile",
    "ApplicationHouse",
    "BulkFile",
    "BulkHeld",
    "BulkRun",
    "DeclaredCertificate",
    "ImportedApplication",
    "Judgement",
    "OnlineDesk",
    "OnlineReceipt",
    "QuickInspection",
    "ReceiptCounter",
    "RisaiCertificate",
    "SecondTyping",
    "Survey",
    "SurveyArea",
    "SurveyPhoto",
    "SurveyRequest",
    "Team",
    "Visit",
]

"""The victim ledger (被災者台帳, 災害対策基本法 第90条の3): disasters, their households and persons, and facts about them."""

from .disaster import Disaster, OpeningFlag
from .disclosures import (
    Disclosure,
    DisclosureConsent,
    DisclosurePerson,
    HandOver,
    HandOverLine,
    Recipient,
)
from .exchange import ExchangeCandidate, NumberExchange
from .facts import Fact
from .house_tables import AddressPair, HouseTable, Outline
from .households import HouseholdDecision, HouseholdDescent, HouseholdLine, HouseholdToAssign
from .houses import House, HouseLink, HouseRecord
from .letters import ReturnedMail
from .lookup import LookupPerson
from .matching import MatchDecision, ToAssign, TypedRecord
from .openings import OpeningOfDisaster
from .people import Household, Person, SearchPart, SearchWord
from .protection import Protection
from .revision import RevisionAcceptance, RevisionChange, RevisionLine, RevisionReport
from .same_as import SameAs

__all__ = [
    "AddressPair",
    "Disaster",
    "Disclosure",
    "DisclosureConsent",
    "DisclosurePerson",
    "ExchangeCandidate",
    "Fact",
    "HandOver",
    "HandOverLine",
    "House",
    "HouseLink",
    "HouseRecord",
    "HouseTable",
    "Household",
    "HouseholdDecision",
    "HouseholdDescent",
    "HouseholdLine",
    "HouseholdToAssign",
    "LookupPerson",
    "MatchDecision",
    "NumberExchange",
    "OpeningFlag",
    "OpeningOfDisaster",
    "Outline",
    "Person",
    "Protection",
    "Recipient",
    "ReturnedMail",
    "RevisionAcceptance",
    "RevisionChange",
    "RevisionLine",
    "RevisionReport",
    "SameAs",
    "SearchPart",
    "SearchWord",
    "ToAssign",
    "TypedRecord",
]

"""The models of the practice: its profile, people, services and crisis lines."""

from pages.practice.crisis_lines import CrisisLine
from pages.practice.offers import Fee, FrequentQuestion, Service, SocialLink
from pages.practice.people import Licence, Practitioner
from pages.practice.profile import Holiday, OpeningHours, PracticeProfile
from pages.practice.referrals import Referral

__all__ = [
    "CrisisLine",
    "Fee",
    "FrequentQuestion",
    "Holiday",
    "Licence",
    "OpeningHours",
    "PracticeProfile",
    "Practitioner",
    "Referral",
    "Service",
    "SocialLink",
]

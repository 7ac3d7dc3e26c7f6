"""The evidence of one person: every contact made or withheld, with why, signed so that anyone can check it without us."""

from aldia.kpi.evidence.packing import Pack, pack_of_person
from aldia.kpi.evidence.sealing import fingerprint, public_key

__all__ = ["Pack", "fingerprint", "pack_of_person", "public_key"]

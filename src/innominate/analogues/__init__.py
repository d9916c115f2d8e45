"""Analogues: past pairs and triads like this one, what followed them, and whether such analogies foretell anything."""

from innominate.analogues.matching import Rate
from innominate.analogues.record import Record, record
from innominate.analogues.skill import Skill
from innominate.analogues.study import Analogues, find_analogues, long_record, resemblance

__all__ = ["Analogues", "Rate", "Record", "Skill", "find_analogues", "long_record", "record", "resemblance"]

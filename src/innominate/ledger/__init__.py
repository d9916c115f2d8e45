"""The ledger: schemas, the library folder, the import journal, coverage and provenance."""

from innominate.ledger.channels import CHANNELS, Channel, Theme, channel
from innominate.ledger.engine import DuckDBEngine, Engine
from innominate.ledger.gains import GAINS, Gain, gain_named
from innominate.ledger.imported import Entry, Imported, Oddity
from innominate.ledger.library import Library
from innominate.ledger.schemas import SCHEMAS, TABLES, Schema, TableName, conform, empty

__all__ = [
    "CHANNELS",
    "GAINS",
    "SCHEMAS",
    "TABLES",
    "Channel",
    "DuckDBEngine",
    "Engine",
    "Entry",
    "Gain",
    "Imported",
    "Library",
    "Oddity",
    "Schema",
    "TableName",
    "Theme",
    "channel",
    "conform",
    "empty",
    "gain_named",
]

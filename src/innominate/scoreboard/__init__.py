"""The scoreboard: how well alignment foretells what states do, strictly out of time, beside what else is known."""

from innominate.scoreboard.board import TASKS, YEARS, scoreboard
from innominate.scoreboard.rows import Row

__all__ = ["TASKS", "YEARS", "Row", "scoreboard"]

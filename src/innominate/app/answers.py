"""Answers as JSON, with the columns of the commands."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from innominate import states
from innominate.alignment.tracing import traced
from innominate.app import asked
from innominate.app.measured import Measured

Answer = list[dict[str, Any]]


def answers(measured: Measured) -> APIRouter:
    """The routes under /api."""
    api = APIRouter(prefix="/api")

    @api.get("/status")
    def status() -> dict[str, Any]:
        """Whether the study is measured, what it covers and on which scale."""
        study, done = measured.study, measured.job.well
        return {
            "ready": done,
            "step": None if done else measured.job.step,
            "fault": measured.job.fault,
            "years": list(study.years),
            "year": measured.year if done else None,
            "library": study.library.fingerprint,
            "scale": measured.survey.fit.scale.label if done else None,
        }

    @api.get("/states")
    def all_states() -> Answer:
        """The states of the study: code and name."""
        with measured.asking:
            return [{"code": code, "name": states.get(code).name} for code in measured.survey.fit.panel.states]

    @api.get("/pairs/{a}/{b}")
    def pair(a: str, b: str) -> Answer:
        """A pair through time: the columns of `innominate align`."""
        with measured.asking:
            return measured.survey.fit.pair(*asked.pair(a, b, measured)).to_dicts()

    @api.get("/turns/{a}/{b}")
    def turns(a: str, b: str) -> Answer:
        """Dated turns of a pair: the columns of `innominate turns`."""
        with measured.asking:
            return measured.survey.fit.turns(*asked.pair(a, b, measured)).to_dicts()

    @api.get("/why/{a}/{b}/{year}")
    def why(a: str, b: str, year: str) -> dict[str, Any]:
        """A pair's alignment in a year, taken apart exactly, with source rows: what `innominate why --json` writes."""
        with measured.asking:
            when = asked.one_year(year, measured)
            codes, fit = asked.pair(a, b, measured, when), measured.survey.fit
            return traced(measured.study.library, fit, fit.why(*codes, when))

    @api.get("/unnamed/{year}")
    def unnamed(year: str, least: Annotated[float, Query(ge=0, le=1)] = 0.5) -> Answer:
        """Pairs without a defence commitment that act as NATO pairs do: what `innominate unnamed --json` writes."""
        with measured.asking:
            return measured.survey.fit.unnamed(asked.one_year(year, measured), least).to_dicts()

    @api.get("/years/{year}")
    def all_pairs(year: str) -> Answer:
        """Every pair in a year, most aligned first."""
        with measured.asking:
            return measured.survey.fit.year(asked.one_year(year, measured)).to_dicts()

    return api

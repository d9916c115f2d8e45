"""The pages: a start page, pairs, states, years, and the briefs of cases."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from innominate.app import asked, shown
from innominate.app.measured import Answers, Measured
from innominate.app.paired import Paired
from innominate.app.templating import page
from innominate.cases import Case

ON_START = 10  # unnamed alliances on the start page


def pages(measured: Measured, briefs: Answers) -> APIRouter:
    """The routes that people open."""
    found = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    paired = Paired(measured)
    route = partial(found.api_route, methods=["GET", "HEAD"])

    @route("/")
    def start() -> str:
        """What can be asked, and what the library holds; told at once, the newest unnamed alliances when measured."""
        cases = [(name, Case.load(name).spec.title) for name in Case.names()]
        told = shown.unnamed(measured, measured.year, ON_START) if measured.job.well else {"year": None}
        return page("start.html", measured, held=measured.held, cases=cases, **told)

    @route("/pair")
    def to_pair(a: str = "", b: str = "", year: str = "") -> RedirectResponse:
        """The form of pairs."""
        when = asked.year(year, measured)
        return _to("/pairs/" + "/".join(asked.pair(a, b, measured, when)), when)

    @route("/state")
    def to_state(name: str = "", year: str = "") -> RedirectResponse:
        """The form of states."""
        when = asked.year(year, measured)
        return _to(f"/states/{asked.state(name, measured, when)}", when)

    @route("/year")
    def to_year(year: str = "") -> RedirectResponse:
        """The form of years."""
        return _to(f"/years/{asked.one_year(year, measured)}", None)

    @route("/pairs/{a}/{b}")
    def pair(a: str, b: str, year: str | None = None) -> str:
        """A pair through time, taken apart in one year."""
        when = asked.year(year, measured)
        codes = asked.pair(a, b, measured, when)
        return page("pair.html", measured, **paired.shown(*codes, when))

    @route("/states/{code}")
    def state(code: str, year: str | None = None) -> str:
        """A state's partners in one year, nearest and farthest."""
        when = asked.year(year, measured)
        return page("state.html", measured, **shown.state(measured, asked.state(code, measured, when), when))

    @route("/years/{year}")
    def one_year(year: str) -> str:
        """The unnamed alliances and the turns of a year."""
        when = asked.one_year(year, measured)
        return page("year.html", measured, **shown.unnamed(measured, when), **shown.turns(measured, when))

    @route("/cases/{name}")
    def case(name: str) -> str:
        """The brief of a packaged case."""
        return briefs.brief(name)

    return found


def _to(path: str, year: int | None) -> RedirectResponse:
    return RedirectResponse(path if year is None else f"{path}?{urlencode({'year': year})}", 303)

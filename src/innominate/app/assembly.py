"""The application, put together: routes, errors in words, and what a browser may do with the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from innominate.app.answers import answers
from innominate.app.measured import Answers, Measured, NotYet, OurFault
from innominate.app.pages import pages
from innominate.app.templating import page
from innominate.errors import InputError
from innominate.study import Study

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
LATER = {"Retry-After": "2"}  # seconds
TITLES = {503: "One moment", 404: "Not found", 500: "This went wrong"}


def assemble(study: Study) -> FastAPI:
    """The application over a study; see :func:`innominate.app.application`."""
    if study.resolution != "year":
        raise InputError(f"pages show years; this study's resolution is {study.resolution}")
    measured = Measured(study)
    app = FastAPI(title="innominate", docs_url=None, redoc_url=None)  # their pages would fetch scripts from elsewhere
    app.include_router(answers(measured))
    app.include_router(pages(measured, Answers(study.library)))

    def say(request: Request, status: int, message: str) -> Response:
        later = LATER if status == 503 else None
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": message}, status, headers=later)
        template = "waiting.html" if status == 503 else "fault.html"
        return HTMLResponse(
            page(template, measured, message=message, title=TITLES.get(status, "Not so")), status, headers=later
        )

    @app.exception_handler(NotYet)
    def not_yet(request: Request, error: NotYet) -> Response:
        return say(request, 503, str(error))

    @app.exception_handler(InputError)
    def at_fault(request: Request, error: InputError) -> Response:
        return say(request, 404, str(error))

    @app.exception_handler(OurFault)
    def our_fault(request: Request, error: OurFault) -> Response:
        return say(request, 500, f"{error} (our fault)")

    @app.exception_handler(HTTPException)
    def unknown(request: Request, error: HTTPException) -> Response:
        message = f"no page {request.url.path}" if error.status_code == 404 else str(error.detail)
        return say(request, error.status_code, message)

    @app.middleware("http")
    async def guarded(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app

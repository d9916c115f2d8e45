"""The application, put together: routes, errors in words, and what a browser may do with the pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from innominate.app.answers import answers
from innominate.app.measured import Answers, Failed, Measured, NotYet
from innominate.app.pages import pages
from innominate.app.templating import page
from innominate.errors import InputError, Outdated
from innominate.study import Study

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
LATER = {"Retry-After": "2"}  # seconds
TITLES = {404: "Not found", 422: "Not so", 503: "One moment"}


def assemble(study: Study) -> FastAPI:
    """The application over a study; see :func:`innominate.app.application`."""
    if study.resolution != "year":
        raise InputError(f"pages show years; this study's resolution is {study.resolution}")
    measured = Measured(study)
    app = FastAPI(title="innominate", docs_url=None, redoc_url=None)  # their pages would fetch scripts from elsewhere
    app.include_router(answers(measured))
    app.include_router(pages(measured, Answers(study)))

    def say(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": message}, status, headers=headers)
        template, title = "waiting.html" if status == 503 else "fault.html", TITLES.get(status, "This did not work")
        return HTMLResponse(page(template, measured, message=message, title=title), status, headers=headers)

    @app.exception_handler(NotYet)
    def not_yet(request: Request, error: NotYet) -> Response:
        return say(request, 503, str(error), LATER)

    @app.exception_handler(Failed)
    def failed(request: Request, error: Failed) -> Response:
        return say(request, 500, str(error))

    @app.exception_handler(Outdated)
    def outdated(request: Request, error: Outdated) -> Response:
        return say(request, 500, "the library has changed since it was opened: start innominate serve anew")

    @app.exception_handler(InputError)
    def at_fault(request: Request, error: InputError) -> Response:
        return say(request, 404, str(error))

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        told = [f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()]
        return say(request, 422, "; ".join(told))

    @app.exception_handler(HTTPException)
    def unknown(request: Request, error: HTTPException) -> Response:
        message = f"no page {request.url.path}" if error.status_code == 404 else str(error.detail)
        return say(request, error.status_code, message, error.headers)

    @app.middleware("http")
    async def guarded(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            response = await proceed(request)
        except Exception as error:  # the log has the traceback, the asker one line
            logging.getLogger("uvicorn.error").exception("%s", request.url.path)
            response = say(request, 500, f"{type(error).__name__}: {error} (our fault)")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app

"""The web application: the same results as pages and as JSON, on this machine.

>>> from innominate.app import application
>>> pages = application(study)  # an ASGI application: uvicorn.run(pages)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from innominate.study import Study

__all__ = ["application"]


def application(study: Study) -> FastAPI:
    """Pages and answers about a study, which is measured in the background from now on.

    Parameters
    ----------
    study : years and library; its resolution must be the year
    """
    from innominate.app.assembly import assemble

    return assemble(study)

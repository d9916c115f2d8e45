"""How pages are put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from innominate import states
from innominate.app.measured import Measured
from innominate.brief.templating import environment
from innominate.cases.wording import scale_words

TEMPLATES = Path(__file__).resolve().parent / "templates"


def page(template: str, measured: Measured, **told: Any) -> str:
    """A page as HTML.

    Parameters
    ----------
    told : what the template shows
    """
    from innominate import __version__

    job, study = measured.job, measured.study
    ready = job.well
    first, last = study.years
    codes = measured.survey.fit.panel.states if ready else states.alive(last)
    common = {
        "version": __version__,
        "library": "the embedded sample" if study.library.is_sample else study.library.folder.name,
        "fingerprint": study.library.fingerprint,
        "years_studied": (first, last),
        "year_shown": measured.year if ready else last,
        "ready": ready,
        "step": job.step,
        "fault": job.fault,
        "scale": scale_words(measured.survey.fit.scale.label) if ready else "",
        "bar": measured.survey.fit.scale.quartile if ready else None,
        "names": sorted(states.get(code).name for code in codes),
    }
    return environment(TEMPLATES).get_template(template).render(**common, **told)

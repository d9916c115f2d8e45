"""A study that is measured in the background, and cases that are answered there: pages can be asked for meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from innominate.cases import Case
from innominate.cases.view import WELL_COVERED, Survey
from innominate.errors import InnominateError, InputError
from innominate.ledger import Library
from innominate.ledger.holdings import holdings
from innominate.study import Study


class NotYet(InnominateError):
    """What was asked for is still being computed; the message tells what is being done."""


class Failed(InnominateError):
    """What was asked for could not be computed, and not for how it was asked; the message tells why."""


@dataclass
class Job:
    """Something that is being computed.

    Attributes
    ----------
    step : what is being done; fault : why it failed, in words; done : whether it has ended
    """

    step: str = "starting"
    fault: str | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` on a thread that does not keep the process alive."""
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def tell(self, step: str) -> None:
        """Say what is being done."""
        self.step = step

    def wait_for(self) -> None:
        """Return if the work is done; else raise :class:`NotYet`, or :class:`Failed`."""
        if not self.done.is_set():
            raise NotYet(self.step)
        if self.fault is not None:
            raise Failed(self.fault)

    @property
    def well(self) -> bool:
        """Whether the work is done, and nothing failed."""
        return self.done.is_set() and self.fault is None

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except InputError as error:
            self.fault = str(error)
        except Exception as error:  # the page must say so; nobody else would
            self.fault = f"{type(error).__name__}: {error} (our fault)"
        self.done.set()


class Measured:
    """A study, measured on a thread of its own; nobody else may ask its library meanwhile.

    Attributes
    ----------
    study : the study; job : its measuring
    held : what its library holds
    asking : held by whoever asks the study, because a library answers one question at a time
    """

    def __init__(self, study: Study) -> None:
        self.study, self.job, self.asking = study, Job("observing pairs"), threading.Lock()
        self.held = holdings(study.library).to_dicts()
        self._survey, self._year = Survey(study), 0
        before = study.progress

        def tell(step: str) -> None:
            self.job.tell(step)
            before(step)

        study.progress = tell
        self.job.start(self._measure)

    @property
    def survey(self) -> Survey:
        """The study's tables; raises :class:`NotYet` while it is measured."""
        self.job.wait_for()
        return self._survey

    @property
    def year(self) -> int:
        """The last year in which half of the pairs were well covered, or the last of all."""
        self.job.wait_for()
        return self._year

    def _measure(self) -> None:
        table = self._survey.table
        self._survey.band  # noqa: B018  computed now, so that no page waits for it
        well = table.group_by("year").agg((pl.col("channels") >= WELL_COVERED).mean().alias("share"))
        known = well.filter(pl.col("share") >= 0.5)["year"]
        self._year = int((known if len(known) else table["year"]).max())  # type: ignore[arg-type]


class Answers:
    """Briefs of cases, each computed when it is first asked for, with a connection to the library of its own.

    A case has its own years; channels that the study leaves out are left out.
    """

    def __init__(self, study: Study) -> None:
        self._study, self._lock, self._one = study, threading.Lock(), threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._pages: dict[str, str] = {}

    def brief(self, name: str) -> str:
        """The brief of a packaged case as HTML; raises :class:`NotYet` while it is computed. What failed is tried anew when asked again."""
        with self._lock:
            if name not in self._jobs:
                case = Case.load(name) if name in Case.names() else None
                if case is None:
                    raise InputError(f"no case {name!r}; the packaged cases are {', '.join(Case.names())}")
                job = self._jobs[name] = Job("waiting for the case before it")
                job.start(lambda: self._answer(case, job))
            job = self._jobs[name]
            if job.fault is not None:
                del self._jobs[name]
        job.wait_for()
        return self._pages[name]

    def _answer(self, case: Case, job: Job) -> None:
        from innominate.brief.page import render

        with self._one:
            held, drop = self._study.library, self._study.drop
            with Library.sample() if held.is_sample else Library.open(held.folder) as library:
                findings = case.run(Study(library, case.years, drop=drop, progress=job.tell))
                job.tell("writing the brief")
                self._pages[case.name] = render(findings)

"""The fit of all series of a corpus, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from innominate.errors import InputError
from innominate.silence import (
    cleaning,
    covariates,
    documents,
    pictures,
    presence,
    redline,
    rules,
    series,
    watching,
    wording,
)
from innominate.silence.listing import as_frame
from innominate.silence.segmentation import Language, Tokens, check_language, tokenise
from innominate.silence.vocabulary import Words, vocabulary
from innominate.sweeping import unswept

FEWEST = 4  # documents that a series must have


def omissions(source: Any, **options: Any) -> pl.DataFrame:
    """Formulas that dated texts dropped, edited or took up: ``fit(source, **options).omissions()``."""
    return fit(source, **options).omissions()


@unswept()
def fit(
    source: Any,
    *,
    text: str = "text",
    date: str = "date",
    series: str | None = None,
    issuer: str | None = None,
    language: str | None = None,
    rules_file: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> SilenceFit:
    """Fit the recurrence model to dated texts.

    Parameters
    ----------
    source : a data frame with one document a row, a CSV, JSONL or Parquet file, or a folder of text and HTML files
    text, date : columns with the text and the date (of folders: the name of a file carries the date)
    series : column that tells series apart; None: one series
    issuer : column that names who speaks (chair, president); where it changes, formulas change more freely
    language : en, zh, ko, ru or other; None: by script
    rules_file : further rules on kinds and passages, see ``rules.yaml``
    progress : called with each step
    """
    tell = progress or (lambda step: None)
    tongue = check_language(language)
    told = rules.load(str(rules_file) if rules_file else None)
    tell("reading")
    if isinstance(source, (str, Path)):
        corpus = documents.read(Path(source), told, text=text, date=date, series=series, issuer=issuer, language=tongue)
    else:
        corpus = documents.from_frame(source, told, text=text, date=date, series=series, issuer=issuer)
    tell("cutting into words")
    tokens = tokenise(corpus.texts["own"].to_list(), tongue)
    return _measure(corpus, tokens, told, tongue, tell)


def _measure(
    corpus: documents.Corpus, tokens: Tokens, told: rules.Rules, language: Language | None, tell: Callable[[str], None]
) -> SilenceFit:
    names = corpus.texts["series"].to_numpy()
    kinds, issuers = (_numbered(corpus.texts[column]) for column in ("kind", "issuer"))
    dates = corpus.texts["date"].to_list()
    models, short, words = [], [], vocabulary(tokens)
    for name in dict.fromkeys(names):
        rows = np.flatnonzero(names == name)
        if len(rows) < FEWEST:
            short.append(str(name))
            continue
        tell(f"series {name}" if name else "formulas")
        models.append(
            series.measure(str(name), rows, [dates[i] for i in rows], tokens, words, kinds[rows], issuers[rows])
        )
    remarks = corpus.remarks
    if short:
        named = ", ".join(name or "one without a name" for name in short[:5]) + "…" * (len(short) > 5)
        many = "1 series has" if len(short) == 1 else f"{len(short)} series have"
        remarks += (f"{many} fewer than {FEWEST} documents and cannot be judged: {named}",)
    return SilenceFit(corpus.texts, tuple(models), tokens, words, told, language, remarks)


def _numbered(column: pl.Series) -> Any:
    """A number for each distinct value (null is one of them), in order of first appearance."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in column], dtype=np.int64)


def _owed(model: series.Model, about: covariates.Words, stems: list[int], hits: Any) -> Any:
    """What every document of a series owes the formula of `stems` used in `hits`, by its topic, kind and length; None: too few tell."""
    if not len(hits):
        return None
    known = np.array([stem for stem in stems if stem >= 0], dtype=np.int64)
    beside = presence.sentence(model, known, int(hits[-1]))
    return covariates.own_exposure(about, hits, known, np.unique(beside), len(beside), model.exposure)


@dataclass(frozen=True, slots=True)
class SilenceFit:
    """What a fit knows.

    Attributes
    ----------
    texts : the documents, ordered; see :class:`innominate.silence.documents.Corpus`
    models : one per series
    tokens : of all documents
    words : what is known of the stems
    rules, language : with which new documents are read
    remarks : what was set aside and why
    """

    texts: pl.DataFrame
    models: tuple[series.Model, ...]
    tokens: Tokens
    words: Words
    rules: rules.Rules
    language: Language | None
    remarks: tuple[str, ...]

    def bodies(self, model: series.Model) -> list[str]:
        """The texts of a series, in order."""
        return self.texts["body"].gather(model.rows).to_list()

    def model(self, name: str | None = None) -> series.Model:
        """The fit of the series `name` (None: the only one)."""
        if name is None and len(self.models) == 1:
            return self.models[0]
        for model in self.models:
            if model.name == name:
                return model
        names = ", ".join(model.name or "one without a name" for model in self.models[:8]) or "none"
        raise InputError(f"name one of the series: {names}" if name is None else f"no series {name!r}; known: {names}")

    @unswept()
    def findings(self, least: float = 0.0) -> list[wording.Finding]:
        """The rows of :meth:`omissions` as objects."""
        if isinstance(least, bool) or not isinstance(least, (int, float)):
            raise InputError(f"least must be a probability, not {least!r}")
        return [
            row
            for model in self.models
            for row in wording.findings(model, self.bodies(model), self.words)
            if row.probability >= least
        ]

    @unswept()
    def omissions(self, least: float = 0.0) -> pl.DataFrame:
        """Formulas dropped, edited or new, by series, date and rank; only those of probability `least` or more."""
        return as_frame(self.findings(least))

    def timeline(self, *phrases: str, series: str | None = None) -> pl.DataFrame:
        """Every document of a series for each phrase: present, absent, or owed but absent.

        Columns ``phrase, date, state, expected, title, url``; `expected` is the probability before the document is read.
        Present is what has all words that carry meaning near one another in a sentence, and those that say whether or how far
        (not, without, all); numbers and the order of words are not looked at.
        """
        if not phrases or not all(any(map(str.isalnum, phrase)) for phrase in phrases):
            raise InputError("name a phrase whose documents are to be shown")
        model = self.model(series)
        about = self.texts[model.rows].select("date", "title", "url")
        kinds = _numbered(self.texts["kind"].gather(model.rows))
        told = covariates.words(model.stem, model.document, self.words.content, model.token_bounds, kinds)
        pieces = []
        for phrase in phrases:
            stems = self._stems(phrase)
            hits = presence.documents(model, stems, self.words.content | self.words.leading)
            due = presence.expected(model, hits, _owed(model, told, stems, hits))
            present = np.isin(np.arange(len(due)), hits)
            state = np.where(present, "present", np.where(due >= 0.5, "owed but absent", "absent"))
            columns: dict[str, Any] = {"phrase": [phrase] * len(due), "state": state, "expected": np.round(due, 3)}
            pieces.append(about.with_columns(**{key: pl.Series(value) for key, value in columns.items()}))
        return pl.concat(pieces).select("phrase", "date", "state", "expected", "title", "url")

    def chart(self, *phrases: str, series: str | None = None) -> dict[str, Any]:
        """A picture of :meth:`timeline` as a Vega-Lite specification."""
        return pictures.timeline(self.timeline(*phrases, series=series), self.model(series).name)

    def redline(self, finding: wording.Finding | dict[str, Any], markup: bool = False) -> str:
        """The sentence of the last user against its successor; `finding`: a row of findings() or omissions()."""
        row = finding if isinstance(finding, dict) else asdict(finding)
        if not {"quote", "successor"} <= row.keys():
            raise InputError("a redline is drawn of a row of findings() or omissions(), with its quote and successor")
        return redline.redline(row["quote"], row["successor"], markup)

    def watch(self, text: str, series: str | None = None) -> watching.Watched:
        """Judge one new document of a series: what it owed and lacks, and what is new in it."""
        if not isinstance(text, str):
            raise InputError(f"the new document must be a text, not {type(text).__name__}")
        model = self.model(series)
        body = cleaning.clean(text)
        if not body:
            raise InputError("the new document holds no text")
        tokens = tokenise([self.rules.own_words(body)], self.language)
        return watching.watch(model, self.bodies(model), self.words, self._numbers(), tokens, body)

    def _numbers(self) -> dict[str, int]:
        return {stem: number for number, stem in enumerate(self.tokens.stems)}

    def _stems(self, phrase: str) -> list[int]:
        tokens = tokenise([cleaning.clean(phrase)], self.language)
        numbers = self._numbers()
        return [numbers.get(tokens.stems[s], -1) for s in tokens.stem]

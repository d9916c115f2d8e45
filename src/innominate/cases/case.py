"""A case: a question and its claims, put to a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from innominate.cases.spec import CaseSpec
from innominate.errors import InputError

if TYPE_CHECKING:
    from innominate.cases.findings import Findings
    from innominate.ledger import Library
    from innominate.study import Study

PACKAGED = Path(__file__).resolve().parent / "library"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Case:
    """A question about some states and the claims that answer it in one way or another.

    Attributes
    ----------
    spec : the checked case file
    """

    spec: CaseSpec

    @classmethod
    def load(cls, name_or_path: str | Path) -> Case:
        """The packaged case of that name, or the case in a YAML file.

        Raises
        ------
        InputError : there is no such case (with suggestions), or no such file
        BadFile : the file is at fault; the message names file, key path and reason
        """
        from innominate.cases.loading import load_spec

        return cls(load_spec(find_case(name_or_path)))

    @staticmethod
    def names() -> list[str]:
        """Names of the packaged cases."""
        return sorted(path.stem for path in PACKAGED.glob("*.yaml"))

    @property
    def name(self) -> str:
        """The case's name."""
        return self.spec.name

    @property
    def years(self) -> tuple[int, int]:
        """The years that the case asks for, for making a study."""
        return self.spec.years.first, self.spec.years.last

    def study(self, library: Library) -> Study:
        """A study of the library over the years of the case."""
        from innominate.study import Study

        return Study(library, self.years)

    def run(self, study: Study) -> Findings:
        """Put every claim to its test."""
        from innominate.cases.running import run

        return run(self.spec, study)


def find_case(name_or_path: str | Path) -> Path:
    """The file of a packaged case, or the file at a path; an :class:`InputError` suggests the nearest name."""
    text = str(name_or_path)
    if not text.strip():
        raise InputError(f"a case needs a name or a file; the packaged cases are {', '.join(Case.names())}")
    if isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.lower().endswith(SUFFIXES):
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise InputError(f"{path}: {'a folder, not a case file' if path.is_dir() else 'no such case file'}")
        return path
    if text in Case.names():
        return PACKAGED / f"{text}.yaml"
    from rapidfuzz import process

    near = [match[0] for match in process.extract(text, Case.names(), limit=2, score_cutoff=50)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"the packaged cases are {', '.join(Case.names())}"
    raise InputError(f"there is no case {text!r}; {hint} (a case file's name ends in .yaml)")

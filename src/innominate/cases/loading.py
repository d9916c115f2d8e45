"""From a YAML file to a checked case; every fault is one line naming file, key path and reason."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from innominate.cases.registry import claim_test
from innominate.cases.spec import CaseSpec
from innominate.errors import BadFile, InnominateError

LARGEST = 1_000_000  # bytes
Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases (they can be made to explode) and without keys that stand twice."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed in a case file")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_spec(path: Path) -> CaseSpec:
    """The case in `path`, checked down to the parameters of every claim's test."""
    raw = _read(path)
    if not isinstance(raw, dict):
        raise BadFile(path.name, "a case file is a mapping with the keys name, title, question, states, years, claims")
    spec = _validated(CaseSpec, raw, path.name, "")
    for place, claim in enumerate(spec.claims):
        try:
            test = claim_test(claim.test)
        except InnominateError as error:
            raise BadFile(path.name, f"claims[{place}].test: {error}") from None
        _validated(test.parameters, claim.parameters, path.name, f"claims[{place}].with")
    return spec.model_copy(update={"ledgers": _ledgers(spec, path)})


def _ledgers(spec: CaseSpec, path: Path) -> list[str]:
    """Paths of the case's ledgers of acts: those it names, and ``acts*.csv`` in a folder named as the file, beside it."""
    named = [path.parent / name for name in spec.ledgers]
    for place, ledger in enumerate(named):
        if not ledger.is_file():
            raise BadFile(path.name, f"ledgers[{place}]: there is no file {spec.ledgers[place]!r} beside the case file")
    folders = (path.with_suffix(""), path.parent.parent / "data" / path.stem)
    beside = [one for folder in folders if folder.is_dir() for one in sorted(folder.glob("acts*.csv"))]
    return [str(one) for one in dict.fromkeys([*named, *beside])]


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise BadFile(path.name, "a case file is text of at most 1 MB")
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except UnicodeDecodeError:
        raise BadFile(path.name, "this is not UTF-8 text") from None
    except OSError as error:
        raise BadFile(path.name, f"cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise BadFile(
            path.name, f"not valid YAML: {' '.join(reason.split())}", mark.line + 1 if mark else None
        ) from None


def _validated(model: type[Model], raw: dict[str, Any], file: str, at: str) -> Model:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        reasons = [_worded(model, one, at) for one in faults]  # a misspelt key says more than the one it leaves missing
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        raise BadFile(file, reasons[0] + more) from None


def _worded(model: type[BaseModel], error: Any, at: str) -> str:
    """One validation error in one line: key path and reason."""
    location = list(error["loc"])
    kind, found = error["type"], error.get("input")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _keys(model, location[:-1]), 1)
        reason = "no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    elif kind == "missing":
        reason = "this key is missing"
    elif kind in ("value_error", "assertion_error"):
        reason = str(error["ctx"]["error"])
    elif kind in ("literal_error", "enum"):
        near = difflib.get_close_matches(str(found), str(error["ctx"]["expected"]).replace("'", "").split(", "), 1)
        reason = f"{error['msg'][0].lower()}{error['msg'][1:]}, not {found!r}"
        reason += f"; did you mean {near[0]!r}?" if near else ""
    else:
        reason = f"{error['msg'][0].lower()}{error['msg'][1:]}, not {_short(found)}"
    return f"{_path(at, location)}: {' '.join(reason.split())}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _path(at: str, location: list[str | int]) -> str:
    path = at
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path or "the file"


def _keys(model: type[BaseModel], location: list[str | int]) -> list[str]:
    """The keys allowed where an unknown one was met."""
    from innominate.cases.spec import ClaimSpec, Years

    names = [step for step in location if isinstance(step, str)]
    inner: dict[str, type[BaseModel]] = {"claims": ClaimSpec, "years": Years, "before": Years}
    found = inner.get(names[-1], model) if names else model
    return [info.alias or name for name, info in found.model_fields.items()]

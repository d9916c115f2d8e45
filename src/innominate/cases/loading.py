"""From a YAML file to a checked case; every fault is one line naming file, key path and reason."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar, get_args

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
    spec, found = _checked(path)
    if spec is None or found:
        raise BadFile(path.name, found[0] + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""))
    return spec


def faults(path: Path) -> list[str]:
    """Everything that is wrong with the case in `path`, each as key path and reason; empty where nothing is."""
    return _checked(path)[1]


def _checked(path: Path) -> tuple[CaseSpec | None, list[str]]:
    raw = _read(path)
    if not isinstance(raw, dict):
        return None, ["a case file is a mapping with the keys name, title, question, states, years, claims"]
    spec, found = _validated(CaseSpec, raw, "")
    for place, claim in enumerate(spec.claims if spec else ()):
        try:
            test = claim_test(claim.test)
        except InnominateError as error:
            found.append(f"claims[{place}].test: {error}")
        else:
            found += _validated(test.parameters, claim.parameters, f"claims[{place}].with")[1]
    if spec is None:
        return None, found
    ledgers, missing = _ledgers(spec, path)
    return spec.model_copy(update={"ledgers": ledgers}), found + missing


def _ledgers(spec: CaseSpec, path: Path) -> tuple[list[str], list[str]]:
    """Paths of the case's ledgers of acts, and what is wrong with them.

    Ledgers are those that the case names, and ``acts*.csv`` in a folder named as the file, beside it.
    """
    named = [path.parent / name for name in spec.ledgers]
    missing = [
        f"ledgers[{place}]: there is no file {spec.ledgers[place]!r} beside the case file"
        for place, ledger in enumerate(named)
        if not ledger.is_file()
    ]
    folder = path.with_suffix("")
    beside = sorted(folder.glob("acts*.csv")) if folder.is_dir() else []
    return [str(one) for one in dict.fromkeys([*named, *beside])], missing


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


def _validated(model: type[Model], raw: dict[str, Any], at: str) -> tuple[Model | None, list[str]]:
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        wrong = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        return None, [
            _worded(model, one, at) for one in wrong
        ]  # a misspelt key says more than the one it leaves missing


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
    for step in location:
        if isinstance(step, str):
            model = _inner(model, step) or model
    return [info.alias or name for name, info in model.model_fields.items()]


def _inner(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The model under a key, or in the list under it."""
    for name, info in model.model_fields.items():
        if key in (name, info.alias):
            return _model_in(info.annotation)
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation speaks of, inside lists, options and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)

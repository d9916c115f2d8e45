"""The commands about case files."""

from __future__ import annotations

from pathlib import Path

from innominate import Case
from tests.cli.test_commands import innominate, refused


def test_new_check_and_refusals(tmp_path: Path) -> None:
    made = innominate("case", "new", "nordic", "--states", "Finland,Sweden", "--years", "1995:2022", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "nordic.yaml"
    assert Case.load(path).spec.states == ["FIN", "SWE"]
    checked = innominate("case", "check", str(path))
    assert checked.returncode == 0
    assert "is right" in checked.stdout
    assert "still to fill in" in checked.stdout
    before = path.read_bytes()
    refused(innominate("case", "new", "nordic", "--states", "Finland,Sweden", cwd=tmp_path), "exists already")
    assert path.read_bytes() == before
    refused(innominate("case", "new", "other", cwd=tmp_path), "--states")
    refused(innominate("case", "new", "other", "--states", "Finland,Swedn", cwd=tmp_path), "did you mean Sweden")
    assert not (tmp_path / "other.yaml").exists()


def test_check_tells_every_fault(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "src/innominate/cases/library/tehran-damascus.yaml").read_text()
    path = tmp_path / "bad.yaml"
    path.write_text(text.replace("is: rises-more", "is: more").replace("signed: none", "signed: no one"))
    answer = innominate("case", "check", str(path))
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "bad.yaml: claims[1].with.signed" in answer.stderr
    assert "bad.yaml: claims[3].with.readings[1].expects[1].is" in answer.stderr


def test_packaged_cases_are_listed() -> None:
    answer = innominate("case", "list")
    assert answer.returncode == 0
    for name in Case.names():
        assert name in answer.stdout

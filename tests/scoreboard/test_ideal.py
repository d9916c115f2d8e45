"""Published ideal points as they are found: in Latin-1, beside files of other shapes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.scoreboard.ideal import ideal_points, published_points


def test_a_latin_1_file_is_read_and_other_shapes_are_passed_over(tmp_path: Path) -> None:
    lines = "ccode,Countryname,session,IdealPoint\n2,États-Unis,60,2.5\n365,Russie,60,-0.4\n9999,Nowhere,60,0\n"
    (tmp_path / "points.csv").write_bytes(lines.encode("latin-1"))
    (tmp_path / "other.csv").write_text("country,score\nUSA,1\n")
    found = published_points(tmp_path)
    assert list(found) == ["points.csv"]
    assert sorted(found["points.csv"].rows()) == [("RUS", 60, -0.4), ("USA", 60, 2.5)]


def test_a_folder_without_published_points_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no published ideal points"):
        published_points(tmp_path)


def test_ours_agree_with_the_published_points(full_library: Library, data_dir: Path) -> None:
    rows = {row.metric: row for row in ideal_points(full_library, data_dir / "peers")}
    frame = pl.DataFrame([row.as_dict() for row in rows.values()], strict=False)
    assert frame.height >= 2
    assert rows["correlation/voeten_ideal_points_2020-04.csv"].as_dict()["median"] >= 0.98

"""`innominate simulate` and `innominate hidden` as a person calls them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.cli import main
from innominate.measures.assembly import ANCHORS
from innominate.worlds import Settings, World, hide, recover, simulate
from innominate.worlds.calibration import Ranks
from innominate.worlds.laws import packaged_laws
from innominate.worlds.pictures import coverage_plot, hiding_curves, rank_histogram
from innominate.worlds.recovery import Recovery


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["innominate", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        told = capsys.readouterr()
        return Done(status, told.out, told.err)

    return run


def test_simulate_then_align(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "world"
    done = call("simulate", "--states", 20, "--periods", 6, "--conceal", 0.5, "--seed", 1, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "2020-2025" in done.stderr
    scale = json.loads((folder / "world.json").read_text())["scale"]
    assert "1 = median pair of NATO members, 2020-2025" in scale
    assert scale in " ".join(done.stderr.split())
    assert pl.read_parquet(folder / "truth.parquet").columns == ["a", "b", "year", "alignment", "allied"]
    out = tmp_path / "alignment.parquet"
    assert call("align", "--library", folder, "--years", "2020:2025", "--out", out).returncode == 0
    both = pl.read_parquet(out).join(pl.read_parquet(folder / "truth.parquet"), on=["a", "b", "year"])
    assert both.height == 6 * 190
    assert both["committed"].null_count() == 0
    outside = pl.read_parquet(out).join(both, on=["a", "b", "year"], how="anti")
    assert outside.height > 0
    assert outside["committed"].is_null().all()  # nobody surveyed their treaties
    assert outside["unnamed"].is_null().all()
    a, b, why = both["a"][0], both["b"][0], tmp_path / "why.json"
    for most in (0, 2):
        asked = ("why", a, b, 2024, "--library", folder, "--years", "2020:2025", "--rows", most, "--json", why)
        assert call(*asked).returncode == 0
        rows = [(len(item["rows"]), item["row_count"]) for item in json.loads(why.read_text())["contributions"]]
        assert max(count for _, count in rows) > 2
        assert [own for own, _ in rows] == [min(count, most or count) for _, count in rows]


def test_a_world_without_the_usual_anchor_has_ideal_points(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = simulate(Settings(states=20, periods=8, seed=1, texts=False), tmp_path / "w", channels=["votes"])
    assert "USA" not in made.library().query("SELECT DISTINCT state FROM votes")["state"].to_list()
    done = call("ideal-points", "--library", made.folder, "--out", tmp_path / "points.parquet")
    assert done.returncode == 0, done.stderr
    points = pl.read_parquet(tmp_path / "points.parquet")
    first = next(state for state in ANCHORS if state in points["state"].to_list())
    assert points.filter(pl.col("state") == first)["ideal_point"].mean() > 0  # type: ignore[operator]


def test_scores_need_years_that_the_library_knows(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = simulate(Settings(states=20, periods=14, seed=1, texts=False), tmp_path / "w")
    for years, status in (("1950:1990", 2), ("2013:2025", 0)):
        done = call(
            "score", "new-pacts", "troops", "--library", made.folder, "--years", years, "--json", tmp_path / "s.json"
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
    rows = json.loads((tmp_path / "s.json").read_text())
    assert {row["task"] for row in rows} >= {"new-pacts"}


def test_what_no_case_tells_is_unknown_in_the_file_too() -> None:
    rows = pl.DataFrame({"part": ["turns", "turns"], "value": [float("nan"), 0.5], "chance": [None, 0.1]})
    ranks = Ranks(np.array([[0.5]]), np.array([[0]]), estimated=True)
    told = Recovery(rows, rows, ranks).plain()
    assert json.loads(json.dumps(told, allow_nan=False))["recovery"][0]["value"] is None


def test_wrong_arguments_are_one_line_and_exit_2(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for arguments, reason in (
        (("--conceal", 2), "between 0 and 1"),
        (("--states", 2), "at least 8"),
        (("--laws", tmp_path / "none.json"), "cannot be read"),
        (("--coverage", "half"), "staggered"),
        (("--json", tmp_path / "answer.json"), "add --recover"),
        (("--pictures", tmp_path / "pictures"), "add --recover"),
        (("--recover", "--json", tmp_path), "name a file to write"),  # told before anything is drawn
        (("--recover", "--pictures", Path(__file__)), "it names a folder"),
        (("--recover", "--fit-from", tmp_path), "--states and --periods and --recover: of a world"),
    ):
        done = call("simulate", "--states", 20, "--periods", 4, *arguments, "--out", tmp_path / "w")
        assert (done.returncode, done.stdout) == (2, "")
        assert reason in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert not (tmp_path / "w").exists()


def test_figures_cannot_be_fitted_to_a_library_that_lacks_channels(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made_ = simulate(Settings(states=20, periods=30, seed=1, texts=False), tmp_path / "w", channels=["trade", "votes"])
    done = call("simulate", "--fit-from", made_.folder, "--out", tmp_path / "laws.json")
    assert done.returncode == 2
    assert "1995-2010, the years that figures are fitted to; a world needs every channel" in done.stderr


def test_hidden_tells_the_limit(call, world: World, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = world.library().query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, count(DISTINCT channel) AS n, sum(value) AS v
        FROM acts GROUP BY ALL ORDER BY n DESC, v DESC"""
    )
    a, b = rows["a"][0], rows["b"][0]
    file, picture = tmp_path / "hidden.json", tmp_path / "hidden.vl.json"
    done = call("hidden", a, b, "--library", world.folder, "--years", "2002:2025", "--judged", "2022:2025", "--draws", 10,
                "--json", file, "--picture", picture)  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(file.read_text())
    assert (answer["a"], answer["b"]) == tuple(sorted((a, b)))
    assert [row["share"] for row in answer["shares"]][:3] == [0.0, 0.05, 0.1]
    assert json.loads(picture.read_text())["layer"]
    for wrong, reason in (
        (("--judged", "1990:1991"), "outside the years"),
        (("--judged", "2022"), "--judged '2022'"),
        (("--judged", "2022:2025", "--seed", -1), "--seed"),
        (("--judged", "2022:2025", "--picture", tmp_path), "name a file to write"),
    ):
        done = call("hidden", a, b, "--library", world.folder, "--years", "2002:2025", *wrong)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
        assert reason in done.stderr


def test_pictures_hold_what_they_show(world: World) -> None:
    found = recover(world, replicates=2, parts=())
    ranks = rank_histogram(found.ranks).to_dict()
    assert sum(row["ranks"] for row in ranks["layer"][1]["data"]["values"]) == found.ranks.rank.size
    assert len(coverage_plot(found.calibration).to_dict()["layer"][1]["data"]["values"]) == found.calibration.height


def test_hiding_curves_hold_every_share(study, pair) -> None:  # type: ignore[no-untyped-def]
    fit = study.alignment()
    found = hide(study.library, fit, [pair], [[int(fit.panel.years[-1])]], shares=[0.0, 0.5], draws=10)
    values = hiding_curves(found).to_dict()["layer"][0]["data"]["values"]
    assert [row["share"] for row in values] == [0.0, 0.5]


def test_laws_cover_every_channel_of_events_and_measurement() -> None:
    from innominate.ledger import CHANNELS

    named = set(packaged_laws().channels)
    assert {name for name, channel in CHANNELS.items() if channel.measured} - {"conflict-share"} <= named
    assert {"verbal-conflict", "material-conflict"} <= named


def test_detect_tells_a_pair_and_writes_all(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder, table = tmp_path / "world", tmp_path / "detected.csv"
    simulate(Settings(20, 5, seed=1, coverage="full", texts=False), folder, channels=("votes", "trade", "exercises"))
    done = call("detect", "--library", folder, "--years", "2021:2025", "--out", table)
    assert done.returncode == 0, done.stderr
    rows = pl.read_csv(table)
    assert rows.height == 190
    assert rows.columns[:8] == [
        "a", "b", "evidence", "unaware", "log_odds", "probability", "concealed", "known",
    ]  # fmt: skip
    top = rows.row(0, named=True)
    assert f"{top['a']}-{top['b']}" in done.stdout
    done = call("detect", top["b"], top["a"], "--library", folder, "--years", "2021:2025")
    assert f"{top['evidence']:+.1f}" in done.stdout
    assert "channel alone" in done.stdout
    for wrong in (["USA"], ["USA", "Atlantis"]):
        done = call("detect", *wrong, "--library", folder, "--years", "2021:2025")
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1

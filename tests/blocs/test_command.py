"""The command and the pictures on a small library of planted events; the GPU path; real events where they are."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from innominate.blocs.factorisation import Settings, factorise
from innominate.blocs.planted import plant
from innominate.cli.blocs import blocs
from innominate.ledger import Imported, Library, empty


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    world = plant(states=16, blocs=2, actions=3, periods=4, outside=0.05, acts=60, seed=1)
    names = [
        "USA",
        "GBR",
        "FRA",
        "DEU",
        "ITA",
        "ESP",
        "CAN",
        "NLD",
        "RUS",
        "CHN",
        "IND",
        "BRA",
        "IRN",
        "PRK",
        "CUB",
        "SYR",
    ]
    rows = [
        {"act_id": f"a{n}", "source": names[i], "target": names[j], "start": date(2018, 3 * t + 1, 2), "end": date(2018, 3 * t + 1, 2),
         "channel": "verbal-cooperation", "directed": True, "value": float(count), "unit": "events", "code": f"0{a + 2}0",
         "dataset": "planted", "file": "planted.csv", "row": n, "note": None}
        for n, ((i, j, a, t), count) in enumerate(zip(world.tensor.coordinates.tolist(), world.tensor.counts, strict=True))
    ]  # fmt: skip
    acts = pl.DataFrame(rows, schema=empty("acts").schema)
    cover = pl.DataFrame(
        [
            {
                "dataset": "planted",
                "channel": "verbal-cooperation",
                "scope": "all",
                "first": date(2018, 1, 1),
                "last": date(2018, 12, 31),
            }
        ],
        schema=empty("coverage").schema,
    )
    path = tmp_path_factory.mktemp("blocs") / "library"
    Library.create(path).store(Imported(dataset="planted", part="all", tables={"acts": acts, "coverage": cover}, rows=len(rows),
                               kept=len(rows), oddities=()), file="planted.csv", sha256="0" * 64, size=1, form="t", adapter_version=1)  # fmt: skip
    return path


def run(*arguments):
    app = typer.Typer()
    app.command()(blocs)
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_command_writes_memberships_pictures_and_answers(folder, tmp_path):
    out, pictures, answers = tmp_path / "blocs.parquet", tmp_path / "pictures", tmp_path / "blocs.json"
    done = run(
        "--library",
        folder,
        "--out",
        out,
        "--blocs",
        2,
        "--pictures",
        pictures,
        "--json",
        answers,
        "--together",
        "USA,GBR,FRA",
    )
    assert done.exit_code == 0, done.output
    table = pl.read_parquet(out)
    assert table.columns == ["state", "period", "bloc", "membership", "low", "high", "acts"]
    sums = table.group_by("state", "period").agg(pl.col("membership").sum())
    assert np.allclose(sums["membership"], 1, atol=1e-4)
    assert sorted(path.name for path in pictures.iterdir()) == [
        "components.svg", "components.vl.json", "matrix.svg", "matrix.vl.json", "timeline.svg", "timeline.vl.json",
    ]  # fmt: skip
    assert "$schema" in json.loads((pictures / "timeline.vl.json").read_text())
    told = json.loads(answers.read_text())
    assert told["together"]["USA-GBR-FRA"][0]["period"] == "2018-Q1"
    again = tmp_path / "again.parquet"
    assert run("--library", folder, "--out", again, "--blocs", 2).exit_code == 0
    assert again.read_bytes() == out.read_bytes()


def test_command_refuses_bad_arguments(folder, tmp_path):
    for arguments, words in (
        (["--blocs", "many"], "a number, or auto"),
        (["--acts", "love"], "allowed values are cooperation, conflict, all"),
        (["--dataset", "none"], "no events of none"),
        (["--acts", "conflict"], "no dated events"),
    ):
        done = run("--library", folder, "--out", tmp_path / "x.parquet", *arguments)
        assert words in str(done.exception), done.output
    assert not (tmp_path / "x.parquet").exists()


def test_gpu_path_agrees():
    jax_path = pytest.importorskip("innominate.blocs.jax_path")
    if not jax_path.available():
        pytest.skip(
            "JAX IS NOT INSTALLED: the GPU path of the factorisation is NOT tested here (pip install 'innominate[jax]')"
        )
    tensor = plant(states=20, seed=2).tensor
    settings = Settings(5, iterations=30, tolerance=0)
    ours, theirs = factorise(tensor, settings), jax_path.factorise_jax(tensor, settings)
    np.testing.assert_allclose(theirs.bounds, ours.bounds, rtol=1e-9)
    for a, b in zip(ours.shape, theirs.shape, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_real_events(data_dir, tmp_path):
    """Blocs of Gulf states and of the Nordic and Baltic states stand apart in ICEWS 2018-2023."""
    from innominate.blocs import find_blocs
    from innominate.blocs.core import CoreSettings
    from innominate.sources import import_file

    library = Library.create(tmp_path / "library")
    import_file(library, data_dir / "events" / "icews_interstate_2018_2023.csv.gz")
    found = find_blocs(
        library, resolution="year", settings=CoreSettings(starts=1, iterations=25, themes=1, times=1), blocs=9
    )
    assert found.tensor.total > 300_000
    gulf = found.together(["SAU", "ARE", "KWT", "BHR", "OMN"])
    assert (gulf["overlap"] > 20 * gulf["usual"]).all()
    assert found.memberships.dispersion > 1

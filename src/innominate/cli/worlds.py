"""Commands that make simulated worlds and ask what can be seen in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from innominate.cli.terminal import (
    JsonOption,
    NeededLibrary,
    YearsOption,
    err,
    file_to_write,
    open_library,
    out,
    parse_years,
    progress,
    ruled,
    table_file,
    write_json,
    write_table,
    writing,
)
from innominate.errors import InputError

if TYPE_CHECKING:
    from innominate.worlds import World


def simulate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option("--out", "-o", help="New folder for the world; with --fit-from the file for the figures.")
    ],
    states: Annotated[int, typer.Option(help="How many states (real codes, so that the library is ordinary).")] = 60,
    periods: Annotated[int, typer.Option(help="How many years, the last of which is --last.")] = 36,
    conceal: Annotated[
        float, typer.Option(help="Share of cooperation of allies without a treaty that is concealed, 0 to 1.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Of all chance: the same seed gives the same bytes.")] = 0,
    last: Annotated[int, typer.Option(help="Last year.")] = 2025,
    coverage: Annotated[
        str, typer.Option(help="staggered (datasets begin late, end early, leave states out) or full.")
    ] = "staggered",
    laws: Annotated[
        Path | None, typer.Option("--laws", help="File of figures to use instead of the package's.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="With --recover: folder for the pictures of calibration.")
    ] = None,
    recover: Annotated[
        bool,
        typer.Option(
            "--recover", help="Then fit it, and tell what is found again of the truth (--json FILE, --pictures FOLDER)."
        ),
    ] = False,
    json: JsonOption = None,
    fit_from: Annotated[
        Path | None,
        typer.Option("--fit-from", help="Estimate the figures from 1995-2010 of this library instead; writes --out."),
    ] = None,
) -> None:
    """Draw a world of states whose truth is known, as an ordinary library.

    [bold]innominate simulate --states 60 --periods 36 --conceal 0.5 --seed 1 --out world[/bold], then
    [bold]innominate align --library world --out alignment.parquet[/bold]. The truth stands in world/truth.parquet
    (a, b, year, alignment, allied) and in world/truth-*.parquet (turns, blocs, moves, pacts, exchange, silences, states).
    """
    if not recover and (json is not None or pictures is not None):
        raise InputError("--json and --pictures hold what --recover finds: add --recover")
    if pictures is not None and pictures.exists() and not pictures.is_dir():
        raise InputError(f"--pictures {pictures}: a file; it names a folder")
    if fit_from is not None:
        _refuse_others(context)
        _fit(fit_from, folder)
        return
    from innominate.worlds import Settings, read_laws
    from innominate.worlds import simulate as draw

    settings = Settings(states, periods, conceal, seed, last, coverage=coverage)  # type: ignore[arg-type]
    figures = read_laws(laws) if laws is not None else None
    if pictures is not None:
        with writing(pictures):
            pictures.mkdir(parents=True, exist_ok=True)
    with progress("world") as tell, writing(folder):
        world = draw(settings, folder, laws=figures, progress=tell)
    allied = int(world.latent.allied.any(axis=0).sum())
    secret = int(world.secret.any(axis=0).sum())
    err().print(
        f"{states} states, {settings.first}-{settings.last}, {world.rows:,} acts and votes; {allied} pairs were allied at "
        f"some time, {secret} of them without a treaty: {folder}",
        markup=False,
    )
    err().print(f"The truth's scale: {world.latent.label}", markup=False)
    if recover:
        _recover(world, json, pictures)


def _refuse_others(context: typer.Context) -> None:
    """With --fit-from no world is made: whatever else is asked of one is told, not passed over."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in context.params
        if name not in ("folder", "fit_from")
        and (source := context.get_parameter_source(name)) is not None
        and source.name == "COMMANDLINE"
    ]
    if given:
        raise InputError(f"{' and '.join(given)}: of a world, and --fit-from makes none: leave one of the two out")


def _recover(world: World, json: Path | None, pictures: Path | None) -> None:
    from innominate.worlds import recover
    from innominate.worlds.calibration import FEWEST

    with progress("recovery") as tell:
        found = recover(world, progress=tell)
    console = out()
    table = ruled("part", "measure", "stratum", "value", "cases", "by chance or claim", right=(3, 4, 5), whole=(3, 4))
    for part, measure, stratum, value, cases, chance in found.table().iter_rows():
        table.add_row(part, measure, stratum, f"{value:.3f}", f"{cases:,}", "" if chance is None else f"{chance:.3f}")
    console.print(table)
    ranks = ruled("calibration", "group", "ranks", "inside 50 %", "inside 90 %", "p, corrected", right=(2, 3, 4, 5))
    for row in found.calibration.iter_rows(named=True):
        ranks.add_row(row["stratum"], row["group"], f"{row['ranks']:,}", f"{row['inside50']:.3f}",
                      f"{row['inside90']:.3f}", f"{row['corrected']:.3f}")  # fmt: skip
    if found.calibration.height:
        console.print(ranks)
    else:
        console.print(f"Too few ranks to tell calibration by: {FEWEST} of a stratum are needed.")
    if json is not None:
        write_json(json, found.plain())
    if pictures is not None:
        from innominate.blocs.pictures import save
        from innominate.worlds.pictures import coverage_plot, rank_histogram

        drawn = {"ranks": rank_histogram(found.ranks)}
        if found.calibration.height:
            drawn["coverage"] = coverage_plot(found.calibration)
        with writing(pictures):
            save(drawn, pictures)


def hidden(
    a: Annotated[str, typer.Argument(help="A state: ISO code or name.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    library: NeededLibrary,
    judged: Annotated[str, typer.Option("--judged", help="Years over which the level is judged, e.g. 2022:2023.")],
    years: YearsOption = "1990:2025",
    since: Annotated[int, typer.Option(help="Acts that end before this year stay in sight.")] = 0,
    draws: Annotated[int, typer.Option(help="Random removals at every share.", min=10)] = 200,
    seed: Annotated[int, typer.Option(help="Of the random removals.", min=0)] = 0,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Vega-Lite file (JSON) to write.", callback=file_to_write)
    ] = None,
    json: JsonOption = None,
) -> None:
    """How much a pair would have to hide to be missed: its own acts, removed at random.

    [bold]innominate hidden China Russia --library DIR --judged 2022:2023[/bold]
    """
    from innominate import states
    from innominate.study import Study
    from innominate.worlds import hide

    first, last = parse_years(judged, "--judged")
    span = parse_years(years)
    if not span[0] <= first <= last <= span[1]:
        raise InputError(f"--judged {judged}: outside the years {years}")
    pair = (states.resolve(a, last), states.resolve(b, last))
    with progress("hiding") as tell:
        study = Study(open_library(library), span, progress=tell)
        fit = study.alignment()
        fit.panel.pair(*pair)
        (found,) = hide(
            study.library, fit, [pair], [range(first, last + 1)], since=since, draws=draws, seed=seed, progress=tell
        )
    limit, least, most = found.limit()
    console = out()
    shown = ruled("hidden", "alignment", "90 % of draws", "missed", right=(0, 1, 2, 3))
    for row in found.table().iter_rows(named=True):
        shown.add_row(
            f"{row['share']:.0%}",
            f"{row['alignment']:.2f}",
            f"{row['low']:.2f} to {row['high']:.2f}",
            f"{row['missed']:.0%}",
        )
    console.print(shown)
    console.print(
        f"Alignment: 0 the median pair, 1 the {fit.scale.one_is}; judged {judged.replace(':', '-')} against {found.bar:.2f}, from which "
        f"allies stand. Of {draws} draws in which so much of what they do is not seen, those that stand below it are missed."
    )
    if not found.acts:
        below = f"it is below the bar ({found.bar:.2f}) as it is" if limit == 0.0 else "it is seen as it is"
        console.print(f"[bold]{found.a}-{found.b}[/bold]: no act of theirs that could be hidden is on record; {below}.")
    elif limit is None:
        console.print(f"[bold]{found.a}-{found.b}[/bold] is seen even with everything hidden that can be.")
    elif limit == 0.0:
        console.print(f"[bold]{found.a}-{found.b}[/bold] is below the bar ({found.bar:.2f}) with nothing hidden.")
    else:
        low, high = ("none" if share is None else f"{share:.0%}" for share in (least, most))
        console.print(f"[bold]{found.a}-{found.b}[/bold] is missed from {limit:.0%} hidden on \\[{low}, {high}].")
    if picture is not None:
        from innominate.worlds.pictures import hiding_curves

        write_json(picture, hiding_curves([found]).to_dict())
    if json is not None:
        write_json(json, {"a": found.a, "b": found.b, "limit": limit, "low": least, "high": most, "bar": found.bar,
                          "acts": found.acts, "shares": found.table().drop("a", "b").to_dicts()})  # fmt: skip


def detect(
    library: NeededLibrary,
    pair: Annotated[
        list[str] | None, typer.Argument(help="Two states, ISO codes or names; all pairs without them.", metavar="[STATE STATE]")
    ] = None,
    years: Annotated[
        str, typer.Option("--years", help="Years judged, over which alignment is taken to stand still.")
    ] = "2005:2023",
    laws: Annotated[
        Path | None, typer.Option("--laws", help="File of figures to use instead of the package's.")
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="Share of pairs that are allied beforehand; that of the worlds unless given.")
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write: Parquet (.parquet) or CSV (.csv).", callback=table_file)
    ] = None,
) -> None:  # fmt: skip
    """How much what pairs do speaks for their being allied, by the laws of worlds; treaties are not looked at.

    [bold]innominate detect China Russia --library DIR --years 2005:2023[/bold] tells one pair and what each channel alone
    says; without states all pairs are told, the likeliest first. Evidence is the natural logarithm of a Bayes factor (3 is
    20 to 1); *unaware* is the same if allies conceal nothing. A likelihood is only as good as the laws, and on real data these fail where trade jumps: read *unaware* and the channels, not
    the probability (docs/worlds.md).
    """
    from innominate import states
    from innominate.worlds import detect as judge
    from innominate.worlds import read_laws

    if pair is not None and len(pair) != 2:
        raise InputError(f"{len(pair)} states: name two, or none for all pairs")
    span = parse_years(years)
    pairs = None if pair is None else [(states.resolve(pair[0], span[1]), states.resolve(pair[1], span[1]))]
    figures = read_laws(laws) if laws is not None else None
    with progress("detecting") as tell:
        found = judge(open_library(library), span, laws=figures, pairs=pairs, share=share, progress=tell)
    table = found.table()
    console = out()
    shown = ruled(
        "pair", "evidence", "unaware", "probability", "concealed if allied", "channels", right=(1, 2, 3, 4, 5)
    )
    for row in table.head(20).iter_rows(named=True):
        shown.add_row(
            f"{row['a']}-{row['b']}", _signed(row["evidence"]), _signed(row["unaware"]), f"{row['probability']:.3f}",
            f"{row['concealed']:.0%}", str(row["known"]),
        )  # fmt: skip
    console.print(shown)
    if pair is not None:
        alone = ruled("channel alone", "evidence", right=(1,))
        for name in found.channels:
            value = table[name][0]
            alone.add_row(name, "nobody looked" if value is None else _signed(value))
        console.print(alone)
        console.print(
            "Each channel is judged as if it were the only one, so that they do not add up to the evidence of all."
        )
    console.print("By the laws of simulated worlds: on real data trust unaware and the channels, not the probability.")
    if out_file is not None:
        write_table(out_file, table)


def _signed(value: float) -> str:
    """With its sign, of which nought has none."""
    return f"{value:+.1f}" if round(value, 1) else "0.0"


def _fit(library: Path, file: Path) -> None:
    from innominate.worlds.fitting import fit_laws

    if file.is_dir():
        raise InputError(f"{file}: a folder; with --fit-from, --out names the file for the figures")
    with progress("figures") as tell:
        laws = fit_laws(open_library(library), tell)
    with writing(file):
        file.write_text(laws.to_json(), encoding="utf-8")
    err().print(f"{laws.origin}: {file}", markup=False)

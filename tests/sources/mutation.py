"""Damage done to small files: whatever the bytes, a parser reads them or says what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform

Damage = tuple[str, int, bytes]

DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "cut", "double"]),
        st.integers(0, 1 << 16),
        st.binary(min_size=1, max_size=4)
        | st.sampled_from([b",", b"\n", b'"', b"-9", b"NaN", b"\x00", b"\xff", b"99999"]),
    ),
    min_size=1,
    max_size=4,
)


def damaged(content: bytes, damages: list[Damage]) -> bytes:
    """`content` after every damage: bytes overwritten, inserted, a tail or a stretch cut out, a stretch doubled."""
    for kind, where, piece in damages:
        at = where % (len(content) + 1)
        if kind == "set":
            content = content[:at] + piece + content[at + len(piece) :]
        elif kind == "insert":
            content = content[:at] + piece + content[at:]
        elif kind == "cut":
            content = content[:at] + content[at + 16 * len(piece) :]
        else:
            content = content[:at] + content[max(0, at - 16 * len(piece)) :]
    return content


def reads_or_refuses(read: Callable[[Path], Imported], path: Path) -> Imported | None:
    """What `read` makes of the file, checked against the schemas; None where it was refused in one line."""
    try:
        imported = read(path)
    except BadFile as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert path.name in said
        assert "\n" not in said
        return None
    for table, frame in imported.tables.items():
        conform(table, frame, path.name)
    refused = sum(odd.rows for odd in imported.oddities if odd.refused)
    assert imported.rows - imported.kept == refused
    return imported

"""Open datasets: where each lives, what its files look like, and how its rows become acts, votes or commitments."""

from innominate.sources.importing import (
    Outcome,
    import_file,
    import_files,
    import_folder,
    import_packaged,
    packaged_file,
)
from innominate.sources.registry import source, sources
from innominate.sources.spec import Form, Peek, Remote, Source

__all__ = [
    "Form",
    "Outcome",
    "Peek",
    "Remote",
    "Source",
    "import_file",
    "import_files",
    "import_folder",
    "import_packaged",
    "packaged_file",
    "source",
    "sources",
]

"""Time and memory of the way from files to a brief: each step in a process of its own, the median of several runs.

    python benchmarks/spine.py [--runs 3]

Needs a folder of providers' files, named by INNOMINATE_DATA (default ../shared/data beside the project).
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.perf_counter() - start
if status.returncode:
    sys.exit(status.stderr.decode())
print(wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak MiB of a command."""
    answer = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(answer.stderr)
    wall, peak = answer.stdout.split()
    return float(wall), float(peak)


def report(what: str, runs: list[tuple[float, float]]) -> None:
    """One line: median, minimum and maximum of the seconds, largest peak memory."""
    walls = [wall for wall, _ in runs]
    peak = max(memory for _, memory in runs)
    print(f"{what:<58} {statistics.median(walls):7.2f} s  [{min(walls):.2f}, {max(walls):.2f}]  {peak:7.0f} MiB")


def main() -> None:
    """Measure every step and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    data = Path(os.environ.get("INNOMINATE_DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        sys.exit(f"no providers' files at {data}: set INNOMINATE_DATA")
    command = [sys.executable, "-c", "from innominate.cli import main; main()"]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}, {runs} runs")
    report("import innominate", [measure([sys.executable, "-c", "import innominate"]) for _ in range(runs)])
    with tempfile.TemporaryDirectory() as folder:
        libraries = [f"{folder}/library{k}" for k in range(runs)]
        report(
            "import --detect, everything in the folder",
            [measure([*command, "import", "--detect", str(data), "--library", each]) for each in libraries],
        )
        again = [measure([*command, "import", "--detect", str(data), "--library", libraries[0]]) for _ in range(runs)]
        report("the same folder again (nothing changes)", again)
        for years in ("1990:2024", "1946:2024"):
            target = ["align", "--library", libraries[0], "--years", years, "--out", f"{folder}/a.parquet"]
            report(f"align {years}, all channels", [measure([*command, *target]) for _ in range(runs)])
        report("run, embedded sample", [measure([*command, "run", "--out", f"{folder}/out"]) for _ in range(runs)])
        full = ["run", "--library", libraries[0], "--out", f"{folder}/out"]
        report("run, full library", [measure([*command, *full]) for _ in range(runs)])


if __name__ == "__main__":
    main()

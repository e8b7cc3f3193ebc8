"""Write requirements/*.txt: pinned versions with hashes, for every Python and platform (`make lock`).

Needs `uv` (pip install uv). No index address is written, so that every machine uses its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SETS: dict[str, list[str]] = {
    "base": [],
    "demo": ["--extra", "sandbox"],
    "s3": ["--extra", "s3"],
    "parquet": ["--extra", "parquet"],
    "sentences": ["--extra", "sentences-make"],
    "test": [
        *("--extra", "sandbox", "--extra", "s3", "--extra", "parquet", "--extra", "sentences-make"),
        *("--group", "test", "--group", "check"),
    ],
}
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--upgrade",
    "-q",
]


def main() -> None:
    """Base first; the others agree with it."""
    for name, more in SETS.items():
        target = f"requirements/{name}.txt"
        constraint = [] if name == "base" else ["-c", "requirements/base.txt"]
        subprocess.run(
            [
                sys.executable,
                "-m",
                "uv",
                "pip",
                "compile",
                *OPTIONS,
                *constraint,
                *more,
                "pyproject.toml",
                "-o",
                target,
            ],
            check=True,
        )
    build = Path("requirements/build.in")
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, str(build), "-o", "requirements/build.txt"], check=True
    )


if __name__ == "__main__":
    main()

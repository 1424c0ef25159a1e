"""How FindMe grows: the queue with what waits in it, and matching with guests and faces.

Runs `scale_queue.py` and `scale_matching.py` one after the other, each in a process and a database
of its own, and ends as the first that failed did.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--huge", action="store_true", help="10^9 pairs too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    json = ["--json"] if options.json else []
    huge = ["--huge"] if options.huge else []
    queue = subprocess.call([sys.executable, FOLDER / "scale_queue.py", *json])
    matching = subprocess.call([sys.executable, FOLDER / "scale_matching.py", *json, *huge])
    return queue or matching


if __name__ == "__main__":
    sys.exit(main())

"""The test server by hand, to try the product in Rekognition mode without AWS."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from findme.running.stop_signals import StopSignals
from tests.rekognition.server import LocalEyes, Recorded, RekognitionServer, SquareEyes
from tests.rekognition.server.eyes import Eyes
from tests.rekognition.server.faults import KINDS, Fault

EYES: dict[str, Callable[[], Eyes]] = {"local": LocalEyes, "squares": SquareEyes}
NUMBERS = {"share": float, "times": int, "after": int, "seconds": float}
FAULT_HELP = f"""\
KIND or KIND,operation=NAME,share=0.5,times=3,after=10,seconds=2; may be given again.
Kinds: {", ".join(KINDS)}"""


def main() -> None:
    arguments = _arguments()
    server = _server(arguments)
    signals = StopSignals()
    signals.listen()
    with server:
        for name, value in {**server.environment, "FACE_INDEX": "rekognition"}.items():
            _print(f"{name}={value}")
        _print("")
        while not signals.wait(60):
            pass
    _print(f"\ncalls answered, {server.billable_calls} of them billable:")
    for operation, calls in sorted(server.calls.items()):
        _print(f"{calls:7} {operation}")


def _server(arguments: argparse.Namespace) -> RekognitionServer:
    try:
        server = RekognitionServer(
            eyes=EYES[arguments.eyes](),
            port=arguments.port,
            seed=arguments.seed,
            region=arguments.region,
            report=_print_call,
        )
    except OSError as error:
        sys.exit(f"Port {arguments.port}: {error.strerror}. Choose another with --port.")
    server.script(*arguments.fault)
    server.settling_seconds = arguments.settling_seconds
    server.updating_seconds = arguments.updating_seconds
    server.calls_per_second = arguments.calls_per_second
    return server


def fault(text: str) -> Fault:
    """As in `FAULT_HELP`."""
    kind, *settings = text.split(",")
    fields: dict[str, Any] = {}
    try:
        for setting in settings:
            name, _, value = setting.partition("=")
            fields[name] = NUMBERS.get(name, str)(value)
        return Fault(kind=kind, **fields)
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.rekognition.server",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=8300)
    add("--eyes", choices=EYES, default="local", help="what sees faces: the engine, or the fake")
    add("--region", default="us-east-1", help="the only one it is in")
    add("--fault", type=fault, action="append", default=[], help=FAULT_HELP)
    add("--seed", type=int, default=0, help="of the faults' chance")
    add("--settling-seconds", type=float, default=0.0, help="until an indexed face is findable")
    add("--updating-seconds", type=float, default=0.0, help="until a changed user is findable")
    add("--calls-per-second", type=float, help="of one operation; more are throttled")
    return parser.parse_args()


def _print_call(record: Recorded) -> None:
    subject = ", ".join(f"{name}={value}" for name, value in record.parameters.items())
    _print(f"{record.operation} {record.outcome} {subject}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

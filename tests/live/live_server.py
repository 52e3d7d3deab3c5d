"""A real GNU Health on Tryton, as its own process in its own environment: install, initialise, start, stop.

None of its code is imported here. What is downloaded and initialised once is kept in `.live/`, by the digest of
requirements.txt; every server works on a copy of the initialised database.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from tryton_rpc import Failed, Rpc

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
KEPT = HERE.parents[1] / ".live"
DATABASE = "clinic"
ADMIN_PASSWORD = "live-admin-password-73"
MODULES = (
    "party",
    "marketing_email",
    "sale_opportunity",
    "health",
    "health_lab",
    "health_gyneco",
    "health_lifestyle",
    "health_socioeconomics",
    "health_insurance",
)
STAFF = {
    "marketing": ("Marketing",),
    "nogroup": (),
    "frontdesk": ("Health Front Desk",),
    "frontdesk.marketing": ("Health Front Desk", "Marketing"),
    "doctor": ("Health Doctor",),
    "backoffice": ("Health Back Office",),
}
"""The test users of section 2.3, by login, with the groups of each."""

AUDITOR = "auditor"
"""The account that audits: no group at all."""


class NotStarted(Exception):
    """The server is not up; says which step went wrong, and the end of what that step printed."""


@dataclass(frozen=True)
class Installed:
    """The server's programs."""

    folder: Path

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)


def password_of(login: str) -> str:
    """The password that the harness gave a test user."""
    return f"live-password-of-{login}-73"


def _digest() -> str:
    modules = " ".join(MODULES).encode()
    return hashlib.sha256(REQUIREMENTS.read_bytes() + modules).hexdigest()[:12]


@contextmanager
def _made_once(name: str) -> Iterator[tuple[Path, bool]]:
    """A folder that one process makes and all use: its path, and whether it is to be made now.

    What was left half made by a process that was killed is made again.
    """
    KEPT.mkdir(exist_ok=True)
    folder, stamp = KEPT / f"{name}-{_digest()}", KEPT / f"{name}-{_digest()}.made"
    with FileLock(str(KEPT / f"{name}.lock")):
        if stamp.exists():
            yield folder, False
            return
        for older in (*KEPT.glob(f"{name}-*.made"), *(p for p in KEPT.glob(f"{name}-*") if p.is_dir())):
            shutil.rmtree(older) if older.is_dir() else older.unlink()
        yield folder, True
        stamp.touch()


def _run(step: str, words: Sequence[str], **environ: str) -> None:
    done = subprocess.run(
        words, env={**os.environ, **environ}, capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        raise NotStarted(f"{step} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")


def install() -> Installed:
    """The pinned server in an environment of its own; downloads it the first time."""
    with _made_once("server") as (folder, needed):
        if needed:
            _run("making the environment", [sys.executable, "-m", "venv", "--without-pip", str(folder)])
            pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
            pinned = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(REQUIREMENTS)]
            quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"]
            _run("installing the server", [*pip, "install", *quiet, *pinned])
    return Installed(folder)


def _configuration(folder: Path, uri: str, port: int) -> Path:
    written = folder / "trytond.conf"
    written.write_text(
        f"[database]\nuri = {uri}\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n", encoding="utf-8"
    )
    return written


def initialise(
    installed: Installed, folder: Path, uri: str = "sqlite://", modules: Sequence[str] = MODULES
) -> None:
    """Create the tables and activate the modules in an empty database."""
    configuration = _configuration(folder, uri, 0)
    password = folder / "admin-password"
    password.write_text(ADMIN_PASSWORD, encoding="utf-8")
    if uri.startswith("sqlite"):
        (folder / f"{DATABASE}.sqlite").touch()
    words = [installed.program("trytond-admin"), "-c", str(configuration), "-d", DATABASE]
    words += ["--all", "--email", "admin@clinic.example", "--activate-dependencies", "-u", "ir", "res"]
    _run("initialising the database", [*words, *modules], TRYTONPASSFILE=str(password))


def stock() -> Path:
    """A SQLite database as initialised, with no user beside the administrator; made the first time."""
    installed = install()
    with _made_once("stock") as (folder, needed):
        if needed:
            folder.mkdir()
            initialise(installed, folder)
    return folder / f"{DATABASE}.sqlite"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent() -> None:
    """On Linux, the kernel ends the server when whoever started it dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Server:
    """One trytond, on a port of its own."""

    def __init__(self, folder: Path, uri: str = "sqlite://") -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._uri = uri

    @property
    def url(self) -> str:
        """The address of the server, without the database."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        configuration = _configuration(self.folder, self._uri, self.port)
        log = self.folder / "trytond.log"
        with log.open("ab") as kept:
            self.process = subprocess.Popen(
                [install().program("trytond"), "-c", str(configuration), "-d", DATABASE],
                stdin=subprocess.DEVNULL,
                stdout=kept,
                stderr=kept,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one call of the kernel, which locks nothing
                start_new_session=True,  # a Ctrl-C is for whoever started it, who stops it
            )
        until = time.monotonic() + 120
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise NotStarted(f"trytond does not answer:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        """Whether it answers anything, be it that nobody is logged in."""
        try:
            Rpc(self.url, DATABASE).call("common.server.version")
        except Failed:
            return True
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop it, at once if it does not go."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it without a warning, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def admin(self) -> Rpc:
        """A session of the administrator, which tests may write with."""
        return Rpc(self.url, DATABASE).login("admin", ADMIN_PASSWORD)

    def session(self, login: str) -> Rpc:
        """A session of a test user."""
        return Rpc(self.url, DATABASE).login(login, password_of(login))

    def hire(self, staff: dict[str, tuple[str, ...]]) -> None:
        """Make users with their groups, and the account that audits where it is not there yet."""
        admin = self.admin()
        groups = {g["name"]: g["id"] for g in admin.rows("res.group", "name")}
        there = {u["login"] for u in admin.rows("res.user", "login")}
        wanted = {**staff, AUDITOR: ()}
        made = [
            {
                "login": login,
                "name": login.replace(".", " and ").title(),
                "password": password_of(login),
                "groups": [["add", [groups[name] for name in names]]],
            }
            for login, names in wanted.items()
            if login not in there
        ]
        admin.call("model.res.user.create", made, {})


@contextmanager
def running(folder: Path, change: Callable[[Path], None] | None = None) -> Iterator[Server]:
    """A server on a copy of the stock database, with the test users; `change` may write into the file first."""
    database = folder / f"{DATABASE}.sqlite"
    shutil.copy(stock(), database)
    server = Server(folder)
    try:
        server.start()
        server.hire(STAFF)
        if change is not None:
            server.stop()
            change(database)
            server.start()
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    begun = time.monotonic()
    install()
    sys.stdout.write(f"server installed: {time.monotonic() - begun:.0f} s\n")
    stock()
    sys.stdout.write(f"database initialised: {time.monotonic() - begun:.0f} s\n")

"""A PostgreSQL of a test's own, on a port of its own, from whatever server programs the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live_server import NotStarted, die_with_parent, free_port

USER = "clinic"
PLACES = Path("/usr/lib/postgresql")


def programs() -> Path:
    """The folder of the newest server programs. Raises NotStarted where there are none."""
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NotStarted("There is no PostgreSQL here: no initdb on the path, nor below /usr/lib/postgresql.")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


@contextmanager
def lent() -> Iterator[Path]:
    """A folder that goes when this process does, however it ends: a shell waits for that.

    It is not below pytest's own, which whoever PostgreSQL runs as may not enter.
    """
    folder = Path(tempfile.mkdtemp(prefix="live-postgres-"))
    waits = 'cat; rm -rf "$0" || { sleep 2; rm -rf "$0"; }'  # a server just killed may still be writing
    shell = subprocess.Popen(["sh", "-c", waits, folder], stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield folder
    finally:
        shell.communicate()


@contextmanager
def running() -> Iterator[str]:
    """An empty PostgreSQL with a database for the clinic: its address, as trytond takes it."""
    with lent() as folder, serving(folder) as uri:
        yield uri


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The same, with its data in a folder."""
    # PostgreSQL refuses to run as root, and then needs the folder of whoever it runs as.
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    data, port, where = folder / "data", free_port(), programs()
    common = {"user": owner, "cwd": folder, "capture_output": True, "text": True}
    initdb = [where / "initdb", "--auth=trust", "--encoding=UTF8", f"--username={USER}", "-D", data, "-N"]
    done = subprocess.run(list(map(str, initdb)), check=False, **common)
    if done.returncode:
        raise NotStarted(f"initdb ended with {done.returncode}:\n{done.stderr[-2000:]}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [str(where / "postgres"), "-D", str(data), *words],
        user=owner,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one call of the kernel, which locks nothing
        start_new_session=True,
    )
    try:
        ask = [str(where / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, "-d", "postgres"]
        for _ in range(100):
            done = subprocess.run([*ask, "-c", "CREATE DATABASE clinic"], check=False, **common)
            if not done.returncode or server.poll() is not None:
                break
            _wait(server)
        if done.returncode:
            raise NotStarted(f"PostgreSQL does not answer:\n{done.stderr[-2000:]}")
        yield f"postgresql://{USER}@127.0.0.1:{port}/"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(0.2)
    except subprocess.TimeoutExpired:
        return

"""Whose server it is: the OS user the server runs as, and the folders that user needs.

PostgreSQL refuses to run as root. Started as root, the server runs as the owner of the data folder, on first start the
system user `bashu`; started by anybody else it runs as that user.
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from bashu.kernel.database.binaries import Binaries
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import Layout

SYSTEM_USER = "bashu"
STATE = Path("/var/lib/bashu")


class Account(NamedTuple):
    """An OS user: peer authentication goes by the name, files by the numbers."""

    name: str
    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """Arguments with which subprocess runs a program as this user, in a place it may be, in plain English."""
        who = {} if os.geteuid() != 0 else {"user": self.uid, "group": self.gid, "extra_groups": []}
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        return {**who, "cwd": "/", "env": env, "stdin": subprocess.DEVNULL, "umask": 0o077}


def account(uid: int) -> Account:
    """The user with this number; DatabaseUnavailableError when it has no name (PostgreSQL needs one)."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise DatabaseUnavailableError(
            f"User number {uid} has no name on this machine; PostgreSQL needs one (add it to /etc/passwd)."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account(layout: Layout, *, create: bool = False) -> Account:
    """The user the server runs as; `create` makes the system user `bashu` when root needs it and it is missing."""
    try:
        owner = layout.data_dir.stat().st_uid
    except OSError:
        owner = 0  # nothing there yet, or not ours to see
    if owner != 0:
        return account(owner)
    if os.geteuid() != 0:
        return account(os.geteuid())
    try:
        return account(pwd.getpwnam(SYSTEM_USER).pw_uid)
    except KeyError:
        if not create:
            return Account(SYSTEM_USER, -1, -1)
    tool = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if tool is None:
        raise DatabaseUnavailableError(f"Root cannot run PostgreSQL: create a system user named {SYSTEM_USER}.")
    command = [tool, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return account(pwd.getpwnam(SYSTEM_USER).pw_uid)  # also when another start created it first
    except KeyError:
        raise DatabaseUnavailableError(
            f"The system user {SYSTEM_USER} cannot be created: {answer.stderr.strip()}"
        ) from None


def can_enter(user: Account, folder: Path) -> bool:
    """Whether `user` may pass through `folder` and all its parents: asked of the kernel, so ACLs count."""
    if os.geteuid() != 0:
        return os.access(folder, os.X_OK)
    command = ["test", "-x", str(folder)]
    return subprocess.run(command, check=False, **user.popen()).returncode == 0


def make_folders(layout: Layout) -> None:
    """The node's own folders, private to the user who starts it."""
    try:
        layout.home.mkdir(parents=True, exist_ok=True)
        for folder in (layout.keys_dir, layout.run_dir, layout.log_dir):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailableError(f"The home folder {layout.home} cannot be used: {error}.") from error


def check_socket_dir(layout: Layout, user: Account) -> bool:
    """Whether the socket folder is there; DatabaseUnavailableError when somebody else made it (anyone may, in /tmp)."""
    try:
        found = layout.socket_dir.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise DatabaseUnavailableError(
            f"{layout.socket_dir} is not a private folder of {user.name}: look who made it, remove it, start again."
        )
    return True


def make_socket_dir(layout: Layout, user: Account) -> None:
    """The socket folder, made for `user` alone, or found to be so."""
    if check_socket_dir(layout, user):
        return
    # Made under another name and moved: a kill in between leaves nothing that the check above would refuse.
    fresh = layout.socket_dir.with_name(f"{layout.socket_dir.name}.{os.getpid()}")
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(fresh, user.uid, user.gid, follow_symlinks=False)
    fresh.rename(layout.socket_dir)


def state_dir(layout: Layout) -> Path:
    """Root's place for the data of a home that the server's user cannot enter."""
    return STATE.resolve() / f"{layout.home.name}-{layout.name_hash}"


def data_place(layout: Layout, user: Account) -> Path:
    """Where the data folder really is, or on a first start will be; layout.data_dir becomes a link when elsewhere.

    DatabaseUnavailableError when the link leads nowhere: data that went away must not be replaced by an empty database.
    """
    link = layout.data_dir
    if link.is_symlink() and not link.exists():
        raise DatabaseUnavailableError(
            f"The data folder {link.readlink()} is gone: bring it back, or remove {link} to start with an empty one."
        )
    if link.exists():
        return link.resolve()
    return link if can_enter(user, layout.home) else state_dir(layout) / "pg"


def server_binaries(wheel: Binaries, user: Account, parent: Path, version: str) -> Binaries:
    """The wheel's programs, or a copy of them beside the data, owned by `user`, when it cannot run the wheel's."""
    if _can_run(user, wheel):
        return wheel
    copy = Binaries(parent / f"postgresql-{version}")
    if not copy.site.exists():
        fresh = Binaries(parent / f"postgresql-{version}.{os.getpid()}")
        for name in ("lib", "share"):
            shutil.copytree(wheel.root / name, fresh.root / name)
        (fresh.root / "bin").mkdir()
        for name in ("postgres", "initdb"):
            shutil.copy2(wheel.program(name), fresh.root / "bin" / name)
        shutil.copytree(wheel.libraries, fresh.libraries)
        for path in (fresh.site, *fresh.site.rglob("*")):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.site.rename(copy.site)
    if not _can_run(user, copy):
        raise DatabaseUnavailableError(
            f"User {user.name} cannot run {copy.program('postgres')}: may it enter {parent}?"
        )
    return copy


def _can_run(user: Account, binaries: Binaries) -> bool:
    command = [str(binaries.program("postgres")), "--version"]
    try:
        return subprocess.run(command, check=False, capture_output=True, **user.popen()).returncode == 0
    except PermissionError:
        return False

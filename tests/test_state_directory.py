"""Journals in the user's state directory: where they are, their names, and what happens if none can be kept."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, JournalError
from twelvelabs_async.bulk.journal import create_journal_directory, directory, journal_directory
from twelvelabs_async.testing import Emulator

from support.bulk import finish
from support.clients import Connect

HOME = Path("/home/me") if os.name == "posix" else Path("C:/Users/me")
SETTINGS = ("TWELVELABS_STATE_DIR", "XDG_STATE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with a home directory alone."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME" if os.name == "posix" else "USERPROFILE", str(HOME))


@pytest.mark.parametrize(
    ("system", "settings", "expected"),
    [
        ("linux", {}, "/home/me/.local/state/twelvelabs-async/journals"),
        ("linux", {"XDG_STATE_HOME": "/var/state"}, "/var/state/twelvelabs-async/journals"),
        ("linux", {"XDG_STATE_HOME": "relative"}, "/home/me/.local/state/twelvelabs-async/journals"),
        ("darwin", {"XDG_STATE_HOME": "/state"}, "/home/me/Library/Application Support/twelvelabs-async/journals"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/twelvelabs-async/journals"),
        ("linux", {"TWELVELABS_STATE_DIR": "~/mine", "XDG_STATE_HOME": "/var/state"}, "/home/me/mine/journals"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="the paths are those of POSIX")
def test_the_directory_is_that_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, system: str, settings: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert str(journal_directory()) == expected


def test_without_a_home_directory_the_error_names_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(JournalError, match=r"no home directory for the journal\. Set HOME or TWELVELABS_STATE_DIR"):
        journal_directory()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_only_the_owner_can_read_the_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    created = create_journal_directory()
    assert created == tmp_path / ".local" / "state" / "twelvelabs-async" / "journals"
    for folder in (created, *created.parents[:3]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("problem", ["a file", "a full disk", "not writable", "a network file system"])
def test_a_directory_that_cannot_be_used_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problem: str
) -> None:
    monkeypatch.setenv("TWELVELABS_STATE_DIR", str(tmp_path / "state"))
    expected = {
        "a file": f"{tmp_path / 'state'} is not a folder",
        "a full disk": "the disk is full",
        "not writable": "it is not writable",
        "a network file system": r"it is on a network file system \(nfs4\)",
    }
    if problem == "a file":
        (tmp_path / "state").touch()
    elif problem == "a full disk":
        usage: Any = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    elif problem == "not writable":
        monkeypatch.setattr(os, "access", lambda *_: False)
    else:
        mounts = tmp_path / "mounts"
        mounts.write_text(f"dev / ext4 rw 0 0\nserver:/home {tmp_path} nfs4 rw 0 0\n")
        monkeypatch.setattr(directory, "_MOUNTS", mounts)
    with pytest.raises(JournalError, match=f"{expected[problem]}.* Set TWELVELABS_STATE_DIR to a local folder"):
        create_journal_directory()


@pytest.mark.usefixtures("autojump_clock")
async def test_python_keeps_a_journal_there_only_when_asked(
    emulator: Emulator, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    """Its name contains the job and a digest of the account, and nothing of the key or the questions."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    async with connect(emulator) as client:
        await finish(client.bulk.upload(folder))
        assert not (tmp_path / "home").exists()
        for question in ("What happens?", "Who is there?"):
            await finish(client.bulk.analyze(folder, prompt=question, journal=True))
        await finish(client.bulk.upload(folder, journal=True))
        account = client.account_digest
        names = sorted(path.name for path in journal_directory().glob("*.db"))
        assert len(names) == 3
        assert names[2] == f"upload-{account}.db"
        assert all(name.startswith("analyze-") and name.endswith(f"-{account}.db") for name in names[:2])
        assert account not in (None, client.with_options(api_key="tlk_another").account_digest)
        assert account != client.with_options(base_url="https://example.com").account_digest


async def test_a_function_that_returns_the_key_names_no_account(client: AsyncTwelveLabs) -> None:
    other = client.with_options(api_key=lambda: "tlk_emulator")
    with pytest.raises(ValueError, match="journal=True needs a fixed API key"):
        other.bulk.upload([], journal=True)

"""``login``, ``logout`` and profiles: where the command line takes its API key from, and where it keeps keys."""

from __future__ import annotations

import configparser
import json
import os
import pty
import stat
import subprocess
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async.testing import Emulator

pytest.importorskip("click")
pytest.importorskip("tqdm")

from twelvelabs_async.cli import _profile_store

from support.command_line import PROGRAM, Run
from support.samples import video

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def no_key(shell: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without a key, whose URL is still the emulator's."""
    monkeypatch.delenv("TWELVELABS_API_KEY")


@pytest.fixture
def work(run: Run, no_key: None) -> Iterator[Emulator]:
    """Another platform, whose key and URL are in the profile ``work``. It has one index."""
    with Emulator(api_key="tlk_of_work") as emulator:
        url = {"TWELVELABS_BASE_URL": emulator.url}
        assert run("login", "--profile", "work", stdin="tlk_of_work\n", **url).exit_code == 0
        assert run("indexes", "create", "at work", "--profile", "work").exit_code == 0
        yield emulator


class Keyring:
    """The interface of the package keyring, with passwords in memory."""

    priority = 5

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}

    def get_keyring(self) -> Keyring:
        return self

    def get_password(self, service: str, name: str) -> str | None:
        return self.passwords.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self.passwords[service, name] = password

    def delete_password(self, service: str, name: str) -> None:
        del self.passwords[service, name]


def file_of_profiles() -> Path:
    return Path(".config", "profiles.ini")


@pytest.mark.usefixtures("no_key")
def test_a_key_is_stored_once_it_is_accepted(run: Run, emulator: Emulator) -> None:
    """It is read from stdin, printed nowhere, and in a file that only its owner can read."""
    assert run("indexes", "ls").exit_code == 3
    refused = run("login", stdin="tlk_wrong\n")
    assert (refused.exit_code, file_of_profiles().exists()) == (3, False)
    done = run("login", stdin=f"  {emulator.api_key}\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "The profile 'default' is stored in " in done.stderr
    assert emulator.api_key not in done.output + refused.output
    assert run("indexes", "ls", TWELVELABS_BASE_URL=None).exit_code == 0
    if os.name == "posix":
        assert stat.S_IMODE(file_of_profiles().stat().st_mode) == 0o600
        assert stat.S_IMODE(file_of_profiles().parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_a_file_that_others_could_read_becomes_private(run: Run, emulator: Emulator) -> None:
    assert run("login", stdin=emulator.api_key).exit_code == 0
    file_of_profiles().chmod(0o644)
    assert run("login", "--profile", "other", stdin=emulator.api_key).exit_code == 0
    assert stat.S_IMODE(file_of_profiles().stat().st_mode) == 0o600
    assert [line.split()[0] for line in run("profiles").stdout.splitlines()] == ["default", "other"]


@pytest.mark.parametrize(
    ("key", "code", "message"),
    [
        ("", 1, "the input is empty"),
        ("'tlk_x'", 2, "is in quotes"),
        ("your_api_key", 2, "is a placeholder"),
    ],
)
def test_what_cannot_be_a_key_is_not_sent(run: Run, emulator: Emulator, key: str, code: int, message: str) -> None:
    result = run("login", stdin=f"{key}\n")
    assert (result.exit_code, message in result.stderr) == (code, True)
    assert not emulator.requests


@pytest.mark.parametrize("name", ["", "a b", "../x", "[x]", "a\nb", "ä", "x" * 65])
def test_names_of_profiles_are_words(run: Run, name: str) -> None:
    for command in ("login", "logout", "profiles"):
        result = run(command, "--profile", name, stdin="tlk_x")
        assert (result.exit_code, "is no name of a profile" in result.stderr) == (2, True)


def test_a_profile_has_its_own_key_and_url(run: Run, work: Emulator, emulator: Emulator) -> None:
    """The option can stand before or after the command."""
    for arguments in (["--profile", "work", "indexes", "ls"], ["indexes", "ls", "--profile", "work"]):
        assert run(*arguments).stdout.split()[-2:] == ["at", "work"]
    assert not emulator.requests


@pytest.mark.parametrize(
    ("option", "settings", "is_work"),
    [
        (["--profile", "work"], {"TWELVELABS_API_KEY": "KEY", "TWELVELABS_PROFILE": "default"}, True),
        ([], {"TWELVELABS_API_KEY": "KEY", "TWELVELABS_PROFILE": "work"}, False),
        ([], {"TWELVELABS_PROFILE": "work"}, True),
        ([], {}, False),
        (["--profile", "default"], {"TWELVELABS_PROFILE": "work"}, False),
    ],
    ids=["option", "key", "variable", "default", "option over variable"],
)
def test_the_first_of_four_places_has_the_key(
    run: Run, work: Emulator, emulator: Emulator, option: list[str], settings: dict[str, str], is_work: bool
) -> None:
    """The option, the key of the environment, the variable with a profile, the profile ``default``."""
    assert run("login", stdin=emulator.api_key).exit_code == 0
    settings = {name: value.replace("KEY", emulator.api_key) for name, value in settings.items()}
    if "TWELVELABS_API_KEY" not in settings:
        settings["TWELVELABS_BASE_URL"] = ""
    result = run("indexes", "ls", *option, **settings)
    assert (result.exit_code, "at work" in result.stdout) == (0, is_work)


@pytest.mark.parametrize("settings", [{}, {"TWELVELABS_PROFILE": "default"}], ids=["default", "variable"])
def test_a_key_is_not_used_where_another_url_is_meant(
    run: Run, work: Emulator, emulator: Emulator, settings: dict[str, str]
) -> None:
    """Else a command for an emulator would delete on the platform, or a key would be sent to another host."""
    assert run("login", stdin=emulator.api_key).exit_code == 0
    requests = len(emulator.requests), len(work.requests)
    refused = run("indexes", "ls", **settings, TWELVELABS_BASE_URL=work.url)
    assert (refused.exit_code, f"the profile 'default' belongs to {emulator.url}" in refused.stderr) == (2, True)
    assert (len(emulator.requests), len(work.requests)) == requests
    assert run("indexes", "ls", "--profile", "default", TWELVELABS_BASE_URL=work.url).exit_code == 0
    assert len(emulator.requests) == requests[0] + 1


def test_a_profile_that_does_not_exist_is_an_error(run: Run, emulator: Emulator) -> None:
    """Neither the key of the environment nor the default profile takes its place."""
    assert run("login", stdin=emulator.api_key).exit_code == 0
    sent = len(emulator.requests)
    for arguments, settings in (
        (["indexes", "ls", "--profile", "typo"], {}),
        (["indexes", "ls"], {"TWELVELABS_PROFILE": "typo", "TWELVELABS_API_KEY": None}),
        (["logout", "--profile", "typo"], {}),
    ):
        result = run(*arguments, **settings)
        assert (result.exit_code, "There is no profile 'typo'" in result.stderr) == (2, True)
    assert len(emulator.requests) == sent


def test_doctor_says_where_the_key_is_from(run: Run, work: Emulator) -> None:
    assert "the key of the profile 'work' is accepted" in run("doctor", "--profile", "work").stdout
    assert f"{work.url} responds" in run("doctor", "--profile", "work").stdout
    assert "run `twelvelabs-async login`" in run("doctor").stdout


def test_logout_deletes_a_key(run: Run, work: Emulator) -> None:
    assert run("logout", "--profile", "work").exit_code == 0
    assert "tlk_of_work" not in file_of_profiles().read_text()
    assert run("indexes", "ls", "--profile", "work").exit_code == 2
    assert run("profiles").stdout == ""


def test_profiles_are_listed_without_keys(run: Run, work: Emulator) -> None:
    [listed] = map(json.loads, run("profiles", "--json", TWELVELABS_PROFILE="work").stdout.splitlines())
    assert listed == {"name": "work", "base_url": work.url, "storage": "file", "in_use": True}
    assert "tlk_" not in run("profiles").output


def test_a_keyring_has_the_keys_if_there_is_one(
    run: Run, emulator: Emulator, no_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has the names and the URLs alone."""
    keyring = Keyring()
    monkeypatch.setattr(_profile_store, "require", lambda *_: keyring)
    done = run("login", stdin=emulator.api_key)
    assert "The profile 'default' is stored in the keyring." in done.stderr
    assert keyring.passwords == {("twelvelabs-async", "default"): emulator.api_key}
    assert emulator.api_key not in file_of_profiles().read_text()
    assert run("indexes", "ls").exit_code == 0
    keyring.passwords.clear()
    lost = run("indexes", "ls")
    assert (lost.exit_code, "twelvelabs-async login --profile default" in lost.stderr) == (1, True)
    assert run("logout").exit_code == 0
    assert run("indexes", "ls").exit_code == 3


def test_a_locked_keyring_is_one_line(run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to do without a keyring, and nothing is stored."""

    class Locked(Keyring):
        def set_password(self, *_: Any) -> None:
            raise RuntimeError("it is locked")

    monkeypatch.setattr(_profile_store, "require", lambda *_: Locked())
    result = run("login", stdin=emulator.api_key)
    assert (result.exit_code, file_of_profiles().exists()) == (1, False)
    assert "The keyring failed: it is locked. To keep keys in a file instead, set" in result.stderr


def test_the_package_keyring_is_asked() -> None:
    """It has the functions that are used, and a backend with a priority."""
    keyring = pytest.importorskip("keyring")
    assert all(callable(getattr(keyring, name)) for name in ("get_password", "set_password", "delete_password"))
    assert isinstance(keyring.get_keyring().priority, int | float)


def test_a_damaged_file_is_reported_without_its_content(run: Run, no_key: None) -> None:
    file_of_profiles().parent.mkdir()
    file_of_profiles().write_text("tlk_secret is not in a section")
    for command in (["indexes", "ls"], ["profiles"], ["login"]):
        result = run(*command, stdin="tlk_emulator")
        assert (result.exit_code, "is damaged" in result.stderr) == (1, True)
        assert "tlk_secret" not in result.output


def test_a_file_that_is_not_readable_is_an_error(run: Run, no_key: None) -> None:
    """It is not taken for a file without profiles, which `login` would replace."""
    file_of_profiles().mkdir(parents=True)
    for command in (["indexes", "ls"], ["profiles"], ["login"]):
        result = run(*command, stdin="tlk_emulator")
        assert (result.exit_code, "profiles.ini" in result.stderr) == (1, True)


@pytest.mark.usefixtures("no_key")
def test_profiles_that_are_stored_at_once_are_all_kept() -> None:
    names = [f"p{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        [*pool.map(lambda name: _profile_store.store_profile(name, "https://a", "tlk_a"), names)]
    assert sorted(profile.name for profile in _profile_store.list_profiles()) == names


def test_the_file_can_be_read_and_edited(run: Run, work: Emulator) -> None:
    """It is an INI file, as that of aws."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(file_of_profiles())
    assert dict(parser["work"]) == {"base_url": work.url, "api_key": "tlk_of_work"}


def test_a_recorded_command_has_the_key_and_url_of_its_profile(run: Run, work: Emulator, emulator: Emulator) -> None:
    """The option may stand after the command. A replay needs no key."""
    recorded = run("--record", "ls.jsonl", "indexes", "ls", "--profile", "work")
    assert recorded.stdout.endswith("at work\n")
    assert "tlk_of_work" not in Path("ls.jsonl").read_text()
    replayed = run("--replay", "ls.jsonl", "indexes", "ls", TWELVELABS_BASE_URL=None)
    assert (replayed.exit_code, len(replayed.stdout.splitlines())) == (0, 1)
    assert not emulator.requests


@pytest.mark.usefixtures("no_key")
def test_a_terminal_asks_for_the_key_without_an_echo(emulator: Emulator) -> None:
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(screen, (24, 120))
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    process = subprocess.Popen([PROGRAM, "login"], start_new_session=True, **streams)
    os.close(terminal)
    output = b""
    while b"API key for " not in output:
        output += os.read(screen, 65536)
    os.write(screen, f"{emulator.api_key}\n".encode())
    try:
        while piece := os.read(screen, 65536):
            output += piece
    except OSError:  # the process has closed its end
        pass
    os.close(screen)
    assert process.wait(30) == 0
    assert "The API key is accepted." in output.decode()
    assert emulator.api_key not in output.decode()


@pytest.mark.emulator(processing_time=0, indexing_time=0)
def test_a_retried_run_has_its_profile_or_another_one(run: Run, emulator: Emulator, no_key: None) -> None:
    """With its own one, there is no question, since the account is the same."""
    for name in ("work", "other"):
        assert run("login", "--profile", name, stdin=emulator.api_key).exit_code == 0
    Path("a.mp4").write_bytes(video())
    run("indexes", "create", "talks", "--profile", "work")
    emulator.fail("POST", "/indexes/*/indexed-assets", status=400, times=1)
    assert run("index", "a.mp4", "--index", "talks", "--profile", "work").exit_code == 1
    for options, used in (([], "work"), (["--profile", "other"], "other")):
        again = run("runs", "retry", "talks", *options)
        assert (again.exit_code, again.stdout[:6]) == (0, "ready ")
        [command] = [line for line in again.stderr.splitlines() if line.startswith("  twelvelabs-async index")]
        assert command.split("--profile ")[-1].split()[0] == used

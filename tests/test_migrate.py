"""``python -m twelvelabs_async migrate``: programs, notebooks and requirements for the official SDK, rewritten."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.cli import main
from twelvelabs_async.migration.edits import apply
from twelvelabs_async.migration.notebooks import migrate_notebook
from twelvelabs_async.migration.programs import migrate_program
from twelvelabs_async.migration.requirements import migrate_pyproject, migrate_requirements
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA

Migrate = Callable[..., int]

IMPORTS = {
    "import twelvelabs": "import twelvelabs_async as twelvelabs",
    "import os, twelvelabs, sys": "import os, twelvelabs_async as twelvelabs, sys",
    "import twelvelabs as tl": "import twelvelabs_async as tl",
    "import twelvelabs.types": "import twelvelabs_async.types, twelvelabs_async as twelvelabs",
    "import twelvelabs.types.asset as a": "import twelvelabs_async.types.asset as a",
    "import twelvelabs, twelvelabs.types, twelvelabs.core": (
        "import twelvelabs_async as twelvelabs, twelvelabs_async.types, twelvelabs_async.core"
    ),
    "from twelvelabs import TwelveLabs  # of twelvelabs": "from twelvelabs_async import TwelveLabs  # of twelvelabs",
    "from twelvelabs import *": "from twelvelabs_async import *",
    "from  twelvelabs . types import (\n\tAsset,\n)": "from  twelvelabs_async . types import (\n\tAsset,\n)",
    "from \\\n twelvelabs import Asset": "from \\\n twelvelabs_async import Asset",
    "ü = 1; from twelvelabs import Asset": "ü = 1; from twelvelabs_async import Asset",
    "try:\r\n\timport twelvelabs\r\nexcept ImportError:\r\n\ttwelvelabs = None": (
        "try:\r\n\timport twelvelabs_async as twelvelabs\r\nexcept ImportError:\r\n\ttwelvelabs = None"
    ),
    "x = 1\rimport twelvelabs as t\r": "x = 1\rimport twelvelabs_async as t\r",
    "x = '\f\u2028'\nimport twelvelabs as t": "x = '\f\u2028'\nimport twelvelabs_async as t",
    "importlib.import_module('twelvelabs.types')": "importlib.import_module('twelvelabs_async.types')",
    "importlib.import_module('.types', package=r'twelvelabs')": (
        "importlib.import_module('.types', package=r'twelvelabs_async')"
    ),
    '__import__("twelvelabs")': '__import__("twelvelabs_async")',
    "find_spec(name='twelvelabs')": "find_spec(name='twelvelabs_async')",
    "pytest.importorskip('twelvelabs')": "pytest.importorskip('twelvelabs_async')",
}
UNCHANGED = [
    "from . import twelvelabs",
    "from .twelvelabs import client",
    "from twelvelabs_async import TwelveLabs",
    "import twelvelabs_extra, my.twelvelabs",
    "from my.twelvelabs import x",
    "print('import twelvelabs')  # import twelvelabs",
    '"""import twelvelabs"""',
    "twelvelabs = 1",
    "client.task.create(file=1)",
    "from openai import OpenAI\nclient = OpenAI()\nclient.task.create(file=1)",
    "from twelvelabs_async import TwelveLabs\nclient = TwelveLabs()\nclient = OpenAI()\nclient.task.create(file=1)",
]
CLIENTS = [
    "client = TwelveLabs(api_key='x')",
    "client: TwelveLabs = create()",
    "client: 'TwelveLabs | None' = None\nclient = TwelveLabs()",
    "client = None\nclient = existing or TwelveLabs()",
    "client = TwelveLabs() if x else None",
    "def use(client: TwelveLabs | None): ...",
    "def use(client: Optional[TwelveLabs] = None): ...",
    "with TwelveLabs() as client: ...",
    "def create() -> TwelveLabs: ...\nclient = create()",
    "def create():\n    return TwelveLabs()\nclient = create()",
    "if (client := TwelveLabs()): ...",
    "first = TwelveLabs()\nsecond = first\nclient = second",
]
CALLS = {
    "client.index.create(name='x', models=[{'name': 'm', \"options\": []}, m])": (
        "client.indexes.create(index_name='x', models=[{'model_name': 'm', \"model_options\": []}, m])"
    ),
    "client.indexes.create(name='x')": "client.indexes.create(index_name='x')",
    "client.index.video.list(i)": "client.indexes.videos.list(i)",
    "client.task.create(i, file=f, **more)": "client.tasks.create(i, video_file=f, **more)",
    "client.task.create(i,\n    url=u)": "client.tasks.create(i,\n    video_url=u)",
    "client.embed.task.retrieve(t)": "client.embed.tasks.retrieve(t)",
    "client.search.query(i, options=o)": "client.search.query(i, search_options=o)",
    "tasks = client.task": "tasks = client.tasks",
    "client.tasks.list()": "client.tasks.list()",
}
FINDINGS = {
    "client.analyze(video_id='x')": "analyze(video_id=): ",
    "other.analyze(video_id='x')": "analyze(video_id=): ",
    "client.generate.text('x')": "The API has no operation generate",
    "client.task.transfer.import_videos()": "The API has no transfers any more",
    "client.search.by_page_token(t)": "Use client.search.retrieve",
    "client.index.video.thumbnail(i, v)": "",
    "client.task.create(i, language='en')": "create(language=): ",
    "task = client.tasks.create()\ntask.wait_for_done()": "If this is a task: Use client.tasks.wait_for_done(task.id).",
    "client.summarize('x', type='summary')": "The API has no operation summarize",
    "TwelveLabs(httpx_client=h)": "TwelveLabs(httpx_client=): ",
    "for hit in client.search.query():\n    hit.score, hit.clips": "If this is a hit: The API returns no scores",
    "import httpx\ntry: ...\nexcept (OSError, httpx.HTTPError): ...": "No error of httpx is raised here",
    "from httpx import HTTPError as E\ntry: ...\nexcept E: ...": "No error of httpx is raised here",
    "@patch('twelvelabs.client.TwelveLabs')\ndef f(): ...": "twelvelabs_async.client.TwelveLabs",
    "sys.modules['twelvelabs'] = fake": "This key of sys.modules is not changed",
    "patch.dict('sys.modules', {'twelvelabs': fake})": "This key of sys.modules is not changed",
    "importlib.metadata.version('twelvelabs')": "The distribution is twelvelabs_async",
    "from twelvelabs import NoSuchName": "NoSuchName",
    "from twelvelabs.models.task import Task": "models.task.Task does not exist. Its name is VideoIndexingTask.",
    "from twelvelabs.core.serialization import FieldMetadata": "Models have to_dict()",
    "setup(install_requires=['twelvelabs>=1.3'])": "Require twelvelabs_async",
}
REQUIREMENTS = {
    "twelvelabs": "twelvelabs_async",
    "TwelveLabs >= 1.3, <2 # sdk": "twelvelabs_async # sdk",
    "a\r\n  twelvelabs==1.3.6\r\nb\r\n": "a\r\n  twelvelabs_async\r\nb\r\n",
    "twelvelabs~=1.3.0 ; python_version > '3.10'": "twelvelabs_async ; python_version > '3.10'",
    "twelvelabs_async>=1": "twelvelabs_async>=1",
    "llama-index-twelvelabs\ntwelvelabs-x": "llama-index-twelvelabs\ntwelvelabs-x",
}


def rewritten(text: str) -> str:
    return apply(text, migrate_program(text).edits)


@pytest.fixture
def migrate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migrate:
    """A function that runs the command in an empty folder, and returns the exit code."""
    monkeypatch.chdir(tmp_path)

    def migrate(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["twelvelabs-async", "migrate", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code

    return migrate


@pytest.mark.parametrize(("text", "expected"), IMPORTS.items())
def test_every_form_of_import_is_rewritten(text: str, expected: str) -> None:
    assert rewritten(text) == expected


@pytest.mark.parametrize("text", UNCHANGED)
def test_other_modules_strings_comments_and_objects_are_not_changed(text: str) -> None:
    migration = migrate_program(text)
    assert (migration.edits, migration.findings) == ([], [])


@pytest.mark.parametrize("client", CLIENTS)
def test_attributes_are_renamed_wherever_a_client_comes_from(client: str) -> None:
    program = f"from twelvelabs import TwelveLabs\n{client}\nclient.task\n"
    assert rewritten(program).endswith("\nclient.tasks\n")


@pytest.mark.parametrize(
    "client", ["tl.TwelveLabs()", "AsyncTwelveLabs()", "make()"], ids=["module", "asynchronous", "own name"]
)
def test_attributes_are_renamed_of_every_class_of_clients(client: str) -> None:
    imports = "import twelvelabs as tl\nfrom twelvelabs import AsyncTwelveLabs, TwelveLabs as make\n"
    program = f"{imports}class A:\n    def __init__(self):\n        self.c = {client}\n        self.c.task\n"
    assert rewritten(program).endswith("\n        self.c.tasks\n")


@pytest.mark.parametrize(("call", "expected"), CALLS.items())
def test_renamed_calls_are_rewritten(call: str, expected: str) -> None:
    program = "from twelvelabs_async import TwelveLabs\nclient = TwelveLabs()\n"
    assert rewritten(program + call) == program + expected


@pytest.mark.parametrize(("text", "expected"), FINDINGS.items())
def test_what_needs_a_decision_is_reported_with_a_hint(text: str, expected: str) -> None:
    program = f"from twelvelabs import TwelveLabs\nclient = TwelveLabs()\n{text}"
    [finding] = migrate_program(program).findings
    assert expected in finding.message
    assert finding.start > program.index(text) - 1


@pytest.mark.parametrize(("text", "expected"), REQUIREMENTS.items())
def test_simple_requirements_are_rewritten(text: str, expected: str) -> None:
    migration = migrate_requirements(text)
    assert (apply(text, migration.edits), migration.findings) == (expected, [])


@pytest.mark.parametrize("text", ["twelvelabs @ git+https://x/twelvelabs", "twelvelabs[extra]", "-e twelvelabs"])
def test_other_requirements_are_reported(text: str) -> None:
    migration = migrate_requirements(text)
    assert not migration.edits
    assert len(migration.findings) == 1


def test_dependencies_of_a_project_are_rewritten() -> None:
    text = dedent("""\
        [project]
        name = "demo"  # with twelvelabs
        dependencies = ["aiohttp", 'twelvelabs>=1.3,<2']
        [dependency-groups]
        dev = ["twelvelabs", {include-group = "x"}]
        """)
    migration = migrate_pyproject(text)
    assert apply(text, migration.edits) == text.replace("'twelvelabs>=1.3,<2'", "'twelvelabs_async'").replace(
        '"twelvelabs"', '"twelvelabs_async"'
    )
    assert not migration.findings


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "twelvelabs"\ndependencies = ["twelvelabs"]',
        '[tool.poetry.dependencies]\ntwelvelabs = "^1.3"',
    ],
)
def test_what_may_not_be_a_dependency_is_reported(text: str) -> None:
    migration = migrate_pyproject(text)
    assert not migration.edits
    assert migration.findings


FRAGMENTS = st.sampled_from(
    [*IMPORTS, *UNCHANGED, *(f"from twelvelabs import TwelveLabs\nclient = TwelveLabs()\n{call}" for call in CALLS)]
)


@given(st.lists(FRAGMENTS, max_size=4))
def test_a_second_migration_changes_nothing(fragments: list[str]) -> None:
    once = rewritten("\n".join(fragments))
    assert rewritten(once) == once


def test_a_dry_run_prints_a_patch_that_git_applies(
    migrate: Migrate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "a.py"
    program.write_bytes(b"import twelvelabs\r\n\r\nx = 1\n\n\n\n\n\n\nimport twelvelabs as t")
    assert migrate(".") == 1
    patch = capsys.readouterr().out
    assert program.read_bytes().startswith(b"import twelvelabs\r\n")
    subprocess.run(["git", "apply", "-"], input=patch.encode(), check=True)
    by_patch = program.read_bytes()
    assert migrate("--write", ".") == 0
    assert program.read_bytes() == by_patch
    assert by_patch.endswith(b"import twelvelabs_async as t")


@pytest.mark.parametrize(
    ("start", "encoding"),
    [("\ufeff", "utf-8"), ("# coding: latin-1\r\n", "latin-1"), ("#!/usr/bin/python3\n# é 漢\n", "utf-8")],
    ids=["BOM", "latin-1", "shebang"],
)
def test_encoding_line_breaks_and_mode_of_a_file_stay(
    migrate: Migrate, tmp_path: Path, start: str, encoding: str
) -> None:
    text = f"{start}def f():\r\n\tx = 'é'\n\timport twelvelabs\r\n\x0c"
    program = tmp_path / "é.py"
    program.write_bytes(text.encode(encoding))
    program.chmod(0o751)
    link = tmp_path / "link.py"
    link.symlink_to(program)
    assert migrate("--write", str(link)) == 0
    assert program.read_bytes() == text.replace("twelvelabs", "twelvelabs_async as twelvelabs").encode(encoding)
    assert program.stat().st_mode & 0o777 == 0o751
    assert link.is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_requirements_that_powershell_wrote_are_rewritten(migrate: Migrate, tmp_path: Path) -> None:
    """``pip freeze >`` writes UTF-16 there, which pip reads."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_bytes("a==1\r\ntwelvelabs==1.3.6\r\n".encode("utf-16"))
    assert migrate("--write", str(requirements)) == 0
    assert requirements.read_bytes() == "a==1\r\ntwelvelabs_async\r\n".encode("utf-16")


def test_a_file_that_cannot_be_migrated_does_not_stop_the_others(
    migrate: Migrate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("import twelvelabs\nprint 'Python 2'\n")
    (tmp_path / "b.py").write_bytes(b"import twelvelabs\n'\xff'\n")
    (tmp_path / "c.py").write_bytes(b"# coding: nonsense\nimport twelvelabs\n")
    (tmp_path / "d.py").write_bytes(b"import twelvelabs\n\0\n")
    (tmp_path / "e.py").write_bytes(b"import twelvelabs\nx = " + b"(" * 5000)
    (tmp_path / "f.ipynb").write_bytes(b'{"worksheets": ["twelvelabs"]}')
    (tmp_path / "g.py").write_text("from twelvelabs import TwelveLabs\n")
    assert migrate("--write", ".") == 2
    output = capsys.readouterr()
    assert [line.partition(":")[0] for line in output.err.splitlines()] == [
        "a.py", "b.py", "c.py", "d.py", "e.py", "f.ipynb",
    ]  # fmt: skip
    assert output.err.startswith("a.py:2: This file is not changed: ")
    assert output.out == "changed g.py\n"
    assert (tmp_path / "g.py").read_text() == "from twelvelabs_async import TwelveLabs\n"


def test_of_a_folder_programs_notebooks_and_requirements_are_migrated(
    migrate: Migrate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skipped = [".git/a.py", "venv/lib/a.py", "node_modules/a.py", "a.txt", "a.md"]
    found = ["a.py", "b/a.pyi", "requirements-dev.txt", "requirements/base.in"]
    for name in [*skipped, *found]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import twelvelabs" if path.suffix.startswith(".py") else "twelvelabs")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert migrate("--write", ".") == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(["changed"] * len(found) + found)
    for name in skipped:
        assert "_async" not in (tmp_path / name).read_text()


@pytest.mark.parametrize(
    ("module", "program", "is_local"),
    [
        ("twelvelabs.py", "a.py", True),
        ("twelvelabs/__init__.py", "a.py", True),
        ("twelvelabs.py", "twelvelabs.py", True),
        ("package/twelvelabs.py", "package/a.py", False),
        ("twelvelabs/a.py", "a.py", False),
    ],
)
def test_imports_of_a_module_beside_the_program_are_reported(
    migrate: Migrate, tmp_path: Path, capsys: pytest.CaptureFixture[str], module: str, program: str, is_local: bool
) -> None:
    (tmp_path / module).parent.mkdir(exist_ok=True)
    (tmp_path / "package").mkdir(exist_ok=True)
    (tmp_path / "package" / "__init__.py").touch()
    for name in (module, program):
        (tmp_path / name).write_text("from twelvelabs import TwelveLabs\n")
    assert migrate("--write", program) == is_local
    assert ("beside the file" in capsys.readouterr().err) == is_local
    assert ("_async" in (tmp_path / program).read_text()) != is_local


def test_a_missing_file_is_an_error(migrate: Migrate, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate("missing.py") == 2
    assert "missing.py: This file is not changed: No such file" in capsys.readouterr().err


NOTEBOOK = r"""{"cells": [
  {"cell_type": "markdown", "source": ["import twelvelabs"]},
  {"cell_type": "code", "outputs": [{"text": ["import twelvelabs\n"]}], "source": [
     "!pip install -U twelvelabs==1.3.6 'tqdm'\n", "%pip install \\\n", "  twelvelabs\n", "x = !ls\n", "x?\n",
     "from twelvelabs import TwelveLabs\n", "import \u0074welvelabs.types"]},
  {"cell_type": "code", "source": "%%bash\npip freeze | grep twelvelabs"},
  {"source":"\u00e9 = '\ud83d\ude00'; client = TwelveLabs()\r\nclient\/task","cell_type": "code"},
  {"cell_type": "code", "source": ["client = TwelveLabs()\n", "await client.task.create(\n", "  file='\\n')"]},
  {"cell_type": "code", "source": ["import twelvelabs\n", "print 1"]},
  {"cell_type": "code", "source": []},
  {"cell_type": "code", "source": ["%%time\n", "\"\"\"\n", "!x\"\"\"\n", "import twelvelabs as t"]}
], "metadata": {"source": "twelvelabs"}, "nbformat": 4}
"""


def test_only_the_code_in_a_notebook_is_changed() -> None:
    migration = migrate_notebook(NOTEBOOK)
    changes = {
        "twelvelabs==1.3.6 'tqdm'": "twelvelabs_async 'tqdm'",
        '"  twelvelabs\\n"': '"  twelvelabs_async\\n"',
        "from twelvelabs import": "from twelvelabs_async import",
        "import \\u0074welvelabs.types": "import twelvelabs_async.types, twelvelabs_async as twelvelabs",
        "client.task.create": "client.tasks.create",
        "  file=": "  video_file=",
        "import twelvelabs as t": "import twelvelabs_async as t",
    }
    expected = NOTEBOOK
    for old, new in changes.items():
        assert old in expected
        expected = expected.replace(old, new)
    assert apply(NOTEBOOK, migration.edits) == expected
    assert apply(expected, migrate_notebook(expected).edits) == expected
    [finding] = [found for found in migration.findings if "cell" in found.message]
    assert NOTEBOOK[finding.start :].startswith('import twelvelabs\\n", "print 1')


def test_notebooks_of_other_languages_are_not_changed() -> None:
    text = json.dumps(
        {"cells": [{"cell_type": "code", "source": "import twelvelabs"}], "metadata": {"language_info": {"name": "R"}}}
    )
    assert not migrate_notebook(text).edits


OLD_PROGRAM = """\
import os
import twelvelabs
from twelvelabs import TwelveLabs

client = TwelveLabs(api_key=os.environ["TWELVELABS_API_KEY"])
index = client.index.create(name="talks", models=[{"name": "marengo3.0", "options": ["visual"]}])
task = client.task.create(index_id=index.id, file=os.environ["CLIP"])
try:
    client.tasks.retrieve("0123456789abcdef01234567")
except twelvelabs.BadRequestError as error:
    status = error.status_code
hits = list(client.search.query(index_id=index.id, options=["visual"], query_text="a ball"))
"""
PROGRAM = """\
import importlib
import os
import twelvelabs.types.asset
import twelvelabs as tl
from twelvelabs import TwelveLabs
from twelvelabs.core import RequestOptions
from twelvelabs.core.api_error import ApiError
from twelvelabs.embed import TasksRetrieveResponse
from twelvelabs.errors.bad_request_error import BadRequestError
from twelvelabs.indexes import IndexesCreateRequestModelsItem
from twelvelabs.tasks import TasksRetrieveResponse as IndexingTask
from twelvelabs.types import VideoSegment
from twelvelabs.types.video_context import VideoContext_AssetId

def dump(model):
    for method in ("model_dump", "dict"):
        if hasattr(model, method):
            return getattr(model, method)()

def describe(client: TwelveLabs, options: RequestOptions):
    models = [IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual"])]
    index = client.indexes.create(index_name="talks", models=models, request_options=options)
    yield dump(client.indexes.retrieve(index.id))["index_name"]
    task = client.tasks.create(index_id=index.id, video_url="https://example.com/ball.mp4")
    done = client.tasks.wait_for_done(task_id=task.id, sleep_interval=0.01, callback=lambda task: None)
    yield isinstance(done, IndexingTask), done.status
    for hit in client.search.query(index_id=index.id, search_options=["visual"], query_text="a ball"):
        yield hit.rank, hit.start < hit.end, sorted(hit.model_dump(exclude_none=True))
    raw = client.indexes.with_raw_response.retrieve(index.id)
    yield raw.data.index_name, raw.headers["content-type"]
    for failing, kind in (("0123456789abcdef01234567", BadRequestError), ("x", ApiError)):
        try:
            client.tasks.retrieve(failing)
        except kind as error:
            yield type(error).__name__, error.status_code, error.body["code"]
    embedded = client.embed.tasks.create(model_name="marengo3.0", video_url="https://example.com/ball.mp4")
    client.embed.tasks.wait_for_done(embedded.id, sleep_interval=0.01)
    yield isinstance(client.embed.tasks.retrieve(embedded.id), TasksRetrieveResponse)
    yield VideoContext_AssetId(asset_id="x").dict()
    yield VideoSegment(start_offset_sec=1.0).model_dump(exclude_none=True)
    yield importlib.import_module("twelvelabs.types.asset").Asset is twelvelabs.types.asset.Asset is tl.Asset

client = tl.TwelveLabs(api_key=os.environ["TWELVELABS_API_KEY"])
described = list(describe(client, {"timeout_in_seconds": 20}))
"""


def as_notebook(program: str) -> str:
    """Return a notebook with a cell for each paragraph of a program."""
    cells = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in program.split("\n\n")]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1)


def test_a_program_does_the_same_after_its_migration(
    migrate: Migrate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the official SDK before, and with this package after, as a program and as a notebook."""
    (tmp_path / "before.py").write_text(PROGRAM)
    (tmp_path / "after.py").write_text(PROGRAM)
    (tmp_path / "notebook.ipynb").write_text(as_notebook(PROGRAM))
    assert migrate("--write", "after.py", "notebook.ipynb") == 0
    cells = json.loads((tmp_path / "notebook.ipynb").read_text())["cells"]
    assert "\n\n".join("".join(cell["source"]) for cell in cells) == (tmp_path / "after.py").read_text()
    described = []
    for program in ("before.py", "after.py"):
        with Emulator(processing_time=0, indexing_time=0, embedding_time=0) as emulator:
            monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
            monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
            connections = httpx.Client(verify=False)
            monkeypatch.setattr(httpx, "Client", lambda connections=connections, **_: connections)
            names = runpy.run_path(program)
            described.append(names["described"])
            connections.close()  # the official client has no method that closes it
    names["client"].close()
    assert described[0] == described[1]
    assert len(described[0]) >= 10


@pytest.mark.emulator(processing_time=0, indexing_time=0)
def test_a_program_for_version_0_runs_after_its_migration(
    migrate: Migrate, tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "program.py").write_text(OLD_PROGRAM)
    assert migrate("--write", "program.py") == 0
    monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    monkeypatch.setenv("CLIP", os.fspath(MEDIA / "bouncing_ball.mp4"))
    names = runpy.run_path("program.py")
    names["client"].close()
    assert names["status"] == 400
    assert names["hits"]

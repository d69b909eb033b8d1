"""Module paths and names of the official SDK, its import name, and hints for what it has no more."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import re
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import twelvelabs_async

# Modules and names of the official SDK that exist for its own code. Each import of one gives a hint.
INTERNAL = {
    "core.client_wrapper": "holds an httpx client and its headers",
    "core.datetime_utils": "formats times for JSON",
    "core.force_multipart": "makes httpx send a form without files",
    "core.http_client": "wraps an httpx client",
    "core.jsonable_encoder": "turns pydantic models into JSON",
    "core.query_encoder": "encodes queries for httpx",
    "core.remove_none_from_dict": "prepares bodies for httpx",
    "core.serialization": "renames keys of pydantic models",
    "raw_base_client": "sends the requests of another class",
    "raw_client": "sends the requests of another class",
}
INTERNAL_NAMES = {
    "core": "AsyncClientWrapper AsyncHttpClient BaseClientWrapper FieldMetadata HttpClient IS_PYDANTIC_V2"
    " SyncClientWrapper convert_and_respect_annotation_metadata convert_file_dict_to_httpx_tuples encode_query"
    " jsonable_encoder parse_obj_as remove_none_from_dict serialize_datetime universal_field_validator"
    " universal_root_validator update_forward_refs with_content_type",
    "core.file": "convert_file_dict_to_httpx_tuples with_content_type",
    "core.pydantic_utilities": "AnyCallable IS_PYDANTIC_V2 Model PydanticField V2RootModel deep_union_pydantic_dicts"
    " encode_by_type parse_obj_as to_jsonable_with_fallback universal_field_validator universal_root_validator"
    " update_forward_refs",
}
# Neither has a meaning for a program: type variables, and the logger of one module.
MEANINGLESS = {"T", "logger"}


def is_internal(path: str) -> bool:
    return path in INTERNAL or path.rpartition(".")[2] in INTERNAL


def names_of(module: ModuleType) -> list[str]:
    """Return the public names of an official module: ``__all__``, else what it defines."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    defined: list[str] = []
    for node in ast.parse(Path(str(module.__file__)).read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            defined.append(node.name)
        elif isinstance(node, ast.Assign):
            defined += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [name for name in defined if not name.startswith("_")]


@cache
def official_modules() -> dict[str, ModuleType]:
    """Return the modules of the official SDK by their paths below it."""
    official = pytest.importorskip("twelvelabs", reason="the official SDK is not installed")
    paths = [info.name for info in pkgutil.walk_packages(official.__path__, "twelvelabs.")]
    return {path.partition(".")[2]: importlib.import_module(path) for path in ["twelvelabs", *paths]}


def test_every_public_path_and_name_of_the_official_sdk_exists() -> None:
    missing: list[str] = []
    modules = official_modules()
    assert len(modules) > 590
    for path, module in modules.items():
        if is_internal(path):
            continue
        ours = importlib.import_module(f"twelvelabs_async.{path}".rstrip("."))
        excepted = {*MEANINGLESS, *INTERNAL_NAMES.get(path, "").split()}
        missing += [f"{path}: {name}" for name in names_of(module) if name not in excepted and not hasattr(ours, name)]
    assert missing == []


def test_internal_modules_and_names_of_the_official_sdk_give_hints() -> None:
    paths = [path for path in official_modules() if is_internal(path)]
    paths += [f"{path}.{name}" for path, names in INTERNAL_NAMES.items() for name in names.split()]
    assert len(paths) > 50
    for path in paths:
        package, _, name = path.rpartition(".")
        with pytest.raises(ModuleNotFoundError, match=re.escape(f"twelvelabs_async has no {path}. ")):
            __import__(f"twelvelabs_async.{package}".rstrip("."), fromlist=[name])


def test_classes_are_the_same_at_every_path() -> None:
    from twelvelabs_async import VideoContext, VideoSegment
    from twelvelabs_async import types as module
    from twelvelabs_async.core.api_error import ApiError
    from twelvelabs_async.errors.bad_request_error import BadRequestError
    from twelvelabs_async.types.video_context import VideoContext as Leaf

    segment = importlib.import_module("twelvelabs_async.types.video_segment")
    not_found = importlib.import_module("twelvelabs_async.errors.not_found_error")
    assert module.VideoSegment is segment.VideoSegment is VideoSegment
    assert Leaf is VideoContext
    assert not_found.NotFoundError is twelvelabs_async.NotFoundError
    assert BadRequestError is twelvelabs_async.BadRequestError
    assert issubclass(BadRequestError, ApiError)


def test_tasks_of_indexing_and_of_embedding_are_different_classes() -> None:
    from twelvelabs_async.embed import TasksCreateResponse
    from twelvelabs_async.embed import TasksRetrieveResponse as Embedding
    from twelvelabs_async.embed.v_2 import TasksCreateResponse as SecondVersion
    from twelvelabs_async.tasks import TasksRetrieveResponse as Indexing
    from twelvelabs_async.tasks.types.tasks_retrieve_response import TasksRetrieveResponse as Leaf

    assert Indexing is Leaf is twelvelabs_async.VideoIndexingTask
    assert Embedding is twelvelabs_async.EmbedTasksRetrieveResponse
    assert TasksCreateResponse is twelvelabs_async.EmbedTasksCreateResponse
    assert SecondVersion is twelvelabs_async.EmbedV2TasksCreateResponse


def test_clients_are_at_their_official_paths() -> None:
    from twelvelabs_async.client import AsyncTwelveLabs, TwelveLabs
    from twelvelabs_async.sync.tasks import Tasks

    assert TwelveLabs is twelvelabs_async.TwelveLabs
    assert AsyncTwelveLabs is twelvelabs_async.AsyncTwelveLabs
    assert importlib.import_module("twelvelabs_async.wrapper.task_client_wrapper").TaskClientWrapper is Tasks
    assert importlib.import_module("twelvelabs_async.tasks.client").TasksClient is Tasks


def test_packages_are_attributes_and_list_their_names() -> None:
    assert "SearchRetrieveResponse" in twelvelabs_async.search.__all__
    assert "VideoSegment" in dir(twelvelabs_async.types)
    assert dict(inspect.getmembers(twelvelabs_async.types))["VideoSegment"] is twelvelabs_async.VideoSegment
    assert importlib.reload(twelvelabs_async.assets).AssetsListResponse is twelvelabs_async.AssetsListResponse


@pytest.mark.parametrize("package", ["", ".types", ".knowledge_stores.types", ".errors"])
def test_star_imports_bring_all_names(package: str) -> None:
    names: dict[str, object] = {}
    exec(f"from twelvelabs_async{package} import *", names)
    assert set(importlib.import_module(f"twelvelabs_async{package}").__all__) <= set(names)


def test_unknown_paths_do_not_exist() -> None:
    assert importlib.util.find_spec("twelvelabs_async.no_such_thing") is None
    assert importlib.util.find_spec("twelvelabs_async.types.no_such_thing") is None
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'twelvelabs_async\.no_such_thing'"):
        importlib.import_module("twelvelabs_async.no_such_thing")
    with pytest.raises(ImportError, match="cannot import name 'NoSuchThing' from 'twelvelabs_async"):
        exec("from twelvelabs_async.types import NoSuchThing")


@pytest.mark.parametrize(
    ("statement", "hint"),
    [
        ("from twelvelabs_async import ResponseFormat", "SyncResponseFormat"),
        ("from twelvelabs_async.types import ResponseFormat", "SyncResponseFormat"),
        ("from twelvelabs_async.types.response_format import ResponseFormat", "SyncResponseFormat"),
        ("from twelvelabs_async.types import Gist", "client.analyze"),
        ("from twelvelabs_async.models import Task", "VideoIndexingTask"),
        ("from twelvelabs_async.models.task import Task", "VideoIndexingTask"),
        ("from twelvelabs_async.models.embed import EmbeddingsTask, SegmentEmbedding", "MediaEmbeddingTask"),
        ("from twelvelabs_async.models.search import SearchData", "SearchItem"),
        ("from twelvelabs_async.models.generate import GenerateResult", "twelvelabs_async.types"),
        ("from twelvelabs_async.exceptions import NotFoundError", "twelvelabs_async.errors"),
        ("from twelvelabs_async import RateLimitError", "TooManyRequestsError"),
        ("from twelvelabs_async.tasks.transfers.client import TransfersClient", "client.imports"),
        ("from twelvelabs_async.manage_entities import ManageEntitiesClient", "client.entity_collections.entities"),
    ],
)
def test_imports_of_removed_names_say_what_replaces_them(statement: str, hint: str) -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        exec(statement)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("module", [twelvelabs_async, twelvelabs_async.types])
def test_attributes_that_were_removed_say_what_replaces_them(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'ResponseFormat'\. Use SyncResponseFormat"):
        _ = module.ResponseFormat


def run(*arguments: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=cwd)


def test_modules_of_core_are_attributes_without_an_import_of_their_own() -> None:
    """In a new process: an import anywhere else would make them attributes."""
    program = "import twelvelabs_async as sdk; print(sdk.core.api_error.ApiError is sdk.ApiError)"
    done = run("-c", f"{program}; sdk.core.request_options.RequestOptions")
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_program_imports_this_package_as_twelvelabs() -> None:
    """Modules and classes are the same, pickles name their own modules, and a second call has no effect."""
    done = run(
        "-c",
        """if True:
        import importlib.util, pickle, sys, threading, typing
        import twelvelabs_async
        twelvelabs_async.install_as_twelvelabs()
        finders = list(sys.meta_path)
        twelvelabs_async.install_as_twelvelabs()
        assert sys.meta_path == finders

        def import_all():
            import twelvelabs.embed.tasks, twelvelabs.types.video_segment
            from twelvelabs_async.search.types.search_retrieve_response import SearchRetrieveResponse
            modules.append(twelvelabs.types)

        modules = []
        threads = [threading.Thread(target=import_all) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert modules == [sys.modules["twelvelabs_async.types"]] * 8

        import twelvelabs, twelvelabs.assets.types
        from twelvelabs.types.video_segment import VideoSegment
        from twelvelabs.errors import BadRequestError
        assert twelvelabs is twelvelabs_async and BadRequestError is twelvelabs_async.BadRequestError
        for name, module in list(sys.modules.items()):
            if name.startswith("twelvelabs."):
                original = sys.modules[name.replace("twelvelabs", "twelvelabs_async", 1)]
                assert module is original and module.__spec__.name == module.__name__ == original.__name__, name
        assert VideoSegment is twelvelabs_async.types.VideoSegment
        segment = VideoSegment(float_=[1.0])
        assert pickle.loads(pickle.dumps(segment)) == segment
        assert b"twelvelabs_async.models" in pickle.dumps(segment)
        def function(a: "twelvelabs.types.VideoSegment"): ...
        assert typing.get_type_hints(function) == {"a": VideoSegment}
        assert importlib.util.find_spec("twelvelabs.no_such_thing") is None
        try:
            from twelvelabs.types import ResponseFormat
        except ModuleNotFoundError as error:
            assert "SyncResponseFormat" in str(error)
        """,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_official_sdk_that_was_imported_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "twelvelabs.py").touch()
    done = run("-c", "import twelvelabs, twelvelabs_async; twelvelabs_async.install_as_twelvelabs()", cwd=tmp_path)
    assert re.search(r"RuntimeError: twelvelabs has been imported from .*twelvelabs\.py\. Call install_as", done.stderr)


def test_importing_models_loads_no_client() -> None:
    """The asynchronous packages and the tables of paths are loaded when they are used."""
    program = "import sys; from twelvelabs_async.types import VideoSegment; print(*sys.modules, sep='\\n')"
    loaded = run("-c", program).stdout.split()
    assert "twelvelabs_async.models.indexed_assets" in loaded
    assert not {"aiohttp", "twelvelabs_async._client", "twelvelabs_async._official_paths"} & set(loaded)


PROGRAM = """\
import sys
import helper
from twelvelabs.types import VideoSegment
assert sys.modules["__main__"].__dict__ is globals()
print(__name__, VideoSegment.__module__, sys.argv[1:], helper.__name__)
if "exit" in sys.argv:
    sys.exit(7)
if "fail" in sys.argv:
    helper.fail()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text("def fail():\n    raise LookupError('no such video')\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path / "program.py"


@pytest.mark.parametrize("kind", ["file", "module", "stdin"])
def test_run_executes_a_program_for_the_official_sdk(program: Path, kind: str) -> None:
    """As python does: arguments, ``__main__``, the folder of the program, and the exit status."""
    named = {"file": ["program.py"], "module": ["-m", "program"], "stdin": ["-"]}[kind]
    stdin = PROGRAM if kind == "stdin" else ""
    done = run("-m", "twelvelabs_async", "run", *named, "a", "exit", stdin=stdin, cwd=program.parent)
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == "__main__ twelvelabs_async.models.indexed_assets ['a', 'exit'] helper\n"


def test_a_program_sees_the_path_that_python_gives_it(tmp_path: Path) -> None:
    """Absolute in ``__file__``, since programs look for files in its folder; as it was typed in ``sys.argv``."""
    program = tmp_path / "program.py"
    program.write_text("import sys; print(__file__, sys.argv[0])")
    by_python = run("program.py", cwd=tmp_path)
    done = run("-m", "twelvelabs_async", "run", "program.py", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (by_python.stdout, "")
    assert done.stdout.split() == [str(program), "program.py"]


def test_run_finds_modules_beside_a_program(program: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = run("-m", "twelvelabs_async", "run", str(program), cwd=tmp_path_factory.mktemp("elsewhere"))
    assert (done.returncode, done.stderr) == (0, "")


def test_run_shows_the_traceback_of_the_program_alone(program: Path) -> None:
    done = run("-m", "twelvelabs_async", "run", "program.py", "fail", cwd=program.parent)
    assert done.returncode == 1
    assert re.findall(r'File "(?:.*/)?([^"]+)"', done.stderr) == ["program.py", "helper.py"]
    assert done.stderr.endswith("LookupError: no such video\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_program_that_is_interrupted_ends_as_in_python(program: Path) -> None:
    program.write_text("raise KeyboardInterrupt")
    done = run("-m", "twelvelabs_async", "run", "program.py", cwd=program.parent)
    assert done.returncode == -signal.SIGINT


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("-m",), 2), (("nothing.py",), 2), (("--help",), 0)])
def test_run_explains_itself(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    done = run("-m", "twelvelabs_async", "run", *arguments, cwd=tmp_path)
    assert done.returncode == status
    assert re.match("usage: |No such file: nothing.py\n", done.stdout or done.stderr)

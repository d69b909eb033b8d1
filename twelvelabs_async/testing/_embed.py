"""Embeddings: vectors of the words that texts and files count for, at once or by tasks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import attrs
from aiohttp import web

from ..media.headers import read_media
from ._analyze import source, tokens
from ._clock import Job, lifecycle, rfc3339
from ._content import EMBEDDING_SIZE, Content, Kind, complete, embedding
from ._http import Form, page, read_form, read_json
from ._input import Json, a_list, an_object, boolean, find, integer, invalid, missing, moment, number, pick, text, texts
from ._platform import PLATFORM, seconds

routes = web.RouteTableDef()

# docs: Create embeddings. Seconds and bytes, tokens of a text, files for one vector.
_KEPT = 7 * 86_400.0
_MAX_FILE_SIZE = 2 * 1000**3
_MAX_TOKENS = {"marengo3.0": 500, "marengo3.5": 2_000}
_MAX_SECONDS = 600.0
_MAX_SOURCES = 10
_MAX_SIZE = 4_096
_OPTIONS: dict[Kind, list[str]] = {
    "audio": ["audio", "transcription"],
    "document": ["visual", "text"],
    "image": ["visual"],
    "video": ["visual", "audio", "transcription"],
}
_SCOPES: dict[Kind, list[str]] = {"document": ["local", "asset"], "image": ["asset"]}
_TIMED: tuple[Kind, ...] = ("audio", "video")
_SEPARATE, _FUSED = "separate_embedding", "fused_embedding"


@attrs.frozen
class Work:
    """A file to embed, and how; `clip_length` is what the request gave for all clips."""

    kind: Kind
    model: str
    about: Content
    place: Json
    options: list[str]
    scopes: list[str]
    types: list[str]
    stretch: tuple[float, float]
    shortest: float
    clip_length: int | None
    size: int
    uncertain: bool
    notes: list[Json]

    @property
    def is_timed(self) -> bool:
        return self.kind in _TIMED

    def vectors(self) -> Iterator[Json]:
        for scope in self.scopes:
            parts = cut(*self.stretch, self.shortest) if self.is_timed and scope != "asset" else [self.stretch]
            part_of_document = "page" if "visual" in self.options else "chunk"
            shown = scope if scope == "asset" else "clip" if self.is_timed else part_of_document
            for start, end in parts:
                times = {"start_sec": start, "end_sec": end} if self.is_timed else {}
                for option, words in self._words(start, end).items():
                    where = {"embedding_option": option, "embedding_scope": shown, **times}
                    yield {**vector(words, self.size, self.uncertain), **where}

    def _words(self, start: float, end: float) -> Mapping[str, str]:
        """The words in a stretch, by embedding option."""
        there = self.about.perceive(start, end)
        words = {option: {**there, "text": there["visual"]}[option] for option in self.options}
        notes = [str(note["text"]) for note in self.notes if note["start"] < end and note["end"] >= start]
        fused = {"fused": " ".join([*words.values(), *notes])} if _FUSED in self.types else {}
        return (words if _SEPARATE in self.types else {}) | fused

    def show(self) -> Json:
        """What the second version says of the file."""
        shown = {**self.place, "embedding_options": self.options, "embedding_scopes": self.scopes}
        if self.is_timed:
            start, end = self.stretch
            shown |= {"duration": self.about.media.duration, "start_offset_sec": start, "end_offset_sec": end}
        if self.kind == "video" and self.clip_length:
            shown["clip_length"] = self.clip_length
        return {"input_type": self.kind, **shown, **dimension(self.model, self.size)}

    def show_v1(self) -> Json:
        """What the first version says of the file, and lists of both."""
        scopes = ["video" if scope == "asset" else scope for scope in self.scopes]
        shown = {f"{self.kind}_embedding_option": self.options, f"{self.kind}_embedding_scope": scopes, **self.place}
        if self.kind == "video" and self.clip_length:
            shown["video_clip_length"] = self.clip_length
        return shown | ({"duration": self.about.media.duration} if self.is_timed else {})


@attrs.define(eq=False)
class Task(Job):
    """An embedding task; the vectors are made whenever they are asked for."""

    version: int
    work: Work

    def show(self, now: float) -> Json:
        times = {"created_at": rfc3339(self.created_at), "updated_at": rfc3339(self.updated_at(now))}
        return {"_id": self.id, "status": self.status(now), **times}

    def show_v1(self, now: float) -> Json:
        about = {"metadata": self.work.show_v1()}
        return {**self.show(now), "model_name": self.work.model, f"{self.work.kind}_embedding": about}


TASKS = web.AppKey("embedding_tasks", dict[str, Task])
tables = (TASKS,)


def vector(words: str, size: int, uncertain: bool) -> Json:
    made: Json = {"embedding": embedding(words, size)}
    return made | ({"embedding_uncertainty": [1 / (1 + len(words))] * size} if uncertain else {})


def dimension(model: str, size: int) -> Json:
    return {"embedding_dimension": size} if model == "marengo3.5" else {}


def cut(start: float, end: float, length: float) -> list[tuple[float, float]]:
    """A stretch of time in pieces of one length, the last of which may be shorter."""
    count = max(1, math.ceil(round((end - start) / length, 6)))
    return list(pairwise([*(start + place * length for place in range(count)), end]))


def _start(request: web.Request, version: int, work: Work) -> Task:
    platform, about = request.app[PLATFORM], work.about
    time, outcome = (
        seconds(platform.embedding_time, about.filename),
        "failed" if about.failure("embedding") else "ready",
    )
    states = lifecycle(platform.now(), time, {"processing": 0.0}, outcome)
    task = Task(platform.new_id(), states, version, work)
    request.app[TASKS][task.id] = task
    return task


def _kept(request: web.Request, version: int) -> dict[str, Task]:
    since = request.app[PLATFORM].now() - _KEPT
    tasks = request.app[TASKS].values()
    return {task.id: task for task in tasks if task.version == version and task.created_at > since}


@routes.get("/embed/tasks")
@routes.get("/embed-v2/tasks")
async def list_(request: web.Request) -> web.Response:
    query, now = request.query, request.app[PLATFORM].now()
    status = query.get("status") and text(query, "status", ["processing", "ready", "failed"])
    since, until = moment(query, "started_at"), moment(query, "ended_at", math.inf)
    found = [
        task
        for task in reversed(_kept(request, 2 if "-v2" in request.path else 1).values())
        if since < task.created_at < until and status in (None, task.status(now))
    ]
    return page(request, found, Task.show_v1)


async def _form(request: web.Request) -> tuple[Form, dict[str, tuple[Content, Json]]]:
    """A form of the first version, and its files and URLs by kind."""
    form, found = await read_form(request, max_file_size=_MAX_FILE_SIZE), dict[str, tuple[Content, Json]]()
    for file in form.files:
        kind, _, rest = file.field.partition("_")
        if rest == "file" and kind in _OPTIONS:
            with file.path.open("rb") as content:
                media = complete(read_media(content), kind, file.name)
            about = Content(file.name, media, request.app[PLATFORM].scripted(file.name))
            found[kind] = about, {"input_filename": file.name}
        file.path.unlink()
    for kind in _OPTIONS:
        if url := form.fields.get(f"{kind}_url"):
            found[kind] = source(request, kind, {"url": url}), {"input_url": url}
    text(form.fields, "model_name", ["marengo3.0"])
    return form, found


def _as_v1(made: Json) -> Json:
    """A vector as the first version shows it."""
    times = {f"{end}_offset_sec": made[f"{end}_sec"] for end in ("start", "end") if f"{end}_sec" in made}
    scope = made["embedding_scope"].replace("asset", "video")
    return {"float": made["embedding"], "embedding_option": made["embedding_option"], "embedding_scope": scope, **times}


@routes.post("/embed")
async def create_v1(request: web.Request) -> web.Response:
    form, files = await _form(request)
    shown: Json = {"model_name": form.fields["model_name"]}
    if words := form.fields.get("text"):
        shown["text_embedding"] = {"segments": [{"float": embedding(words)}]}
    start = form.fields.get("audio_start_offset_sec")
    asked: dict[Kind, Json] = {
        "image": {"embedding_scope": ["asset"]},
        "audio": {"embedding_scope": ["clip"], "embedding_type": [_FUSED], "start_sec": start},
    }
    for kind, given in asked.items():
        if kind in files:
            about, place = files[kind]
            vectors = _work(kind, given, {"model_name": form.fields["model_name"]}, about, place).vectors()
            segments = [pick(_as_v1(made), "float", "start_offset_sec", "end_offset_sec") for made in vectors]
            shown[f"{kind}_embedding"] = {"segments": segments, "metadata": place}
    if len(shown) == 1:
        raise missing("text, image_url, image_file, audio_url or audio_file")
    return web.json_response(shown)


@routes.post("/embed/tasks")
async def create_task_v1(request: web.Request) -> web.Response:
    form, files = await _form(request)
    if "video" not in files:
        raise missing("video_url or video_file")
    fields, names = form.fields, ("video_start_offset_sec", "video_end_offset_sec")
    if sum(name in fields for name in names) == 1:
        raise missing(" and ".join(names))
    scopes = texts(form.values("video_embedding_scope"), "video_embedding_scope", ["clip", "video"])
    given: Json = {name.removeprefix("video_").replace("_offset", ""): fields[name] for name in names if name in fields}
    given["embedding_scope"] = ["asset" if scope == "video" else scope for scope in scopes] or ["clip"]
    given["segmentation"] = {"strategy": "fixed", "fixed": {"duration_sec": fields.get("video_clip_length", 6)}}
    work = _work("video", given, {"model_name": fields["model_name"]}, *files["video"])
    return web.json_response({"_id": _start(request, 1, work).id})


@routes.get("/embed/tasks/{task_id}/status")
async def status_v1(request: web.Request) -> web.Response:
    task = find(_kept(request, 1), request.match_info["task_id"], "task")
    shown = task.show_v1(request.app[PLATFORM].now())
    return web.json_response(pick(shown, "_id", "status", "model_name", "video_embedding"))


@routes.get("/embed/tasks/{task_id}")
async def retrieve_v1(request: web.Request) -> web.Response:
    task = find(_kept(request, 1), request.match_info["task_id"], "task")
    shown, options = task.show_v1(request.app[PLATFORM].now()), [*_OPTIONS["video"], "visual-text"]
    wanted = texts(request.query.getall("embedding_option", options), "embedding_option", options)
    if shown["status"] == "ready":
        shown["video_embedding"]["segments"] = [
            _as_v1(made) for made in task.work.vectors() if made["embedding_option"] in wanted
        ]
    return web.json_response(shown)


@routes.post("/embed-v2")
async def create_v2(request: web.Request) -> web.Response:
    body = await read_json(request)
    model, size, uncertain = _kind_of_vector(body)
    types = ["text", "image", "text_image", "audio", "video", "multi_input"]
    kind = text(body, "input_type", types if model == "marengo3.0" else ["multi_input"])
    given = an_object(body.get(kind) or {}, kind)
    if kind in _TIMED:
        work = _asked(request, body, _TIMED)
        if work.stretch[1] - work.stretch[0] > _MAX_SECONDS:
            raise invalid(kind, f"more than {_MAX_SECONDS:g} seconds are embedded by a task only")
        return web.json_response({"data": list(work.vectors()), "metadata": work.show()})
    words = text(given, "input_text") if kind in ("text", "text_image") else given.get("input_text") or ""
    most, usage = _MAX_TOKENS[model], {"input_tokens": {"text": tokens(words)}, "truncated": False}
    if tokens(words) > most:
        if not boolean(body, "auto_truncate"):
            raise invalid("input_text", f"it has more than {most} tokens")
        usage |= {"truncated": True, "truncation_reason": "model_context_window"}
    metadata: Json = {"input_type": kind, **dimension(model, size)}
    if kind in ("image", "text_image"):
        about, place = _source(request, "image", given)
        words, metadata = f"{words} {_all_words(about)}", metadata | place
    if kind == "multi_input":
        words = f"{words} {_named_sources(request, given, model)}"
    shown: Json = {"data": [vector(words, size, uncertain)]} | ({} if kind == "text" else {"metadata": metadata})
    return web.json_response(shown | ({"usage": usage} if model == "marengo3.5" else {}))


@routes.post("/embed-v2/tasks")
async def create_task_v2(request: web.Request) -> web.Response:
    body = await read_json(request)
    work = _asked(request, body, _TIMED if body.get("model_name") == "marengo3.0" else [*_OPTIONS])
    if work.uncertain and work.kind != "image" and "asset" in work.scopes:
        raise invalid("embedding_uncertainty", "it excludes the scope asset")
    shown: Json = {"_id": _start(request, 2, work).id, "status": "processing", "data": None}
    about = dimension(work.model, work.size)
    return web.json_response(shown | ({"metadata": about} if about else {}), status=202)


@routes.get("/embed-v2/tasks/{task_id}")
async def retrieve_v2(request: web.Request) -> web.Response:
    task = find(_kept(request, 2), request.match_info["task_id"], "task", status=404)
    shown: Json = {**task.show(request.app[PLATFORM].now()), "data": None, "metadata": task.work.show()}
    if shown["status"] == "ready":
        shown["data"] = list(task.work.vectors())
    if shown["status"] == "failed":
        shown["error"] = {"message": task.work.about.failure("embedding")}
    return web.json_response(shown)


def _kind_of_vector(body: Json) -> tuple[str, int, bool]:
    """The model, the length of its vectors, and whether to tell how unsure they are."""
    model = text(body, "model_name", list(_MAX_TOKENS))
    for name in ("auto_truncate", "embedding_dimension", "embedding_uncertainty"):
        if model == "marengo3.0" and body.get(name) is not None:
            raise invalid(name, "it requires marengo3.5")
    size = integer(body.get("embedding_dimension") or EMBEDDING_SIZE, "embedding_dimension", 1, _MAX_SIZE)
    return model, size, boolean(body, "embedding_uncertainty")


def _source(request: web.Request, kind: Kind, given: Json) -> tuple[Content, Json]:
    """The file in a request of the second version, and what is shown of where it is from."""
    place = given.get("media_source")
    if place is None:
        raise missing(f"{kind}.media_source")
    about = source(request, kind, place)
    return about, {"input_url": place["url"]} if place.get("url") else {"input_filename": about.filename}


def _all_words(about: Content) -> str:
    return " ".join(about.perceive(0.0, about.media.duration or 0.0).values())


def _named_sources(request: web.Request, given: Json, model: str) -> str:
    """The words of the files for one vector, which the text may name."""
    files = a_list(given.get("media_sources") or [], "media_sources", 0, _MAX_SOURCES)
    if not files and not given.get("input_text"):
        raise missing("input_text or media_sources")
    kinds: list[Kind] = ["image"] if model == "marengo3.0" else [*_OPTIONS]
    sources = [source(request, _a_kind(an_object(file, "media_sources"), "media_type", kinds), file) for file in files]
    for name in re.findall(r"<@([^>]+)>", given.get("input_text") or ""):
        if name not in [file.get("name") for file in files]:
            raise invalid("input_text", f"there is no media source with the name {name!r}")
    return " ".join(map(_all_words, sources))


def _a_kind(body: Json, name: str, kinds: Sequence[Kind]) -> Kind:
    return kinds[kinds.index(text(body, name, kinds))]


def _asked(request: web.Request, body: Json, kinds: Sequence[Kind]) -> Work:
    kind = _a_kind(body, "input_type", kinds)
    given = an_object(body.get(kind) or {}, kind)
    return _work(kind, given, body, *_source(request, kind, given))


def _work(kind: Kind, given: Json, body: Json, about: Content, place: Json) -> Work:
    """A file to embed, as a request of the second version describes it."""
    (model, size, uncertain), duration = _kind_of_vector(body), about.media.duration or 0.0
    scopes = _SCOPES.get(kind, ["clip", "local", "asset"])
    usual_options = [option for option in _OPTIONS[kind] if model == "marengo3.0" or option != "transcription"]
    usual_scopes = ["clip", "asset"] if kind in _TIMED else scopes
    if kind == "document":
        is_pdf = about.filename.lower().endswith(".pdf")
        usual_options, usual_scopes = (["visual"], ["local"]) if is_pdf else (["text"], ["asset"])
    options = _choices(given, "embedding_option", _OPTIONS[kind], usual_options)
    types = _choices(given, "embedding_type", [_SEPARATE, _FUSED], [_SEPARATE])
    if _FUSED in types and len(options) == 1:
        raise invalid("embedding_type", f"{_FUSED} needs two embedding options")
    start = number(given.get("start_sec") or 0, "start_sec", 0.0, duration)
    end = number(duration if given.get("end_sec") is None else given["end_sec"], "end_sec", start, duration)
    return Work(
        kind,
        model,
        about,
        place,
        options,
        _choices(given, "embedding_scope", scopes, usual_scopes),
        types,
        (start, end),
        *_clips(kind, an_object(given.get("segmentation") or {}, "segmentation"), model),
        size,
        uncertain,
        a_list(given.get("time_based_metadata") or [], "time_based_metadata", 0, 10_000),
    )


def _choices(given: Json, name: str, choices: list[str], usual: list[str]) -> list[str]:
    return texts(a_list(given.get(name) or usual, name, 1, len(choices)), name, choices)


def _clips(kind: Kind, segmentation: Json, model: str) -> tuple[float, int | None]:
    """The length of a clip, for want of scenes, and again if the request gave it for all clips."""
    if kind not in _TIMED or not segmentation:
        return 2.0 if model == "marengo3.5" else 4.0 if kind == "video" else 6.0, None
    if ("temporal" in segmentation) != (model == "marengo3.5"):
        raise invalid("segmentation", "marengo3.5 takes it in temporal, marengo3.0 as it is")
    given = an_object(segmentation.get("temporal", segmentation), "segmentation")
    is_dynamic = kind == "video" or model == "marengo3.5"
    strategy = text(given, "strategy", ["fixed", "dynamic"] if is_dynamic else ["fixed"])
    settings = an_object(given.get(strategy) or {}, f"segmentation.{strategy}")
    if strategy == "dynamic":
        return integer(settings.get("min_duration_sec"), "min_duration_sec", 2, 5), None
    length = number(settings.get("duration_sec"), "duration_sec", 2, 10)
    return length, int(length)

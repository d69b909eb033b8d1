"""Catch errors by every name that they have, and look at jobs that failed."""

import os

import twelvelabs
from twelvelabs import BadRequestError, NotFoundError, TwelveLabs
from twelvelabs.core.api_error import ApiError
from twelvelabs.errors import ConflictError, ForbiddenError, TooManyRequestsError
from twelvelabs.errors.bad_request_error import BadRequestError as SameBadRequestError
from twelvelabs.types import VideoContext_Url

ABSENT = "0123456789abcdef01234567"
URL = os.environ["URL"]
client = TwelveLabs(api_key=os.environ["KEY"], base_url=URL)
index = client.indexes.create(
    index_name="failures", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
)


def describe(error: ApiError) -> tuple[object, ...]:
    body = error.body
    code = body.get("code") if isinstance(body, dict) else getattr(body, "code", None)
    return (
        error.status_code,
        code,
        "x-request-id" in (error.headers or {}),
        str(code) in str(error),
    )


for attempt in (
    lambda: client.indexes.retrieve(ABSENT),
    lambda: client.assets.retrieve(asset_id=ABSENT),
    lambda: client.tasks.retrieve(ABSENT),
    lambda: client.search.query(index_id=ABSENT, query_text="rocket", search_options=["visual"]),
    lambda: client.search.query(index_id=index.id, query_text="rocket", search_options=["smell"]),
    lambda: client.embed.create(model_name="absent", text="rocket"),
    lambda: client.analyze(video=VideoContext_Url(url="https://example.com/a.mp4"), prompt="?", model_name="absent"),
    lambda: client.indexes.create(index_name="failures", models=[{"model_name": "marengo3.0", "model_options": []}]),
    lambda: TwelveLabs(api_key="wrong", base_url=URL).indexes.retrieve(index.id),
):
    try:
        attempt()
    except ApiError as error:
        print(describe(error))

try:
    client.search.query(index_id=index.id, query_text="rocket", search_options=[])
except BadRequestError as error:
    print("bad request", error.status_code)

try:
    client.assets.retrieve(ABSENT)
except (TooManyRequestsError, ForbiddenError, ConflictError):
    print("another error")
except twelvelabs.NotFoundError as error:
    print("not found", isinstance(error, NotFoundError), isinstance(error, ApiError), isinstance(error, Exception))
print(BadRequestError is SameBadRequestError, issubclass(BadRequestError, ApiError), BadRequestError.__name__)

made = NotFoundError(body={"code": "mine"}, headers={"a": "b"})
print(made.status_code, made.body, made.headers)
plain = ApiError(status_code=418, body="teapot", headers={})
print(plain.status_code, plain.body)

with open(os.environ["CLIP"], "rb") as file:
    task = client.tasks.create(index_id=index.id, video_file=("broken.mp4", file, "video/mp4"))
done = client.tasks.wait_for_done(task.id, sleep_interval=0.01, callback=lambda seen: print("status", seen.status))
print(done.status)
with open(os.environ["CLIP"], "rb") as file:
    embedding = client.embed.tasks.create(model_name="marengo3.0", video_file=("broken.mp4", file, "video/mp4"))
print(client.embed.tasks.wait_for_done(embedding.id, sleep_interval=0.01).status)
with open(os.environ["CLIP"], "rb") as file:
    asset = client.assets.create(method="direct", file=("broken.mp4", file, "video/mp4"))
item = client.indexes.indexed_assets.create(index_id=index.id, asset_id=asset.id)
print(client.indexes.indexed_assets.retrieve(index_id=index.id, indexed_asset_id=item.id).status)

"""Create an index, upload videos to it by tasks, and read what became of them."""

import os

from twelvelabs import TwelveLabs
from twelvelabs.indexes import IndexesCreateRequestModelsItem
from twelvelabs.tasks import TasksRetrieveResponse
from twelvelabs.types import VideoIndexingTask

CLIP = os.environ["CLIP"]
MODELS = [IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual", "audio"])]

with TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"]) as client:
    for number in range(3):
        client.indexes.create(index_name=f"index {number}", models=MODELS, addons=["thumbnail"])
    existing = next(index for index in client.indexes.list(page_limit=2) if index.index_name == "index 1")
    index = client.indexes.retrieve(index_id=existing.id)
    print(index.index_name, [(model.model_name, model.model_options) for model in index.models or []], index.addons)
    client.indexes.update(index.id, index_name="talks")
    print(client.indexes.retrieve(index.id).index_name)

    pager = client.indexes.list(page_limit=2, sort_by="created_at", sort_option="asc")
    print([item.index_name for item in pager.items or []], pager.has_next)
    following = pager.next_page()
    print(following is not None and [item.index_name for item in following.items or []])
    print([len(page.items or []) for page in client.indexes.list(page_limit=2).iter_pages()])

    statuses = []

    def on_task_update(task: TasksRetrieveResponse) -> None:
        statuses.append(task.status)

    with open(CLIP, "rb") as video_file:
        created = client.tasks.create(index_id=index.id, video_file=video_file, user_metadata='{"team": "red"}')
    print(type(created).__name__, bool(created.id), bool(created.video_id))
    task = client.tasks.wait_for_done(task_id=created.id, callback=on_task_update, sleep_interval=0.01)
    if task.status != "ready":
        raise RuntimeError(f"Indexing failed with status {task.status}")
    print(
        isinstance(task, TasksRetrieveResponse),
        task.status,
        statuses,
        task.video_id == created.video_id,
        task.index_id == index.id,
    )
    print(task.system_metadata.filename if task.system_metadata else None, task.hls is None)
    again = client.tasks.wait_for_done(created.id, sleep_interval=0.01)
    print(again.id == created.id, again.created_at == task.created_at)
    print([isinstance(item, VideoIndexingTask) for item in client.tasks.list(index_id=index.id, status=["ready"])])

    videos = client.indexes.videos.list(index.id)
    print([video.system_metadata.filename for video in videos], len(videos.items or []))
    client.indexes.videos.update(index.id, task.video_id, user_metadata={"from_sdk": True})
    video = client.indexes.videos.retrieve(
        index_id=index.id, video_id=task.video_id, embedding_option=["visual"], transcription=True
    )
    print(video.user_metadata, video.system_metadata.width, round(video.system_metadata.duration))
    print([(word.start, word.end, word.value) for word in video.transcription or []])
    if video.embedding and video.embedding.video_embedding:
        for segment in video.embedding.video_embedding.segments:
            print(segment.embedding_scope, segment.embedding_option, segment.start_offset_sec, len(segment.float_))

    print(client.indexes.videos.delete(index.id, task.video_id), client.tasks.delete(created.id))
    print(client.indexes.delete(index.id))

"""Index assets and search them, by text and by picture, in one list and by video."""

import os

from twelvelabs import TwelveLabs
from twelvelabs.core.request_options import RequestOptions
from twelvelabs.types import SearchItem

client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"], timeout=30)
index = client.indexes.create(
    index_name="library", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
)
for number in range(3):
    with open(os.environ["CLIP"], "rb") as file:
        asset = client.assets.create(method="direct", file=(f"clip {number}.mp4", file, "video/mp4"))
    item = client.indexes.indexed_assets.create(
        index_id=index.id, asset_id=asset.id, enable_video_stream=True, user_metadata={"number": number}
    )
    print(client.indexes.indexed_assets.retrieve(index.id, item.id).status)
names = {item.id: item.system_metadata.filename for item in client.indexes.indexed_assets.list(index_id=index.id)}

pager = client.search.query(
    index_id=index.id, query_text="A white rocket", search_options=["visual", "audio", "transcription"], page_limit=2
)
print(len(pager.items or []), pager.has_next)
for rank, clip in enumerate(pager, 1):
    print(
        rank == clip.rank, names[clip.video_id], clip.start, clip.end, clip.transcription, isinstance(clip, SearchItem)
    )
    print(clip.clips, clip.user_metadata, getattr(clip, "nothing", "default"), hasattr(clip, "thumbnail_url"))
for page in client.search.query(
    index_id=index.id, query_text="A white rocket", search_options=["visual", "audio", "transcription"], page_limit=2
).iter_pages():
    print([clip.rank for clip in page.items or []])
for group in client.search.query(
    index_id=index.id,
    query_text="A white rocket",
    search_options=["visual", "transcription"],
    group_by="video",
    operator="or",
):
    print(names[group.id], [clip.rank for clip in group.clips or []])
results = client.search.query(
    index_id=index.id, query_text="A white rocket", search_options=["transcription"], filter='{"number": 1}'
)
print({names[clip.video_id] for clip in results})

response = client.search.create(
    index_id=index.id, query_text="A white rocket", search_options=["transcription"], page_limit=2
)
print(response.search_pool.total_count, [clip.rank for clip in response.data], response.page_info.total_results)
token = response.page_info.next_page_token
if token:
    print([clip.rank for clip in client.search.retrieve(token).data])
options: RequestOptions = {"max_retries": 0, "timeout_in_seconds": 20, "additional_headers": {"x-mine": "1"}}
with open(os.environ["PICTURE"], "rb") as picture:
    hits = list(
        client.search.query(
            index_id=index.id,
            search_options=["visual"],
            query_media_type="image",
            query_media_file=picture,
            query_text="A white rocket",
            request_options=options,
        )
    )
print(len(hits) > 0, sorted(hits, key=lambda hit: hit.rank) == hits)

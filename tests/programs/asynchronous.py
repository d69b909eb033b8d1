"""Do all of it asynchronously."""

import asyncio
import os
from typing import Any

from twelvelabs import AsyncTwelveLabs, VideoContext_Url
from twelvelabs.core.api_error import ApiError
from twelvelabs.embed import TasksStatusResponse


async def main() -> None:
    async with AsyncTwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"]) as client:
        made = await asyncio.gather(*(
            client.indexes.create(
                index_name=f"concurrent {number}", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
            )
            for number in range(3)
        ))  # fmt: skip
        print(len({index.id for index in made}))
        pager = await client.indexes.list(page_limit=2)
        print(sorted([index.index_name async for index in pager]), len(pager.items or []))
        pages = await client.indexes.list(page_limit=2)
        print([len(page.items or []) async for page in pages.iter_pages()])

        statuses: list[Any] = []

        async def on_update(task: TasksStatusResponse) -> None:
            statuses.append(task.status)

        task = await client.embed.tasks.create(model_name="marengo3.0", video_url="https://example.com/clip.mp4")
        done = await client.embed.tasks.wait_for_done(task.id, sleep_interval=0.01, callback=on_update)
        print(done.status, statuses)
        video = VideoContext_Url(url="https://example.com/clip.mp4")
        text = ""
        async for event in client.analyze_stream(video=video, prompt="What happens?", model_name="pegasus1.5"):
            if event.event_type == "text_generation":
                text += event.text
        print(text)
        print((await client.analyze(video=video, prompt="What happens?", model_name="pegasus1.5")).data)
        reports: list[float] = []

        async def progress(report: Any) -> None:
            reports.append(report.percentage)

        result = await client.multipart_upload.upload_file(os.environ["CLIP"], progress_callback=progress)
        print(bool(result.asset_id), reports[-1])
        raw = await client.indexes.with_raw_response.retrieve(made[0].id)
        print(raw.data.id == made[0].id, raw.headers["x-api-version"])
        try:
            await client.indexes.retrieve("0123456789abcdef01234567")
        except ApiError as error:
            print(error.status_code)


asyncio.run(main())

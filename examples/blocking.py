"""The blocking client in a script without an event loop."""

from __future__ import annotations

from twelvelabs_async import TwelveLabs

from demo import MEDIA, MODELS, platform


def main() -> None:
    with TwelveLabs() as client:
        index = client.indexes.ensure("blocking", models=MODELS)

        asset = client.assets.create_and_wait(
            MEDIA / "rocket_countdown.mp4",
            interval=0.2,
            on_progress=lambda progress: print(f"uploading {progress.percentage:3.0f} %"),
            callback=lambda asset: print(f"asset {asset.status}"),
        )
        indexed = client.indexes.indexed_assets.create_and_wait(
            index.id,
            asset_id=asset.id,
            interval=0.2,
            callback=lambda indexed: print(f"indexed asset {indexed.status}"),
        )

        for match in client.search.query(
            index_id=index.id, search_options=["transcription"], query_text="five four three"
        ):
            print(f"match from {match.start:.1f} s to {match.end:.1f} s: {match.transcription}")

        for event in client.analyze_stream(
            video={"type": "asset_id", "asset_id": asset.id}, prompt="Describe the launch."
        ):
            if event.event_type == "text_generation":
                print(event.text, end="")
        print()

        client.indexes.indexed_assets.delete(index.id, indexed.id)
        client.assets.delete(asset.id)


if __name__ == "__main__":
    with platform():
        main()

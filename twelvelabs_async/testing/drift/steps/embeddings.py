"""Embeddings of both versions."""

from __future__ import annotations

from typing import Final

from ...problem import Json
from ..step import Step
from .common import MEDIA, PICTURE, READY, billed

NAMED_PICTURE: Final = {"media_type": "image", "asset_id": "$ready_picture"}

FUSED: Final[Json] = {
    **MEDIA,
    "segmentation": {"temporal": {"strategy": "fixed", "fixed": {"duration_sec": 5}}},
    "embedding_scope": ["local"],
    "embedding_type": ["separate_embedding", "fused_embedding"],
    "time_based_metadata": [{"start": 0, "end": 2, "text": "a red balloon"}],
}

EMBEDDINGS: Final = (
    Step(
        "embed.create",
        "POST /embed",
        form={"model_name": "marengo3.0", "text": "a red balloon"},
        files={"image_file": "picture"},
        bills="embedding",
    ),
    billed(
        "embed.tasks.create",
        "POST /embed/tasks",
        form={"model_name": "marengo3.0", "video_embedding_scope": ["clip", "video"]},
        files={"video_file": "clip"},
        keep={"embedding": "_id"},
        bills="embedding",
    ),
    Step("embed.tasks.status", "GET /embed/tasks/$embedding/status", until=READY, keep={"ready_embedding": "_id"}),
    Step("embed.tasks.retrieve", "GET /embed/tasks/$ready_embedding", query={"embedding_option": ["visual", "audio"]}),
    Step("embed.tasks.list", "GET /embed/tasks", query={"page_limit": 50}, own="embedding"),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        json={"input_type": "text", "model_name": "marengo3.0", "text": {"input_text": "a red balloon"}},
        bills="embedding",
    ),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="blank",
        json={"input_type": "text", "model_name": "marengo3.0", "text": {"input_text": ""}},
        is_refused=True,
    ),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="no model",
        json={"input_type": "text", "model_name": "plato1", "text": {"input_text": "a red balloon"}},
        is_refused=True,
    ),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="picture",
        json={"input_type": "image", "model_name": "marengo3.0", "image": PICTURE},
        bills="embedding",
    ),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="text and picture",
        json={
            "input_type": "text_image",
            "model_name": "marengo3.0",
            "text_image": {"input_text": "a red balloon", **PICTURE},
        },
        bills="embedding",
    ),
    billed(
        "embed.v_2.create",
        "POST /embed-v2",
        case="video",
        json={"input_type": "video", "model_name": "marengo3.0", "video": MEDIA},
        bills="embedding",
    ),
    billed(
        "embed.v_2.create",
        "POST /embed-v2",
        case="audio",
        json={"input_type": "audio", "model_name": "marengo3.0", "audio": MEDIA},
        bills="embedding",
    ),
    billed(
        "embed.v_2.tasks.create",
        "POST /embed-v2/tasks",
        json={"input_type": "video", "model_name": "marengo3.0", "video": MEDIA},
        keep={"embedding_2": "_id"},
        bills="embedding",
    ),
    Step("embed.v_2.tasks.retrieve", "GET /embed-v2/tasks/$embedding_2", until=READY),
    Step("embed.v_2.tasks.list", "GET /embed-v2/tasks", query={"page_limit": 50}, own="embedding_2"),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="several inputs",
        json={
            "input_type": "multi_input",
            "model_name": "marengo3.5",
            "multi_input": {"input_text": "a red balloon", "media_sources": [NAMED_PICTURE]},
            "embedding_dimension": "256",
        },
        bills="embedding",
    ),
    Step(
        "embed.v_2.create",
        "POST /embed-v2",
        case="unknown dimension",
        json={
            "input_type": "multi_input",
            "model_name": "marengo3.5",
            "multi_input": {"input_text": "a red balloon"},
            "embedding_dimension": "300",
        },
        is_refused=True,
    ),
    billed(
        "embed.v_2.tasks.create",
        "POST /embed-v2/tasks",
        case="fused",
        json={
            "input_type": "video",
            "model_name": "marengo3.5",
            "video": FUSED,
            "embedding_uncertainty": True,
        },
        keep={"embedding_fused": "_id"},
        bills="embedding",
    ),
    Step("embed.v_2.tasks.retrieve", "GET /embed-v2/tasks/$embedding_fused", case="fused", until=READY),
    Step(
        "embed.v_2.tasks.create",
        "POST /embed-v2/tasks",
        case="text file",
        json={
            "input_type": "document",
            "model_name": "marengo3.5",
            "document": {"media_source": {"asset_id": "$ready_text"}},
        },
        keep={"embedding_text": "_id"},
        bills="embedding",
    ),
    Step("embed.v_2.tasks.retrieve", "GET /embed-v2/tasks/$embedding_text", case="text file", until=READY),
    Step(
        "embed.v_2.tasks.create",
        "POST /embed-v2/tasks",
        case="picture",
        json={"input_type": "image", "model_name": "marengo3.5", "image": PICTURE},
        keep={"embedding_picture": "_id"},
        bills="embedding",
    ),
    Step("embed.v_2.tasks.retrieve", "GET /embed-v2/tasks/$embedding_picture", case="picture", until=READY),
)

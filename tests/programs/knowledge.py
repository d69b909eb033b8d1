"""Fill a knowledge store and ask it; keep entities to search for."""

import json
import os

from twelvelabs import ResponseInputItem, ResponseSelection, TextParam, TwelveLabs
from twelvelabs.types import KnowledgeStore
from twelvelabs.types.text_param_format import TextParamFormat_JsonSchema

with TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"]) as client:
    store: KnowledgeStore = client.knowledge_stores.create(name="talks", description="All talks.")
    with open(os.environ["CLIP"], "rb") as file:
        asset = client.assets.create(method="direct", file=file)
    item = client.knowledge_store_items.create(knowledge_store_id=store.id, asset_id=asset.id, asset_type="video")
    print(client.knowledge_store_items.retrieve(knowledge_store_id=store.id, item_id=item.id).status)
    print([entry.asset_id == asset.id for entry in client.knowledge_store_items.list(store.id)])
    collection = client.knowledge_store_item_collections.create(knowledge_store_id=store.id, name="mine")
    client.knowledge_store_item_collections.add_items(
        knowledge_store_id=store.id, collection_id=collection.id, item_ids=[item.id]
    )
    members = client.knowledge_store_item_collections.list_items(store.id, collection.id)
    print(len(list(members)))
    print([found.name for found in client.knowledge_stores.list(page_limit=5)])

    question = ResponseInputItem(type="message", role="user", content="Summarize {{sel:0}}.")
    answer = client.responses.create(
        knowledge_store_id=store.id,
        input=[question],
        selections=[ResponseSelection(kind="item", id=item.id)],
        text=TextParam(
            format=TextParamFormat_JsonSchema(
                name="summary",
                schema_={
                    "type": "object",
                    "properties": {"title": {"type": "string", "description": "A title."}},
                    "required": ["title"],
                },
                strict=True,
            )
        ),
    )
    print(answer.status, bool(answer.session_id), answer.usage is not None)
    for output in answer.output or []:
        for part in output.content or []:
            print(output.type, sorted(json.loads(part.text)))
    events = list(
        client.responses.create_stream(
            knowledge_store_id=store.id, input=[question.model_copy(update={"content": "Why?"})]
        )
    )
    print(sorted({event.type for event in events}))
    print("".join(event.delta for event in events if event.type == "response.output_text.delta") != "")
    client.knowledge_store_item_collections.delete(knowledge_store_id=store.id, collection_id=collection.id)
    client.knowledge_stores.delete(knowledge_store_id=store.id)

    with open(os.environ["PICTURE"], "rb") as file:
        picture = client.assets.create(method="direct", file=file)
    people = client.entity_collections.create(name="people")
    entity = client.entity_collections.entities.create(
        entity_collection_id=people.id, name="Ada", asset_ids=[picture.id], metadata={"role": "pilot"}
    )
    print(client.entity_collections.entities.retrieve(people.id, entity.id).name)
    print([person.name for person in client.entity_collections.entities.list(people.id)])

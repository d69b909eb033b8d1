"""Many assets at once."""


class AsyncBulk:
    def __init__(self, client):
        self._client = client

    async def index(self):
        yield 1

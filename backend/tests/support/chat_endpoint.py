"""A real HTTP server that speaks OpenAI's ``/v1/chat/completions`` and can be told to misbehave."""

import asyncio
import json
from typing import Any

from fastapi import FastAPI, Request, Response


class ChatEndpoint:
    """``statuses`` are answered one after the other, the last one for good; ``pause`` is how long it
    thinks, in seconds; ``body`` replaces the whole answer, ``content`` what the model says.

    Left alone it writes down the longest memory that it was shown.
    """

    def __init__(self) -> None:
        self.statuses = [200]
        self.pause = 0.0
        self.body: Any = None
        self.content: str | None = None
        self.finish_reason = "stop"
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.app = FastAPI()
        self.app.post("/v1/chat/completions")(self._complete)

    async def _complete(self, request: Request, response: Response) -> Any:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        await asyncio.sleep(self.pause)
        response.status_code = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if self.body is not None:
            return self.body
        content = self.content if self.content is not None else _page(self.asked[-1])
        message = {"role": "assistant", "content": content}
        return {"choices": [{"message": message, "finish_reason": self.finish_reason}]}


def _page(asked: dict[str, Any]) -> str:
    document = json.loads(asked["messages"][-1]["content"])
    memories = [(topic["label"], one) for topic in document["topics"] for one in topic["memories"]]
    label, memory = max(memories, key=lambda pair: len(pair[1]["text"]))
    said = {
        "section": "happened",
        "topic": label,
        "text": f"The user said: {memory['text']}",
        "sources": [memory["number"]],
    }
    return json.dumps({"sentences": [said]})

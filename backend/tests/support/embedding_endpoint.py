"""A real HTTP server that speaks OpenAI's ``/v1/embeddings`` and can be told to misbehave."""

import asyncio
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from app.language.words import Words
from support.embedders import embed_one


class Wanted(BaseModel):
    model: str
    input: list[str]


class EmbeddingEndpoint:
    """``status`` is what it answers with; ``pause`` is how long it thinks, in seconds; a batch with a
    text that has ``refuses`` in it gets a 400; ``length`` is that of its vectors, up to 384."""

    def __init__(self) -> None:
        self.status = 200
        self.pause = 0.0
        self.refuses: str | None = None
        self.answer: Any = None
        self.length = 384
        self.asked: list[list[str]] = []
        self.keys: list[str | None] = []
        self.app = FastAPI()
        self.app.post("/v1/embeddings")(self._embed)
        self._words = Words("english")

    async def _embed(self, wanted: Wanted, request: Request, response: Response) -> Any:
        self.asked.append(wanted.input)
        self.keys.append(request.headers.get("Authorization"))
        await asyncio.sleep(self.pause)
        response.status_code = self.status
        if self.refuses is not None and any(self.refuses in text for text in wanted.input):
            response.status_code = 400
            return {"error": "no"}
        if self.answer is not None:
            return self.answer
        vectors = [
            {"index": at, "embedding": embed_one(text, self._words)[: self.length].tolist()}
            for at, text in enumerate(wanted.input)
        ]
        return {"data": vectors[::-1], "model": wanted.model}

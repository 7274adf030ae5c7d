"""Text to vectors: a local sentence-transformers model or any OpenAI-compatible endpoint."""

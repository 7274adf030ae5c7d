"""A language model, where there is one: any OpenAI-compatible endpoint."""

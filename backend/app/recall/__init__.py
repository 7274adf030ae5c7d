"""How something comes to mind: working memory, vectors and words, edges, then one explainable rank."""

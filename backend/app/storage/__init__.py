"""What is kept: Postgres first, the disposable working memory in Redis after it."""

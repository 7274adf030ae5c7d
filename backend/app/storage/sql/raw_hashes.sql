-- Which raw traces a span holds and what each says, as far as it is needed to see a change.
SELECT id, content_hash FROM memory_trace
WHERE user_id = :user_id AND created_at >= :since AND created_at < :until
    AND role NOT IN ('summary', 'entity')
ORDER BY salience DESC, id LIMIT :most

-- How many attempts had begun to hand a mail over and never told how that ended; null is none, or one where begun_at is set.
ALTER TABLE outbox ADD COLUMN unanswered BIGINT;

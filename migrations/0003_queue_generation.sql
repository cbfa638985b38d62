-- What the queue called itself when it was last looked at. When it calls itself something else, what was on it may be
-- gone: whoever changes this row makes everything that should be there due to be put back.
CREATE TABLE queue_generation (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  generation text NOT NULL
);
INSERT INTO queue_generation (generation) VALUES ('');

-- When a call may be made next. The queue carries the call's id and is not asked about times.
ALTER TABLE deliveries ADD COLUMN due_at timestamptz NOT NULL DEFAULT now();
UPDATE deliveries SET due_at = requeue_at WHERE state = 'pending';

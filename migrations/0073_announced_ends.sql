-- End of a token that workers have announced, some days before it; NULL where they have announced none. A rotation gives a
-- token another end, which is announced in its turn.
ALTER TABLE tokens ADD COLUMN announced_end timestamptz;

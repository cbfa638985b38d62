-- The function that counts blobs runs with each upload and each new version. It keeps one plan: PostgreSQL made one for each
-- array's length.

ALTER FUNCTION count_blobs(bigint[], text[], bigint[], integer[]) SET plan_cache_mode = force_generic_plan;

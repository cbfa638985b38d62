-- Blobs whose stored bytes are known to be damaged or missing although rows name them. Found by a download, a recipe or
-- verify; mended by the next upload of the same content, or by verify --repair. Usually empty.
CREATE TABLE blob_faults (
  digest   text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
  fault    text NOT NULL CHECK (fault IN ('damaged', 'missing')),
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Reads that were refused because of it.
  refused  bigint NOT NULL DEFAULT 0
);

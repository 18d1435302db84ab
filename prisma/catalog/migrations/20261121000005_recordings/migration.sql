-- A recording that becomes the audio of a track: whoever has the lease transcodes it. `lease` counts the turns, so that who lost one cannot
-- finish; `attempts` are failures that were told, `losses` are turns that ended with their process. FAILED is where what cannot be made
-- rests, with the reason.
CREATE TABLE "transcode_job" (
  "id" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('FILE', 'UPLOAD')),
  "state" TEXT NOT NULL DEFAULT 'QUEUED' CHECK ("state" IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED')),
  "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "losses" INTEGER NOT NULL DEFAULT 0,
  "lease" INTEGER NOT NULL DEFAULT 0,
  "leased_by" TEXT,
  "leased_until" TIMESTAMPTZ(3),
  "failure_code" TEXT,
  "failure" TEXT,
  "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "transcode_job_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "transcode_job_running_has_lease" CHECK (("state" = 'RUNNING') = ("leased_until" IS NOT NULL AND "leased_by" IS NOT NULL)),
  CONSTRAINT "transcode_job_failed_has_reason" CHECK ("state" <> 'FAILED' OR ("failure_code" IS NOT NULL AND "failure" IS NOT NULL))
);
CREATE INDEX "transcode_job_waiting_idx" ON "transcode_job" ("kind", "queued_at", "id") WHERE "state" IN ('QUEUED', 'RUNNING');

-- The loudness of every 400 ms that were heard, counted: those of its tracks are the loudness of an album.
ALTER TABLE "playable_audio" ADD COLUMN "histogram" JSONB;
ALTER TABLE "album" ADD COLUMN "loudness_centilufs" INTEGER;

-- Features that were heard by a program and not told by anybody.
ALTER TABLE "track" ADD COLUMN "features_are_estimates" BOOLEAN NOT NULL DEFAULT false;

-- Pictures of an album, largest first: [{"key", "width", "height"}].
ALTER TABLE "album" ADD COLUMN "artwork" JSONB NOT NULL DEFAULT '[]' CHECK (jsonb_typeof("artwork") = 'array');

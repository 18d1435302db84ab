-- What artists send us. WAITING: an address is open until expires_at; RECEIVED: all of it is here, and a transcode_job of the same id makes
-- it music; READY: its track is in the catalogue.
CREATE TABLE "upload" (
  "id" TEXT NOT NULL,
  "artist_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "album_title" TEXT,
  "file_name" TEXT NOT NULL,
  "size_bytes" BIGINT NOT NULL CHECK ("size_bytes" > 0),
  -- As of a track: NULL is everywhere, {} nowhere.
  "markets" TEXT[],
  "state" TEXT NOT NULL DEFAULT 'WAITING' CHECK ("state" IN ('WAITING', 'RECEIVED', 'READY', 'FAILED')),
  "failure_code" TEXT,
  "failure_message" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  -- When it is looked at next: whoever takes it puts this off, so that no other process does the same.
  "look_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "upload_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "upload_failed_says_why" CHECK (("state" = 'FAILED') = ("failure_code" IS NOT NULL AND "failure_message" IS NOT NULL))
);
CREATE INDEX "upload_look_at_idx" ON "upload" ("look_at") WHERE "state" IN ('WAITING', 'RECEIVED');
CREATE INDEX "upload_open_idx" ON "upload" ("user_id") WHERE "state" IN ('WAITING', 'RECEIVED');
CREATE INDEX "upload_failed_idx" ON "upload" ("created_at") WHERE "state" = 'FAILED';

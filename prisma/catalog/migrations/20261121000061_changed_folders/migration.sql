-- What lies at a path is one thing, which track it is another: a track keeps its id when its file moves, and when it is gone.
CREATE TABLE "music_track" (
  "id" TEXT NOT NULL,
  -- Where its file lies; null when it is gone.
  "path_hash" TEXT,
  "content_hash" TEXT NOT NULL,
  "draft" JSONB,
  "written_hash" TEXT,
  CONSTRAINT "music_track_pkey" PRIMARY KEY ("id")
);
INSERT INTO "music_track" ("id", "path_hash", "content_hash", "draft", "written_hash")
SELECT "id", "path_hash", "content_hash", "draft", "written_hash" FROM "music_file" WHERE "fault" IS NULL;
CREATE UNIQUE INDEX "music_track_path_hash_key" ON "music_track" ("path_hash");

-- Which of several files alike is the track follows from all of them together by now. `beside` is what lies beside a file and belongs to it.
DELETE FROM "music_file" WHERE "fault" ->> 'code' = 'DUPLICATE';
DROP INDEX "music_file_path_hash_key";
ALTER TABLE "music_file"
  DROP COLUMN "id",
  DROP COLUMN "draft",
  DROP COLUMN "written_hash",
  ADD COLUMN "beside" TEXT NOT NULL DEFAULT '',
  ADD CONSTRAINT "music_file_pkey" PRIMARY KEY ("path_hash");

-- What its source has no more: tracks whose files are gone, and albums, artists and genres that have nothing left. They are hidden like what was
-- taken down, and not deleted, for lists may have them; they come back when their source has them again.
CREATE TABLE "withdrawn" (
  "node_id" TEXT NOT NULL,
  CONSTRAINT "withdrawn_pkey" PRIMARY KEY ("node_id")
);

-- The files of somebody's music folder, as they were when they were last read. The path is bytes, as file names are; it is found by its hash,
-- since it may be longer than an index takes. A file with a fault has no track. `draft` is what the catalogue is to be told of a file once
-- it has its audio.
CREATE TABLE "music_file" (
  "id" TEXT NOT NULL,
  "path_hash" TEXT NOT NULL,
  "path" BYTEA NOT NULL,
  "bytes" BIGINT NOT NULL,
  "modified_ns" BIGINT NOT NULL,
  "content_hash" TEXT NOT NULL,
  "tags" JSONB,
  "artwork" JSONB NOT NULL DEFAULT '[]',
  "fault" JSONB,
  "draft" JSONB,
  "written_hash" TEXT,
  CONSTRAINT "music_file_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "music_file_has_tags_or_fault" CHECK (("tags" IS NULL) = ("fault" IS NOT NULL))
);
CREATE UNIQUE INDEX "music_file_path_hash_key" ON "music_file" ("path_hash");
CREATE INDEX "music_file_content_hash_idx" ON "music_file" ("content_hash");

-- What is sung in a track. `lines` is [{"startMs", "text"}] in order; where is_timed is false nobody has timed them, and startMs is 0.
CREATE TABLE "lyrics" (
  "track_id" TEXT NOT NULL REFERENCES "track" ("id"),
  "language" TEXT,
  "is_timed" BOOLEAN NOT NULL,
  "lines" JSONB NOT NULL CHECK (jsonb_typeof("lines") = 'array'),
  "origin" TEXT NOT NULL CHECK ("origin" IN ('EMBEDDED', 'FILE')),
  CONSTRAINT "lyrics_pkey" PRIMARY KEY ("track_id")
);

-- What a podcast's feed says beside titles and dates. SERIAL is meant to be heard from the first episode on.
ALTER TABLE "show"
  ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'EPISODIC' CHECK ("kind" IN ('EPISODIC', 'SERIAL')),
  ADD COLUMN "language" TEXT,
  ADD COLUMN "website" TEXT,
  ADD COLUMN "explicit" BOOLEAN NOT NULL DEFAULT false;

-- Where an episode stands in the list of its show, small numbers first: the newest one of an EPISODIC show, the oldest one of a SERIAL one,
-- by season and number where several came in one second; what has no date is last.
CREATE FUNCTION episode_place(kind text, published_at timestamptz, season integer, number integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN published_at IS NULL THEN 9000000000000000
            ELSE (floor(extract(epoch FROM published_at)) * 1000000 + least(coalesce(season, 0), 999) * 1000 + least(coalesce(number, 0), 999))
               * CASE kind WHEN 'SERIAL' THEN 1 ELSE -1 END END::bigint;

-- chapters is [{"startMs", "title"}] in order. enclosure is where the publisher has the audio, {"url", "mediaType", "sizeBytes"}: a fact that
-- nobody here has looked at.
ALTER TABLE "episode"
  ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'FULL' CHECK ("kind" IN ('FULL', 'TRAILER', 'BONUS')),
  ADD COLUMN "explicit" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "season" INTEGER CHECK ("season" >= 0),
  ADD COLUMN "number" INTEGER CHECK ("number" >= 0),
  ADD COLUMN "chapters" JSONB NOT NULL DEFAULT '[]' CHECK (jsonb_typeof("chapters") = 'array'),
  ADD COLUMN "enclosure" JSONB,
  ADD COLUMN "place" BIGINT NOT NULL DEFAULT 0;
UPDATE "episode" SET "place" = episode_place('EPISODIC', "published_at", "season", "number");
DROP INDEX "episode_show_id_published_idx";
CREATE INDEX "episode_show_id_place_idx" ON "episode" ("show_id", "place", "id" COLLATE "C");

CREATE INDEX "album_release_date_idx" ON "album" ("release_date", "id" COLLATE "C");

-- What somebody in charge has taken down: a track, an album with all its tracks, an episode, or a show with all its episodes. The columns
-- say what that comes to for each row, so that a list need not look here.
CREATE TABLE "takedown" (
  "node_id" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "taken_by" TEXT NOT NULL,
  "taken_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "takedown_pkey" PRIMARY KEY ("node_id")
);
ALTER TABLE "track" ADD COLUMN "is_removed" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "album" ADD COLUMN "is_removed" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "show" ADD COLUMN "is_removed" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "episode" ADD COLUMN "is_removed" BOOLEAN NOT NULL DEFAULT false;
-- There are few, and lists ask of every row whether it is one.
CREATE INDEX "track_removed_idx" ON "track" ("id") WHERE "is_removed";
CREATE INDEX "album_removed_idx" ON "album" ("id") WHERE "is_removed";

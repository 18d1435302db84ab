-- One writer at a time (the consumer that holds its position's lock) takes numbers from here, so they are committed in order:
-- whoever has read up to one of them has missed nothing.
CREATE SEQUENCE "track_changed";

CREATE TABLE "track" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "artist_ids" TEXT[],
  "genres" TEXT[],
  "markets" TEXT[],
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "release_year" INTEGER,
  "tempo" DOUBLE PRECISION,
  "key" INTEGER,
  "mode" INTEGER,
  "energy" DOUBLE PRECISION,
  "danceability" DOUBLE PRECISION,
  "valence" DOUBLE PRECISION,
  "acousticness" DOUBLE PRECISION,
  "instrumentalness" DOUBLE PRECISION,
  "loudness" DOUBLE PRECISION,
  "speechiness" DOUBLE PRECISION,
  "is_removed" BOOLEAN NOT NULL DEFAULT false,
  "version" BIGINT NOT NULL,
  "changed" BIGINT NOT NULL,
  CONSTRAINT "track_pkey" PRIMARY KEY ("id"),
  -- Features come whole or not at all.
  CONSTRAINT "track_features_whole" CHECK (
    num_nulls("tempo", "key", "mode", "energy", "danceability", "valence", "acousticness", "instrumentalness", "loudness",
      "speechiness") IN (0, 10)),
  CONSTRAINT "track_lists_present" CHECK ("artist_ids" IS NOT NULL AND "genres" IS NOT NULL)
);
CREATE UNIQUE INDEX "track_changed_key" ON "track" ("changed");

CREATE TABLE "play" (
  "playback_id" TEXT NOT NULL,
  "seq" BIGINT GENERATED ALWAYS AS IDENTITY,
  "track_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "country" TEXT,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "play_pkey" PRIMARY KEY ("playback_id")
);
CREATE INDEX "play_user_id_at_idx" ON "play" ("user_id", "at");
-- Charts are read from these two alone.
CREATE INDEX "play_country_at_idx" ON "play" ("country", "at") INCLUDE ("track_id");
CREATE INDEX "play_at_idx" ON "play" ("at") INCLUDE ("track_id");

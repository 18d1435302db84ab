-- Plays that count, by the hour (UTC) in which they were begun: a row an id and day has the 24 counts and their sum, so that what is
-- told of a day and of its hours is one.
CREATE TABLE "play_tally" (
  "dimension" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "hours" INTEGER[],
  "plays" INTEGER NOT NULL,
  CONSTRAINT "play_tally_pkey" PRIMARY KEY ("dimension", "id", "day"),
  CONSTRAINT "play_tally_dimension_check" CHECK ("dimension" IN ('TRACK', 'EPISODE', 'ARTIST', 'ALBUM', 'COUNTRY', 'DEVICE')),
  CONSTRAINT "play_tally_hours_check" CHECK ("hours" IS NOT NULL AND array_position("hours", NULL) IS NULL
    AND cardinality("hours") = 24),
  CONSTRAINT "play_tally_plays_check" CHECK ("plays" = "hours"[1] + "hours"[2] + "hours"[3] + "hours"[4] + "hours"[5] + "hours"[6]
    + "hours"[7] + "hours"[8] + "hours"[9] + "hours"[10] + "hours"[11] + "hours"[12] + "hours"[13] + "hours"[14] + "hours"[15]
    + "hours"[16] + "hours"[17] + "hours"[18] + "hours"[19] + "hours"[20] + "hours"[21] + "hours"[22] + "hours"[23] + "hours"[24])
) WITH (fillfactor = 80);

-- Rows come nearly in the order of days: enough to find one day of all.
CREATE INDEX "play_tally_day_idx" ON "play_tally" USING BRIN ("day");

-- The plays of an artist by the day, and by where, on what and which track.
CREATE TABLE "artist_audience" (
  "artist_id" TEXT NOT NULL,
  "dimension" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "id" TEXT NOT NULL,
  "plays" INTEGER NOT NULL,
  CONSTRAINT "artist_audience_pkey" PRIMARY KEY ("artist_id", "dimension", "day", "id"),
  CONSTRAINT "artist_audience_dimension_check" CHECK ("dimension" IN ('COUNTRY', 'DEVICE', 'TRACK'))
) WITH (fillfactor = 80);

-- Who heard whom, and on what last day. How many were last heard on each day is all that a number of listeners since some day needs:
-- whoever was there since was there last on one of these days.
CREATE TABLE "artist_listener" (
  "user_id" TEXT NOT NULL,
  "artist_id" TEXT NOT NULL,
  "last_day" DATE,
  CONSTRAINT "artist_listener_pkey" PRIMARY KEY ("user_id", "artist_id")
) WITH (fillfactor = 80);
CREATE INDEX "artist_listener_last_day_idx" ON "artist_listener" USING BRIN ("last_day");

CREATE TABLE "artist_listener_day" (
  "user_id" TEXT NOT NULL,
  "artist_id" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "plays" INTEGER NOT NULL,
  CONSTRAINT "artist_listener_day_pkey" PRIMARY KEY ("user_id", "artist_id", "day")
) WITH (fillfactor = 80);
CREATE INDEX "artist_listener_day_day_idx" ON "artist_listener_day" USING BRIN ("day");

CREATE TABLE "artist_reach" (
  "artist_id" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "listeners" INTEGER NOT NULL,
  CONSTRAINT "artist_reach_pkey" PRIMARY KEY ("artist_id", "day")
) WITH (fillfactor = 80);

-- How often a track was put into playlists.
CREATE TABLE "playlist_add" (
  "track_id" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "adds" INTEGER NOT NULL,
  CONSTRAINT "playlist_add_pkey" PRIMARY KEY ("track_id", "day")
);
CREATE INDEX "track_artist_artist_ids_idx" ON "track_artist" USING gin ("artist_ids");

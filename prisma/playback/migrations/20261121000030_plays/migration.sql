-- Whom a play of a track is counted for beside the track: kept when the track is taken down, since its plays were plays.
CREATE TABLE "track_artist" (
  "track_id" TEXT NOT NULL,
  "artist_ids" TEXT[],
  "album_id" TEXT,
  "version" BIGINT NOT NULL,
  CONSTRAINT "track_artist_pkey" PRIMARY KEY ("track_id"),
  CONSTRAINT "track_artist_check" CHECK ("artist_ids" IS NOT NULL)
);

-- What kind each device is. Apart from "device", which one consumer keeps together with the accounts.
CREATE TABLE "device_kind" (
  "user_id" TEXT NOT NULL,
  "device_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  CONSTRAINT "device_kind_pkey" PRIMARY KEY ("user_id", "device_id")
);

-- One row a playback of which anything was heard of: history, statistics, analytics and royalties read it. In the month (UTC) in which
-- we opened the playback, which no report changes. user_id is NULL once the person is erased.
CREATE TABLE "play" (
  "playback_id" TEXT NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "user_id" TEXT,
  "playable_id" TEXT NOT NULL,
  "album_id" TEXT,
  "artist_ids" TEXT[],
  "device_id" TEXT,
  "device_kind" TEXT NOT NULL DEFAULT 'OTHER',
  "country" TEXT NOT NULL,
  "tier" TEXT NOT NULL,
  "context_id" TEXT,
  "duration_ms" INTEGER NOT NULL,
  "heard_ms" INTEGER NOT NULL,
  "presentation" TEXT NOT NULL DEFAULT 'FULL',
  "is_counted" BOOLEAN NOT NULL,
  CONSTRAINT "play_pkey" PRIMARY KEY ("started_at", "playback_id"),
  CONSTRAINT "play_artists_check" CHECK ("artist_ids" IS NOT NULL),
  CONSTRAINT "play_heard_check" CHECK ("heard_ms" >= 0),
  CONSTRAINT "play_counted_check" CHECK ("is_counted" = ("presentation" = 'FULL' AND "heard_ms" >= 30000))
) PARTITION BY RANGE ("started_at");
CREATE INDEX "play_user_id_started_at_playback_id_idx" ON "play" ("user_id", "started_at" DESC, "playback_id" DESC);

-- Makes the partition that holds `moment`, unless it is there. Made beside the table and then attached: that stops no reader and no
-- writer. Rows change while a playback is heard; the room left on each page keeps such changes out of the indexes.
CREATE FUNCTION "make_play_partition"("moment" TIMESTAMPTZ) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  month TIMESTAMP := date_trunc('month', moment AT TIME ZONE 'UTC');
  partition TEXT := 'play_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(quote_ident(partition)) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('playback ' || partition, 0));
  IF to_regclass(quote_ident(partition)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE play INCLUDING ALL) WITH (fillfactor = 80)', partition);
  EXECUTE format(
    'ALTER TABLE play ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    partition, month AT TIME ZONE 'UTC', (month + INTERVAL '1 month') AT TIME ZONE 'UTC');
END $$;

-- What was heard before there was this table. Who the artists were was not known here.
SELECT make_play_partition(month)
  FROM (SELECT DISTINCT date_trunc('month', started_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month
          FROM playback_session WHERE reported_at IS NOT NULL) AS months;
INSERT INTO play (playback_id, started_at, user_id, playable_id, album_id, artist_ids, device_id, country, tier, context_id,
                  duration_ms, heard_ms, presentation, is_counted)
SELECT id, started_at, user_id, playable_id, album_track.album_id, '{}', device_id, country, tier, context_id,
       duration_ms, heard_ms, presentation, presentation = 'FULL' AND heard_ms >= 30000
  FROM playback_session LEFT JOIN album_track ON track_id = playable_id
 WHERE reported_at IS NOT NULL;

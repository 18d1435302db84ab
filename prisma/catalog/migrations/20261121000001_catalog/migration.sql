-- The catalogue and the words it is found by.
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- What two spellings of the same text have in common: no case, no accents, no punctuation, one space between words.
-- Chinese and Japanese, written without spaces, have one word a character. A text of signs alone ("!!!") stays as it is.
-- IMMUTABLE although unaccent() is not declared so: its rules are a file that no release of ours changes.
CREATE FUNCTION search_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(
  coalesce(
    nullif(
      btrim(
        regexp_replace(
          regexp_replace(
            regexp_replace(
              lower(public.unaccent('public.unaccent', normalize(value, NFKC)) COLLATE "pg_c_utf8"),
              '[''’ʼ`´\u0300-\u036f]', '', 'g'),
            '([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])', ' \1 ', 'g'),
          '[^[:alnum:]]+', ' ', 'g')),
      ''),
    btrim(lower(normalize(value, NFKC) COLLATE "pg_c_utf8"))),
  200) COLLATE "C";

-- The words of a text, each marked with `weight`. Put together by hand: to_tsvector would read "AC/DC" as a file's name
-- and what is a letter from the operating system. A key is all words or all signs: its first character tells.
CREATE FUNCTION search_words(value text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT coalesce(string_agg('''' || left(word, 64) || ''':' || place || weight, ' '), '')::tsvector
    FROM (SELECT search_key(value) AS key OFFSET 0) AS folded, -- OFFSET: folded once, not at every mention
         string_to_table(key, ' ') WITH ORDINALITY AS split (word, place)
   WHERE key ~ ('^[[:alnum:]]' COLLATE "pg_c_utf8")
);

-- All words of a key, the last one as a beginning; `weights` says where they may stand ('A' title, 'AB' artist as well,
-- '' anywhere). NULL for a key of signs alone.
CREATE FUNCTION search_query(key text, weights text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT string_agg(
           '''' || left(word, 64) || ''''
           || CASE WHEN place = words THEN ':*' || weights WHEN weights <> '' THEN ':' || weights ELSE '' END,
           ' & ')::tsquery
    FROM (SELECT word, place, count(*) OVER () AS words FROM string_to_table(key, ' ') WITH ORDINALITY AS split (word, place)) AS asked
   WHERE key ~ ('^[[:alnum:]]' COLLATE "pg_c_utf8")
);

-- Every table that an import or the demo fills has the source's own key, and a hash of what the source last said: a second
-- import sees by it what has not changed.
CREATE TABLE "genre" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "genre_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "genre_source_source_key_key" ON "genre" ("source", "source_key");
CREATE INDEX "genre_name_id_idx" ON "genre" ("name" COLLATE "C", "id" COLLATE "C");

CREATE TABLE "artist" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "artist_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "artist_source_source_key_key" ON "artist" ("source", "source_key");

CREATE TABLE "album" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('ALBUM', 'SINGLE', 'EP', 'COMPILATION')),
  "release_date" DATE,
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "album_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "album_source_source_key_key" ON "album" ("source", "source_key");

-- markets NULL: nothing is known, and the track may be played everywhere; {}: nowhere.
CREATE TABLE "track" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "duration_ms" INTEGER NOT NULL CHECK ("duration_ms" > 0),
  "album_id" TEXT REFERENCES "album" ("id"),
  "disc_number" INTEGER NOT NULL,
  "track_number" INTEGER NOT NULL,
  "explicit" BOOLEAN NOT NULL DEFAULT false,
  "isrc" TEXT,
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "markets" TEXT[],
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
  "is_composable" BOOLEAN NOT NULL DEFAULT false,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "track_pkey" PRIMARY KEY ("id"),
  -- Features come whole or not at all.
  CONSTRAINT "track_features_whole" CHECK (
    num_nulls("tempo", "key", "mode", "energy", "danceability", "valence", "acousticness", "instrumentalness", "loudness",
      "speechiness") IN (0, 10)
  )
);
CREATE UNIQUE INDEX "track_source_source_key_key" ON "track" ("source", "source_key");
CREATE INDEX "track_album_id_idx" ON "track" ("album_id", "disc_number", "track_number", "id" COLLATE "C");

CREATE TABLE "track_artist" (
  "track_id" TEXT NOT NULL REFERENCES "track" ("id"),
  "artist_id" TEXT NOT NULL REFERENCES "artist" ("id"),
  "position" INTEGER NOT NULL,
  CONSTRAINT "track_artist_pkey" PRIMARY KEY ("track_id", "artist_id")
);
CREATE INDEX "track_artist_artist_id_track_id_idx" ON "track_artist" ("artist_id", "track_id");

CREATE TABLE "album_artist" (
  "album_id" TEXT NOT NULL REFERENCES "album" ("id"),
  "artist_id" TEXT NOT NULL REFERENCES "artist" ("id"),
  "position" INTEGER NOT NULL,
  CONSTRAINT "album_artist_pkey" PRIMARY KEY ("album_id", "artist_id")
);
CREATE INDEX "album_artist_artist_id_album_id_idx" ON "album_artist" ("artist_id", "album_id");

CREATE TABLE "track_genre" (
  "track_id" TEXT NOT NULL REFERENCES "track" ("id"),
  "genre_id" TEXT NOT NULL REFERENCES "genre" ("id"),
  "position" INTEGER NOT NULL,
  CONSTRAINT "track_genre_pkey" PRIMARY KEY ("track_id", "genre_id")
);
CREATE INDEX "track_genre_genre_id_track_id_idx" ON "track_genre" ("genre_id", "track_id");

CREATE TABLE "artist_genre" (
  "artist_id" TEXT NOT NULL REFERENCES "artist" ("id"),
  "genre_id" TEXT NOT NULL REFERENCES "genre" ("id"),
  "position" INTEGER NOT NULL,
  CONSTRAINT "artist_genre_pkey" PRIMARY KEY ("artist_id", "genre_id")
);

CREATE TABLE "show" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "description" TEXT,
  "publisher" TEXT,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "show_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "show_source_source_key_key" ON "show" ("source", "source_key");

CREATE TABLE "episode" (
  "id" TEXT NOT NULL,
  "show_id" TEXT NOT NULL REFERENCES "show" ("id"),
  "title" TEXT NOT NULL,
  "description" TEXT,
  "duration_ms" INTEGER NOT NULL CHECK ("duration_ms" > 0),
  "published_at" TIMESTAMPTZ(3),
  "markets" TEXT[],
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
  "is_composable" BOOLEAN NOT NULL DEFAULT false,
  "version" BIGINT NOT NULL DEFAULT 1,
  "source" TEXT NOT NULL,
  "source_key" TEXT NOT NULL,
  "source_hash" TEXT NOT NULL,
  CONSTRAINT "episode_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "episode_features_whole" CHECK (
    num_nulls("tempo", "key", "mode", "energy", "danceability", "valence", "acousticness", "instrumentalness", "loudness",
      "speechiness") IN (0, 10)
  )
);
CREATE UNIQUE INDEX "episode_source_source_key_key" ON "episode" ("source", "source_key");
CREATE INDEX "episode_show_id_idx" ON "episode" ("show_id");

-- The audio of a track or an episode. No row: nobody has asked for it yet.
CREATE TABLE "playable_audio" (
  "playable_id" TEXT NOT NULL,
  "state" TEXT NOT NULL CHECK ("state" IN ('REQUESTED', 'COMPOSING', 'READY', 'FAILED')),
  "asset" JSONB,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "leased_until" TIMESTAMPTZ(3),
  "failure" TEXT,
  "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  "version" BIGINT NOT NULL DEFAULT 1,
  CONSTRAINT "playable_audio_pkey" PRIMARY KEY ("playable_id"),
  CONSTRAINT "playable_audio_ready_has_asset" CHECK (("state" = 'READY') = ("asset" IS NOT NULL)),
  CONSTRAINT "playable_audio_composing_has_lease" CHECK (("state" = 'COMPOSING') = ("leased_until" IS NOT NULL))
);
CREATE INDEX "playable_audio_waiting_idx" ON "playable_audio" ("requested_at") WHERE "state" IN ('REQUESTED', 'COMPOSING');

-- What playlists has said of its lists' names: the revision outlives a deletion, so that nothing older brings it back.
CREATE TABLE "playlist_name" (
  "playlist_id" TEXT NOT NULL,
  "revision" BIGINT NOT NULL,
  "is_listed" BOOLEAN NOT NULL,
  CONSTRAINT "playlist_name_pkey" PRIMARY KEY ("playlist_id")
);

-- One row for each thing that can be found, written in the transaction of the thing itself.
CREATE TABLE "search_document" (
  "id" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('TRACK', 'ARTIST', 'ALBUM', 'PLAYLIST', 'EPISODE', 'SHOW')),
  "title" TEXT NOT NULL,
  "artist" TEXT NOT NULL DEFAULT '',
  "album" TEXT NOT NULL DEFAULT '',
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "title_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (search_key("title")) STORED,
  "words" TSVECTOR NOT NULL GENERATED ALWAYS AS (
    search_words("title", 'A') || search_words("artist", 'B') || search_words("album", 'C')
  ) STORED,
  CONSTRAINT "search_document_pkey" PRIMARY KEY ("id")
);
-- fastupdate off: a search never has to walk a list of rows that an import has not sorted in yet.
CREATE INDEX "search_document_words_idx" ON "search_document" USING gin ("words") WITH (fastupdate = off);
CREATE INDEX "search_document_title_key_idx" ON "search_document" ("title_key");
CREATE INDEX "search_document_title_key_trgm_idx" ON "search_document"
  USING gin ("title_key" public.gin_trgm_ops) WITH (gin_pending_list_limit = 1024);

-- Search of a catalogue of any size, and pages that cost the same wherever they begin.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch SCHEMA public;

CREATE TEMPORARY TABLE "search_document_before" ON COMMIT DROP AS
SELECT "id", "kind", "title", "artist", "album", "popularity" FROM "search_document";
DROP TABLE "search_document";
DROP FUNCTION search_words(text, text);
DROP FUNCTION search_query(text, text);

-- Where a document is looked for: its kind, and how popular it is. Popularity is spread so that each band is many times as large
-- as the one before it, and what matches in the first bands is the most popular there is: a search reads on only until it has
-- enough, however many documents there are with a common word.
CREATE FUNCTION search_scope(kind text, popularity integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE kind WHEN 'TRACK' THEN 'T' WHEN 'ARTIST' THEN 'A' WHEN 'ALBUM' THEN 'L' WHEN 'PLAYLIST' THEN 'P' WHEN 'SHOW' THEN 'S' WHEN 'EPISODE' THEN 'E' END
    || CASE WHEN popularity >= 60 THEN '0' WHEN popularity >= 40 THEN '1' WHEN popularity >= 20 THEN '2' ELSE '3' END;

-- The words a document is found by, each behind its scope and a sign: '=' it is in the title, '@' in the artist's name, '~' anywhere. So
-- the index knows what PostgreSQL's weights leave to the table. Put together by hand: to_tsvector would read "AC/DC" as a file's name
-- and what is a letter from the operating system. A key is all words or all signs: its first character tells.
CREATE FUNCTION search_words(scope text, title text, artist text, album text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT array_to_tsvector(coalesce(array_agg(scope || sign || left(word, 64)), '{}'))
    FROM (VALUES ('{=,~}'::text[], search_key(title)), ('{@,~}', search_key(artist)), ('{~}', search_key(album))) AS field (signs, key),
         string_to_table(key, ' ') AS split (word), unnest(signs) AS sign
   WHERE key ~ ('^[[:alnum:]]' COLLATE "pg_c_utf8")
);

-- One row for each thing that can be found, written in the transaction of the thing itself.
CREATE TABLE "search_document" (
  "id" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('TRACK', 'ARTIST', 'ALBUM', 'PLAYLIST', 'EPISODE', 'SHOW')),
  "title" TEXT NOT NULL,
  "artist" TEXT NOT NULL DEFAULT '',
  "album" TEXT NOT NULL DEFAULT '',
  "popularity" INTEGER NOT NULL DEFAULT 0,
  "scope" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (search_scope("kind", "popularity")) STORED,
  "title_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (search_key("title")) STORED,
  "words" TSVECTOR NOT NULL GENERATED ALWAYS AS (
    search_words(search_scope("kind", "popularity"), "title", "artist", "album")
  ) STORED,
  CONSTRAINT "search_document_pkey" PRIMARY KEY ("id")
);
-- fastupdate off: a search never has to walk a list of rows that an import has not sorted in yet.
CREATE INDEX "search_document_words_idx" ON "search_document" USING gin ("words") WITH (fastupdate = off);
CREATE INDEX "search_document_scope_title_key_idx" ON "search_document" ("scope", "title_key", "popularity" DESC);

-- Every spelling that is left of a word's first seven characters without one or two of them, hashed: two words that are one or
-- two mistakes apart have one of these in common, in any script (W. Garbe's symmetric deletes).
CREATE FUNCTION search_deletes(word text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT array_agg(DISTINCT hashtext(rest))
    FROM (SELECT left(word, 7) AS head, least(length(word), 7) AS size) AS cut,
         LATERAL (SELECT head AS rest
                   UNION ALL SELECT left(head, i - 1) || substr(head, i + 1) FROM generate_series(1, size) AS i WHERE size > 1
                   UNION ALL SELECT left(head, i - 1) || substr(head, i + 1, j - i - 1) || substr(head, j + 1)
                               FROM generate_series(1, size) AS i, generate_series(i + 1, size) AS j WHERE size > 4) AS spelling
);

-- Every word that any document has or had, and how popular the best of them is.
CREATE TABLE "search_word" (
  "word" TEXT COLLATE "C" NOT NULL,
  "popularity" INTEGER NOT NULL,
  "deletes" INTEGER[] GENERATED ALWAYS AS (search_deletes("word")) STORED,
  CONSTRAINT "search_word_pkey" PRIMARY KEY ("word")
);
CREATE INDEX "search_word_deletes_idx" ON "search_word" USING gin ("deletes");

-- Whoever writes documents, their words are known from then on. In the order of the words: two writers never wait for each other.
CREATE FUNCTION search_learn() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO search_word AS known (word, popularity)
  SELECT said.word, said.popularity
    FROM (SELECT substr(lexeme, 4) COLLATE "C" AS word, max(popularity) AS popularity
            FROM written, unnest(tsvector_to_array(words)) AS lexeme GROUP BY 1) AS said
    LEFT JOIN search_word AS earlier ON earlier.word = said.word
   WHERE earlier.word IS NULL OR earlier.popularity < said.popularity
   ORDER BY said.word
      ON CONFLICT (word) DO UPDATE SET popularity = greatest(known.popularity, excluded.popularity);
  RETURN NULL;
END $$;
CREATE TRIGGER "search_document_learn_inserted" AFTER INSERT ON "search_document"
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_learn();
CREATE TRIGGER "search_document_learn_updated" AFTER UPDATE ON "search_document"
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION search_learn();

INSERT INTO "search_document" ("id", "kind", "title", "artist", "album", "popularity")
SELECT "id", "kind", "title", "artist", "album", "popularity" FROM "search_document_before";

-- What must be in a document for all words of a key to be there, as the text of a tsquery in which ? stands for the scope and ! for
-- the sign. The last word may be the beginning of any of the twenty best known words that begin so; they are written out, for a
-- tsquery's own prefixes cost as much as all documents that have one. NULL where no document can have them all.
CREATE FUNCTION search_query(key text) RETURNS text LANGUAGE sql STABLE STRICT SET search_path FROM CURRENT
RETURN (
  SELECT CASE WHEN count(*) = max(words) THEN string_agg('(' || spelt || ')', '&') END
    FROM (SELECT string_agg('''?!' || spelling || '''', '|') AS spelt, max(words) AS words
            FROM (SELECT left(word, 64) AS word, place, count(*) OVER () AS words
                    FROM string_to_table(key, ' ') WITH ORDINALITY AS split (word, place)) AS asked
           CROSS JOIN LATERAL (SELECT word AS spelling FROM search_word AS same WHERE same.word = asked.word
                                UNION ALL
                               (SELECT longer.word FROM search_word AS longer
                                 WHERE place = words AND longer.word > asked.word AND longer.word < asked.word || chr(1114111)
                                 ORDER BY longer.popularity DESC LIMIT 20)) AS spellings
           GROUP BY place) AS places
);

-- The most popular documents of each kind, some `most` of them, with what was typed: it is the title (tier 6), its first words (5), its
-- beginning (4); all words are in the title (3), in title and artist (2), in title, artist and album (1). A step reads the bands from
-- the most popular one on until there is enough of a kind, and of a band no more than a bounded part: where thousands of documents
-- that nobody knows match, any of them will do.
CREATE FUNCTION search_candidates(typed text, most integer)
RETURNS TABLE (kind text, id text, tier integer, popularity integer, title_key text, artist text)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  key CONSTANT text := search_key(typed);
  beyond CONSTANT text := key || chr(1114111);
  in_title text;
  in_names text;
  anywhere text;
  letters CONSTANT text := 'ATLPSE';
  open text[] := string_to_array(letters, NULL);
  asked_now text[];
  ranked CONSTANT text[] := '{A,T,L}';
  counts integer[] := '{0,0,0,0,0,0}';
  hits refcursor;
  letter text;
BEGIN
  FOR step IN REVERSE 6..2 LOOP
    IF step = 3 THEN
      anywhere := search_query(key);
      EXIT WHEN anywhere IS NULL;
      in_title := replace(anywhere, '!', '=');
      in_names := regexp_replace(anywhere, '''\?!([^'']+)''', '(''?=\1''|''?@\1'')', 'g');
      anywhere := replace(anywhere, '!', '~');
    END IF;
    FOR band IN 0..3 LOOP
      asked_now := CASE WHEN band < 3 THEN ARRAY(SELECT unnest(open) INTERSECT SELECT unnest(ranked)) ELSE open END;
      CASE step
      WHEN 6 THEN
        OPEN hits FOR
          SELECT asked, kind, id, 6, popularity, title_key, artist
            FROM unnest(asked_now) AS asked
           CROSS JOIN LATERAL (SELECT * FROM search_document WHERE scope = asked || band AND title_key = key
                                ORDER BY popularity DESC LIMIT most) AS part;
      WHEN 5 THEN
        OPEN hits FOR
          SELECT asked, kind, id, 5, popularity, title_key, artist
            FROM unnest(asked_now) AS asked
           CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM search_document WHERE scope = asked || band AND title_key >= key || ' ' AND title_key < key || '!' LIMIT 5000) AS some_of_it
                                ORDER BY popularity DESC LIMIT most) AS part;
      WHEN 4 THEN
        OPEN hits FOR
          SELECT asked, kind, id, 4, popularity, title_key, artist
            FROM unnest(asked_now) AS asked
           CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM search_document WHERE scope = asked || band AND title_key > key AND title_key < beyond AND NOT starts_with(title_key, key || ' ') LIMIT 5000) AS some_of_it
                                ORDER BY popularity DESC LIMIT most) AS part;
      WHEN 3 THEN
        OPEN hits FOR
          SELECT asked, kind, id, 3, popularity, title_key, artist
            FROM unnest(asked_now) AS asked
           CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM search_document WHERE words @@ replace(in_title, '?', asked || band)::tsquery AND NOT starts_with(title_key, key) LIMIT 1000) AS some_of_it
                                ORDER BY popularity DESC LIMIT most) AS part;
      ELSE
        OPEN hits FOR
          SELECT asked, kind, id, CASE WHEN words @@ replace(in_names, '?', asked || band)::tsquery THEN 2 ELSE 1 END, popularity, title_key, artist
            FROM unnest(asked_now) AS asked
           CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM search_document WHERE words @@ replace(anywhere, '?', asked || band)::tsquery AND NOT words @@ replace(in_title, '?', asked || band)::tsquery LIMIT 1000) AS some_of_it
                                ORDER BY popularity DESC LIMIT most) AS part;
      END CASE;
      LOOP
        FETCH hits INTO letter, kind, id, tier, popularity, title_key, artist;
        EXIT WHEN NOT FOUND;
        RETURN NEXT;
        counts[strpos(letters, letter)] := counts[strpos(letters, letter)] + 1;
      END LOOP;
      CLOSE hits;
      open := ARRAY(SELECT asked FROM unnest(open) AS asked WHERE counts[strpos(letters, asked)] < most);
      EXIT WHEN open = '{}';
    END LOOP;
    EXIT WHEN open = '{}';
  END LOOP;
END $$;

-- The most popular documents of each kind, some `most` of them, that have one of these titles, or words that match a query of the room's
-- own making, in which ? stands for the scope. `words` are all they are found by.
CREATE FUNCTION search_alike(titles text[], query text, most integer)
RETURNS TABLE (kind text, id text, popularity integer, title text, title_key text, artist text, words text)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  letter text;
  found integer;
  more integer;
BEGIN
  FOREACH letter IN ARRAY '{A,T,L,P,S,E}'::text[] LOOP
    found := 0;
    FOR band IN 0..3 LOOP
      RETURN QUERY
        SELECT kind, id, popularity, title, title_key, artist, array_to_string(tsvector_to_array(words), ' ') FROM search_document
         WHERE scope = letter || band AND title_key = ANY (titles) ORDER BY popularity DESC LIMIT most;
      GET DIAGNOSTICS more = ROW_COUNT;
      found := found + more;
      EXIT WHEN found >= most;
    END LOOP;
    FOR band IN 0..3 LOOP
      EXIT WHEN found >= most;
      RETURN QUERY
        SELECT kind, id, popularity, title, title_key, artist, array_to_string(tsvector_to_array(words), ' ')
          FROM (SELECT * FROM search_document
                 WHERE words @@ replace(query, '?', letter || band)::tsquery AND title_key <> ALL (titles) LIMIT 1000) AS part
         ORDER BY popularity DESC LIMIT most;
      GET DIAGNOSTICS more = ROW_COUNT;
      found := found + more;
    END LOOP;
  END LOOP;
END $$;

-- What begins so, of all kinds together, the most popular first.
CREATE FUNCTION search_suggestions(typed text, most integer)
RETURNS TABLE (kind text, id text, title text, title_key text, popularity integer)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  key CONSTANT text := search_key(typed);
  beyond CONSTANT text := key || chr(1114111);
  found integer := 0;
  more integer;
BEGIN
  FOR band IN 0..3 LOOP
    RETURN QUERY
      SELECT part.kind, part.id, part.title, part.title_key, part.popularity
        FROM unnest('{A,T,L,P,S,E}'::text[]) AS asked
       CROSS JOIN LATERAL (SELECT * FROM search_document
                            WHERE scope = asked || band AND title_key >= key AND title_key < beyond LIMIT 5000) AS part
       ORDER BY part.popularity DESC LIMIT most;
    GET DIAGNOSTICS more = ROW_COUNT;
    found := found + more;
    EXIT WHEN found >= most;
  END LOOP;
END $$;

-- Pages of popular tracks and of new albums begin anywhere at the same cost: the order stands in the links themselves.
ALTER TABLE "track_artist" ADD COLUMN "popularity" INTEGER NOT NULL DEFAULT 0;
UPDATE "track_artist" SET "popularity" = "track"."popularity" FROM "track" WHERE "track"."id" = "track_id";
DROP INDEX "track_artist_artist_id_track_id_idx";
CREATE INDEX "track_artist_artist_id_popularity_idx" ON "track_artist" ("artist_id", (-"popularity"), "track_id" COLLATE "C");

ALTER TABLE "track_genre" ADD COLUMN "popularity" INTEGER NOT NULL DEFAULT 0;
UPDATE "track_genre" SET "popularity" = "track"."popularity" FROM "track" WHERE "track"."id" = "track_id";
DROP INDEX "track_genre_genre_id_track_id_idx";
CREATE INDEX "track_genre_genre_id_popularity_idx" ON "track_genre" ("genre_id", (-"popularity"), "track_id" COLLATE "C");

ALTER TABLE "album_artist" ADD COLUMN "released" DATE NOT NULL DEFAULT '-infinity';
UPDATE "album_artist" SET "released" = coalesce("release_date", '-infinity') FROM "album" WHERE "album"."id" = "album_id";
DROP INDEX "album_artist_artist_id_album_id_idx";
CREATE INDEX "album_artist_artist_id_released_idx" ON "album_artist" ("artist_id", "released", "album_id" COLLATE "C");

DROP INDEX "episode_show_id_idx";
CREATE INDEX "episode_show_id_published_idx" ON "episode" ("show_id", coalesce("published_at", '-infinity'), "id" COLLATE "C");

-- What listeners are drawn to: how often they played an artist and a genre, and which lists are theirs.
CREATE TABLE "listener_artist" (
  "user_id" TEXT NOT NULL,
  "artist_id" TEXT NOT NULL,
  "plays" INTEGER NOT NULL,
  CONSTRAINT "listener_artist_pkey" PRIMARY KEY ("user_id", "artist_id")
);
CREATE TABLE "listener_genre" (
  "user_id" TEXT NOT NULL,
  "genre_id" TEXT NOT NULL,
  "plays" INTEGER NOT NULL,
  CONSTRAINT "listener_genre_pkey" PRIMARY KEY ("user_id", "genre_id")
);
ALTER TABLE "playlist_name" ADD COLUMN "owner_id" TEXT;

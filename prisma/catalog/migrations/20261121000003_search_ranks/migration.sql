-- Thousands of titles that begin alike are ranked without a look at the table: all that ranks them stands in their index.
DROP INDEX "search_document_scope_title_key_idx";
ALTER TABLE "search_document" ADD COLUMN "credit" INTEGER NOT NULL GENERATED ALWAYS AS (hashtext("artist")) STORED;
CREATE INDEX "search_document_scope_title_key_idx" ON "search_document" ("scope", "title_key", "popularity" DESC) INCLUDE ("id", "credit");

ALTER TABLE "search_word" DROP CONSTRAINT "search_word_pkey",
  ADD CONSTRAINT "search_word_pkey" PRIMARY KEY ("word") INCLUDE ("popularity");

DROP FUNCTION search_candidates(text, integer);
DROP FUNCTION search_alike(text[], text, integer);
DROP FUNCTION search_query(text);

-- What must be in a document for all words of a key to be there, as the text of a tsquery in which ? stands for the scope and ! for
-- the sign. When it is not typed to its end, the last word may be any of the twenty best known words that begin so: written out, for
-- a tsquery's own prefixes cost as much as all documents that have one. NULL where no document can have them all.
CREATE FUNCTION search_query(key text, is_unfinished boolean) RETURNS text LANGUAGE sql STABLE STRICT SET search_path FROM CURRENT
RETURN (
  SELECT CASE WHEN count(*) = max(words) THEN string_agg('(' || spelt || ')', '&') END
    FROM (SELECT string_agg('''?!' || spelling || '''', '|') AS spelt, max(words) AS words
            FROM (SELECT left(word, 64) AS word, place, count(*) OVER () AS words
                    FROM string_to_table(key, ' ') WITH ORDINALITY AS split (word, place)) AS asked
           CROSS JOIN LATERAL (SELECT word AS spelling FROM search_word AS same WHERE same.word = asked.word
                                UNION ALL
                               (SELECT longer.word FROM search_word AS longer
                                 WHERE is_unfinished AND place = words
                                   AND longer.word > asked.word AND longer.word < asked.word || chr(1114111)
                                 ORDER BY longer.popularity DESC LIMIT 20)) AS spellings
           GROUP BY place) AS places
);

-- The most popular documents of each kind, some `most_tracks` tracks and `most_others` of each other kind, with what was typed: it is the
-- title (tier 6), its first words (5), its beginning (4); all words are in the title (3), in title and artist (2), in title, artist and
-- album (1); where that is hardly anything, the last word may be a beginning as well. A step reads the bands from the most popular one on
-- until there is enough of a kind, and of a band no more than a bounded part: where thousands of documents that nobody knows match, any
-- of them will do.
CREATE FUNCTION search_candidates(typed text, most_tracks integer, most_others integer)
RETURNS TABLE (kind text, id text, tier integer, popularity integer, title_key text, credit integer)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  letters CONSTANT text := 'ATLPSE';
  kinds CONSTANT text[] := '{ARTIST,TRACK,ALBUM,PLAYLIST,SHOW,EPISODE}';
  key CONSTANT text := search_key(typed);
  in_title text;
  in_names text;
  anywhere text;
  earlier text;
  counts integer[] := '{0,0,0,0,0,0}';
  open text[] := string_to_array(letters, NULL);
  asked text[];
  hits refcursor;
  letter text;
  place integer;
BEGIN
  -- 6 to 4 as the tiers; 3 words of the title, 2 words anywhere, 1 the same with a last word that goes on
  FOR step IN REVERSE 6..1 LOOP
    EXIT WHEN step = 1 AND (SELECT sum(count) FROM unnest(counts) AS count) >= 10;
    IF step IN (3, 1) THEN
      earlier := anywhere;
      anywhere := search_query(key, step = 1);
      in_title := replace(anywhere, '!', '=');
      in_names := regexp_replace(anywhere, '''\?!([^'']+)''', '(''?=\1''|''?@\1'')', 'g');
      anywhere := replace(anywhere, '!', '~');
    END IF;
    CONTINUE WHEN step < 4 AND anywhere IS NULL;
    FOR band IN 0..3 LOOP
      -- What nobody plays by itself is all in the last band. In it, words are looked for once: whatever the field, it is large.
      asked := CASE WHEN band < 3 THEN ARRAY(SELECT unnest(open) INTERSECT SELECT unnest('{A,T,L}'::text[])) ELSE open END;
      CONTINUE WHEN step = 3 AND band = 3;
      CASE step
      WHEN 6 THEN
        OPEN hits FOR
          SELECT one, id, 6, popularity, title_key, credit
            FROM unnest(asked) AS one
           CROSS JOIN LATERAL (SELECT id, popularity, title_key, credit FROM search_document
                                WHERE scope = one || band AND title_key = key
                                ORDER BY popularity DESC LIMIT CASE one WHEN 'T' THEN most_tracks ELSE most_others END) AS best;
      WHEN 5, 4 THEN
        OPEN hits FOR
          SELECT one, id, step, popularity, title_key, credit
            FROM unnest(asked) AS one
           CROSS JOIN LATERAL (
             SELECT * FROM (SELECT id, popularity, title_key, credit FROM search_document
                             WHERE scope = one || band
                               AND title_key > CASE step WHEN 5 THEN key || ' ' ELSE key || '!' END
                               AND title_key < CASE step WHEN 5 THEN key || '!' ELSE key || chr(1114111) END LIMIT 5000) AS part
              ORDER BY popularity DESC LIMIT CASE one WHEN 'T' THEN most_tracks ELSE most_others END) AS best;
      ELSE
        OPEN hits FOR
          SELECT one, id, CASE WHEN words @@ titled THEN 3 WHEN words @@ named THEN 2 ELSE 1 END, popularity, title_key, credit
            FROM (SELECT one, CASE step WHEN 3 THEN replace(in_title, '?', one || band) ELSE replace(anywhere, '?', one || band) END::tsquery AS wanted,
                         replace(in_title, '?', one || band)::tsquery AS titled, replace(in_names, '?', one || band)::tsquery AS named,
                         replace(earlier, '?', one || band)::tsquery AS found_before
                    FROM unnest(asked) AS one OFFSET 0) AS query -- OFFSET: made once a scope, not once a document
           CROSS JOIN LATERAL (
             SELECT * FROM (SELECT * FROM search_document
                             WHERE words @@ wanted AND NOT starts_with(title_key, key)
                               AND (step <> 2 OR band = 3 OR NOT words @@ titled)
                               AND (found_before IS NULL OR NOT words @@ found_before) LIMIT 1000) AS part
              ORDER BY popularity DESC LIMIT CASE one WHEN 'T' THEN most_tracks ELSE most_others END) AS best;
      END CASE;
      LOOP
        FETCH hits INTO letter, id, tier, popularity, title_key, credit;
        EXIT WHEN NOT FOUND;
        place := strpos(letters, letter);
        kind := kinds[place];
        counts[place] := counts[place] + 1;
        RETURN NEXT;
      END LOOP;
      CLOSE hits;
      open := ARRAY(SELECT one FROM unnest(open) AS one
                     WHERE counts[strpos(letters, one)] < CASE one WHEN 'T' THEN most_tracks ELSE most_others END);
      EXIT WHEN open = '{}';
    END LOOP;
    EXIT WHEN open = '{}';
  END LOOP;
END $$;

-- The most popular documents of each kind, some `most` of them, that have one of these titles, or words that match a query of the room's
-- own making, in which ? stands for the scope. `words` are all they are found by.
CREATE FUNCTION search_alike(titles text[], query text, most integer)
RETURNS TABLE (kind text, id text, popularity integer, title text, title_key text, credit integer, words text)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  letter text;
  wanted tsquery;
  found integer;
  more integer;
BEGIN
  FOREACH letter IN ARRAY '{A,T,L,P,S,E}'::text[] LOOP
    found := 0;
    FOR band IN 0..3 LOOP
      RETURN QUERY
        SELECT kind, id, popularity, title, title_key, credit, array_to_string(tsvector_to_array(words), ' ') FROM search_document
         WHERE scope = letter || band AND title_key = ANY (titles) ORDER BY popularity DESC LIMIT most;
      GET DIAGNOSTICS more = ROW_COUNT;
      found := found + more;
      EXIT WHEN found >= most;
    END LOOP;
    FOR band IN 0..3 LOOP
      EXIT WHEN found >= most;
      wanted := replace(query, '?', letter || band);
      RETURN QUERY
        SELECT kind, id, popularity, title, title_key, credit, array_to_string(tsvector_to_array(words), ' ')
          FROM (SELECT * FROM (SELECT * FROM search_document
                                WHERE words @@ wanted AND title_key <> ALL (titles) LIMIT 500) AS part
                 ORDER BY popularity DESC LIMIT most) AS best;
      GET DIAGNOSTICS more = ROW_COUNT;
      found := found + more;
    END LOOP;
  END LOOP;
END $$;

-- What begins so, of all kinds together, the most popular first.
CREATE OR REPLACE FUNCTION search_suggestions(typed text, most integer)
RETURNS TABLE (kind text, id text, title text, title_key text, popularity integer)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  key CONSTANT text := search_key(typed);
  found integer := 0;
  more integer;
BEGIN
  FOR band IN 0..3 LOOP
    RETURN QUERY
      SELECT kind, id, title, title_key, popularity
        FROM (SELECT best FROM unnest('{A,T,L,P,S,E}'::text[]) AS one
               CROSS JOIN LATERAL (SELECT id AS best, popularity FROM search_document
                                    WHERE scope = one || band AND title_key >= key AND title_key < key || chr(1114111) LIMIT 5000) AS part
               ORDER BY popularity DESC LIMIT most) AS ranked
       CROSS JOIN LATERAL (SELECT * FROM search_document WHERE id = best LIMIT 1) AS document;
    GET DIAGNOSTICS more = ROW_COUNT;
    found := found + more;
    EXIT WHEN found >= most;
  END LOOP;
END $$;

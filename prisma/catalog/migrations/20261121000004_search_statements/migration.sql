-- Search in two statements where there were dozens: steps that are read lazily need not be asked for one by one.

-- What there is to look for: each kind, the letter its scopes begin with, its bands from the most popular one on (what nobody plays
-- by itself is all in the last), and how many of it are wanted.
CREATE FUNCTION search_kinds(most_tracks integer, most_others integer)
RETURNS TABLE (kind text, letter text, bands integer[], most integer) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT * FROM (VALUES
    ('ARTIST', 'A', '{0,1,2,3}'::integer[], most_others), ('TRACK', 'T', '{0,1,2,3}', most_tracks), ('ALBUM', 'L', '{0,1,2,3}', most_others),
    ('PLAYLIST', 'P', '{3}', most_others), ('SHOW', 'S', '{3}', most_others), ('EPISODE', 'E', '{3}', most_others)) AS kinds;
END;

-- The most popular documents of each kind, some `most_tracks` tracks and `most_others` of each other kind, with what was typed: it is the
-- title (tier 6), its first words (5), its beginning (4); all words are in the title (3), in title and artist (2), in title, artist and
-- album (1); where that is hardly anything, the last word may be a beginning as well. Of each kind a step is read only when those before
-- it were not enough, a band of it only when those more popular were not, and of a band no more than a bounded part: where thousands
-- of documents that nobody knows match, any of them will do.
CREATE OR REPLACE FUNCTION search_candidates(typed text, most_tracks integer, most_others integer)
RETURNS TABLE (kind text, id text, tier integer, popularity integer, title_key text, credit integer)
LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  key CONSTANT text := search_key(typed);
  anywhere CONSTANT text := search_query(key, false);
  in_title CONSTANT text := replace(anywhere, '!', '=');
  in_names CONSTANT text := regexp_replace(anywhere, '''\?!([^'']+)''', '(''?=\1''|''?@\1'')', 'g');
  in_all CONSTANT text := replace(anywhere, '!', '~');
  unfinished text;
  found integer;
BEGIN
  RETURN QUERY
    SELECT kind, id, tier, popularity, title_key, credit
      FROM search_kinds(most_tracks, most_others) AS asked
     CROSS JOIN LATERAL (
       SELECT 6 AS tier, hit.* FROM unnest(bands) AS band CROSS JOIN LATERAL (
         SELECT id, popularity, title_key, credit FROM search_document
          WHERE scope = letter || band AND title_key = key ORDER BY popularity DESC LIMIT most) AS hit
       UNION ALL
       SELECT 5, hit.* FROM unnest(bands) AS band CROSS JOIN LATERAL (
         SELECT * FROM (SELECT id, popularity, title_key, credit FROM search_document
                         WHERE scope = letter || band AND title_key > key || ' ' AND title_key < key || '!' LIMIT 5000) AS part
          ORDER BY popularity DESC LIMIT most) AS hit
       UNION ALL
       SELECT 4, hit.* FROM unnest(bands) AS band CROSS JOIN LATERAL (
         SELECT * FROM (SELECT id, popularity, title_key, credit FROM search_document
                         WHERE scope = letter || band AND title_key >= key || '!' AND title_key < key || chr(1114111) LIMIT 5000) AS part
          ORDER BY popularity DESC LIMIT most) AS hit
       UNION ALL
       -- The last band is left to the next step: in it, words are looked for once.
       SELECT 3, hit.* FROM unnest(bands[:3]) AS band CROSS JOIN LATERAL (
         SELECT id, popularity, title_key, credit
           FROM (SELECT * FROM search_document
                  WHERE words @@ replace(in_title, '?', letter || band)::tsquery AND NOT starts_with(title_key, key) LIMIT 1000) AS part
          ORDER BY popularity DESC LIMIT most) AS hit
       UNION ALL
       SELECT CASE WHEN words @@ titled THEN 3 WHEN words @@ named THEN 2 ELSE 1 END, id, popularity, title_key, credit
         FROM (SELECT band, replace(in_all, '?', letter || band)::tsquery AS wanted,
                      replace(in_title, '?', letter || band)::tsquery AS titled, replace(in_names, '?', letter || band)::tsquery AS named
                 FROM unnest(bands) AS band OFFSET 0) AS query -- OFFSET: made once a band, not once a document
        CROSS JOIN LATERAL (
          SELECT * FROM (SELECT id, popularity, title_key, credit, words FROM search_document
                          WHERE words @@ wanted AND NOT starts_with(title_key, key) AND (band = 3 OR NOT words @@ titled) LIMIT 1000) AS part
           ORDER BY popularity DESC LIMIT most) AS hit
       LIMIT most
     ) AS best;
  GET DIAGNOSTICS found = ROW_COUNT;
  IF found >= 3 THEN RETURN; END IF;

  unfinished := search_query(key, true);
  RETURN QUERY
    SELECT kind, id, CASE WHEN words @@ titled THEN 3 WHEN words @@ named THEN 2 ELSE 1 END, popularity, title_key, credit
      FROM search_kinds(most_tracks, most_others) AS asked
     CROSS JOIN LATERAL (
       SELECT hit.*, titled, named
         FROM (SELECT replace(replace(unfinished, '!', '~'), '?', letter || band)::tsquery AS wanted,
                      replace(replace(unfinished, '!', '='), '?', letter || band)::tsquery AS titled,
                      replace(regexp_replace(unfinished, '''\?!([^'']+)''', '(''?=\1''|''?@\1'')', 'g'), '?', letter || band)::tsquery AS named,
                      replace(in_all, '?', letter || band)::tsquery AS found_before
                 FROM unnest(bands) AS band OFFSET 0) AS query
        CROSS JOIN LATERAL (
          SELECT * FROM (SELECT id, popularity, title_key, credit, words FROM search_document
                          WHERE words @@ wanted AND NOT starts_with(title_key, key) AND (words @@ found_before) IS NOT TRUE LIMIT 1000) AS part
           ORDER BY popularity DESC LIMIT most) AS hit
       LIMIT most
     ) AS best;
END $$;

-- Of each kind the most popular documents that have one of these titles, a few of each title, and some `most` with words that match a query
-- of the room's own making, in which ? stands for the scope. `words` are all they are found by.
CREATE OR REPLACE FUNCTION search_alike(titles text[], query text, most integer)
RETURNS TABLE (kind text, id text, popularity integer, title text, title_key text, credit integer, words text)
LANGUAGE sql STABLE STRICT SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
BEGIN ATOMIC
  SELECT asked.kind, id, popularity, title, title_key, credit, array_to_string(tsvector_to_array(words), ' ')
    FROM search_kinds(most, most) AS asked
   CROSS JOIN unnest(titles) AS one
   CROSS JOIN LATERAL (
     SELECT hit.* FROM unnest(bands) AS band CROSS JOIN LATERAL (
       SELECT * FROM search_document WHERE scope = letter || band AND title_key = one ORDER BY popularity DESC LIMIT 10) AS hit
     LIMIT 10) AS best
   UNION ALL
  SELECT asked.kind, id, popularity, title, title_key, credit, array_to_string(tsvector_to_array(words), ' ')
    FROM search_kinds(most, most) AS asked
   CROSS JOIN LATERAL (
     SELECT hit.* FROM unnest(bands) AS band CROSS JOIN LATERAL (
       SELECT * FROM (SELECT * FROM search_document
                       WHERE words @@ replace(query, '?', letter || band)::tsquery AND title_key <> ALL (titles) LIMIT 500) AS part
        ORDER BY popularity DESC LIMIT most) AS hit
     LIMIT most) AS best;
END;

-- Of each of the first `most_words` words that were typed, the words of the catalogue that may have been meant: those a few letters away,
-- two that were run together, with or without a letter between them, one that was torn apart, and those the last one begins. `place` is
-- that of the first typed word, from 1; `span` typed words stand for `words`. LIMIT 1: each is looked up, where a join would read all words.
CREATE FUNCTION search_near(typed text, most_words integer)
RETURNS TABLE (place integer, span integer, typed text, words text[], popularity integer, is_longer boolean)
LANGUAGE sql STABLE STRICT SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
BEGIN ATOMIC
  WITH asked AS (
    SELECT word, place::integer FROM string_to_table(search_key($1), ' ') WITH ORDINALITY AS split (word, place)
     WHERE place <= most_words
  ), run AS (
    SELECT asked.place, asked.word || ' ' || next.word AS typed, asked.word || next.word AS letters
      FROM asked JOIN asked AS next ON next.place = asked.place + 1
  )
  SELECT place, 1, asked.word, ARRAY[likely.word], likely.popularity, false
    FROM asked CROSS JOIN LATERAL (
      SELECT word, popularity
        FROM (SELECT word, popularity, public.levenshtein_less_equal(asked.word, word, 3) AS distance FROM search_word
               WHERE deletes && search_deletes(asked.word) OFFSET 0) AS rated -- OFFSET: measured once
       WHERE distance <= 3 ORDER BY distance, popularity DESC LIMIT 40
    ) AS likely
   UNION ALL
  SELECT place, 2, run.typed, ARRAY[known.word], known.popularity, false
    FROM run CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = letters LIMIT 1) AS known
   UNION ALL
  (SELECT place, span, torn.typed, ARRAY[head.word, tail.word], least(head.popularity, tail.popularity), false
     FROM (SELECT place, 1 AS span, word AS typed, word AS letters FROM asked UNION ALL SELECT place, 2, run.typed, letters FROM run) AS torn
    CROSS JOIN generate_series(1, least(length(letters), 40) - 1) AS cut
    CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = left(letters, cut) LIMIT 1) AS head
    CROSS JOIN generate_series(1, 2) AS rest
    CROSS JOIN LATERAL (SELECT * FROM search_word WHERE word = substr(letters, cut + rest) LIMIT 1) AS tail
    WHERE head.word || ' ' || tail.word <> torn.typed
    ORDER BY 5 DESC LIMIT 20)
   UNION ALL
  (SELECT place, 1, asked.word, ARRAY[longer.word], longer.popularity, true
     FROM (SELECT * FROM asked ORDER BY place DESC LIMIT 1) AS asked
     JOIN search_word AS longer ON longer.word > asked.word AND longer.word < asked.word || chr(1114111)
    WHERE length(asked.word) > 1
    ORDER BY longer.popularity DESC LIMIT 10);
END;

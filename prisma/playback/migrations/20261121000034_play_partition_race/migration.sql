-- Two who make the same partition at once: whoever waited looks in the catalogue, for what to_regclass remembers may be of before the wait.
CREATE OR REPLACE FUNCTION "make_play_partition"("moment" TIMESTAMPTZ) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  month TIMESTAMP := date_trunc('month', moment AT TIME ZONE 'UTC');
  partition TEXT := 'play_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(quote_ident(partition)) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('playback ' || partition, 0));
  IF EXISTS (SELECT FROM pg_class WHERE relname = partition
                AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'play'::regclass)) THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE play INCLUDING ALL) WITH (fillfactor = 80)', partition);
  EXECUTE format(
    'ALTER TABLE play ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    partition, month AT TIME ZONE 'UTC', (month + INTERVAL '1 month') AT TIME ZONE 'UTC');
END $$;

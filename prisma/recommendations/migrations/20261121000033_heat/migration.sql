-- A play that counted may count no longer: of what was decided about a playback, the last holds.
ALTER TABLE "play" ADD COLUMN "is_counted" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "play" ADD COLUMN "decided_at" TIMESTAMPTZ(3);
UPDATE "play" SET "decided_at" = "at";
ALTER TABLE "play" ALTER COLUMN "decided_at" SET NOT NULL;

-- What charts are read from: a row a country, track and day (UTC), '*' being the world. A play weighs 2^(its time of day in units of
-- three days), in millionths (2^-20) as a whole number: what is added and taken away again leaves nothing, in whatever order.
-- xid is that of the last change, so that readers find what changed since they looked.
CREATE TABLE "heat_day" (
  "country" TEXT NOT NULL,
  "track_id" TEXT NOT NULL,
  "day" DATE NOT NULL,
  "plays" INTEGER NOT NULL,
  "weight" BIGINT NOT NULL,
  "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT "heat_day_pkey" PRIMARY KEY ("country", "track_id", "day")
);
CREATE INDEX "heat_day_country_xid_idx" ON "heat_day" ("country", "xid");
-- Days and plays come nearly in order: enough for those that are cleared away.
CREATE INDEX "heat_day_day_idx" ON "heat_day" USING BRIN ("day");

INSERT INTO "heat_day" ("country", "track_id", "day", "plays", "weight")
SELECT "place", "track_id", ("at" AT TIME ZONE 'UTC')::date, count(*),
       sum(round(power(2, extract(epoch FROM ("at" AT TIME ZONE 'UTC')::time)::float8 / 259200) * 1048576)::bigint)
  FROM "play" CROSS JOIN LATERAL unnest(ARRAY['*', "country"]) AS "place"
 WHERE "place" IS NOT NULL
 GROUP BY 1, 2, 3;

DROP INDEX "play_country_at_idx";
DROP INDEX "play_at_idx";
CREATE INDEX "play_at_idx" ON "play" USING BRIN ("at");

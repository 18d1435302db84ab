-- Since when plays are shared: what was heard before is told to nobody, however late it is reported.
ALTER TABLE "account" ADD COLUMN "shares_plays_since" TIMESTAMPTZ(3);
UPDATE "account" SET "shares_plays_since" = clock_timestamp() WHERE "shares_plays";

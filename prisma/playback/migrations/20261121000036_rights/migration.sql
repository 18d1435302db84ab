-- Who is paid. A holder has one role; who is owed in two is two holders. Shares nobody claims go to the last one here.
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;

CREATE TABLE "rights_holder" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "artist_id" TEXT,
  "version" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "rights_holder_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "rights_holder_role_check" CHECK (
    "role" IN ('ARTIST', 'LABEL', 'PRODUCER', 'SONGWRITER', 'PUBLISHER', 'UNCLAIMED')),
  CONSTRAINT "rights_holder_artist_check" CHECK ("artist_id" IS NULL OR "role" = 'ARTIST')
);
CREATE UNIQUE INDEX "rights_holder_artist_id_key" ON "rights_holder" ("artist_id");
INSERT INTO "rights_holder" ("id", "name", "role") VALUES ('holder_unclaimed', 'Unclaimed', 'UNCLAIMED');

-- Compositions, and which one a recording is of.
CREATE TABLE "musical_work" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  CONSTRAINT "musical_work_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "recording_work" (
  "recording_id" TEXT NOT NULL,
  "work_id" TEXT NOT NULL,
  CONSTRAINT "recording_work_pkey" PRIMARY KEY ("recording_id"),
  CONSTRAINT "recording_work_work_id_fkey" FOREIGN KEY ("work_id") REFERENCES "musical_work" ("id")
);
CREATE INDEX "recording_work_work_id_idx" ON "recording_work" ("work_id");

-- Who shares in what a recording, or a work, earns on the days of "valid" (UTC). One agreement a day at most, and its shares add up to
-- 10,000: so they do at every instant.
CREATE TABLE "rights_agreement" (
  "id" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "subject_id" TEXT NOT NULL,
  "valid" DATERANGE NOT NULL,
  CONSTRAINT "rights_agreement_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "rights_agreement_side_check" CHECK ("side" IN ('RECORDING', 'WORK')),
  CONSTRAINT "rights_agreement_valid_check" CHECK (NOT isempty("valid")),
  CONSTRAINT "rights_agreement_overlap" EXCLUDE USING gist ("side" WITH =, "subject_id" WITH =, "valid" WITH &&)
);

CREATE TABLE "rights_share" (
  "agreement_id" TEXT NOT NULL,
  "holder_id" TEXT NOT NULL,
  "basis_points" INTEGER NOT NULL,
  CONSTRAINT "rights_share_pkey" PRIMARY KEY ("agreement_id", "holder_id"),
  CONSTRAINT "rights_share_agreement_id_fkey" FOREIGN KEY ("agreement_id") REFERENCES "rights_agreement" ("id") ON DELETE CASCADE,
  CONSTRAINT "rights_share_holder_id_fkey" FOREIGN KEY ("holder_id") REFERENCES "rights_holder" ("id"),
  CONSTRAINT "rights_share_basis_points_check" CHECK ("basis_points" BETWEEN 1 AND 10000)
);
CREATE INDEX "rights_share_holder_id_idx" ON "rights_share" ("holder_id");

CREATE FUNCTION "check_rights_shares"("agreement" TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  whole BIGINT := (SELECT coalesce(sum(basis_points), 0) FROM rights_share WHERE agreement_id = agreement);
BEGIN
  IF whole <> 10000 AND EXISTS (SELECT FROM rights_agreement WHERE id = agreement) THEN
    RAISE EXCEPTION 'the shares of % add up to %, not to 10000', agreement, whole
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rights_share_whole';
  END IF;
END $$;

CREATE FUNCTION "check_rights_shares_of_row"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_NAME = 'rights_agreement' THEN
    PERFORM check_rights_shares(NEW.id);
  ELSE
    PERFORM check_rights_shares(OLD.agreement_id);
    PERFORM check_rights_shares(NEW.agreement_id);
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER "rights_agreement_whole" AFTER INSERT OR UPDATE ON "rights_agreement"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_rights_shares_of_row"();
CREATE CONSTRAINT TRIGGER "rights_share_whole" AFTER INSERT OR UPDATE OR DELETE ON "rights_share"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_rights_shares_of_row"();

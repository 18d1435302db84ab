-- What months earn. Amounts are integer micro-units of the currency beside them. All of this only grows: whoever finds a month wrong says
-- so in a later one.
CREATE FUNCTION "refuse_change"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: what was booked stays, a correction is a new entry', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- What an administrator asked for. The month is closed once its statement is there.
CREATE TABLE "royalty_close" (
  "month" DATE NOT NULL,
  "currency" TEXT NOT NULL,
  "revenue_micros" BIGINT NOT NULL,
  "kept_basis_points" INTEGER NOT NULL,
  "requested_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "royalty_close_pkey" PRIMARY KEY ("month"),
  CONSTRAINT "royalty_close_month_check" CHECK (EXTRACT(DAY FROM "month") = 1),
  CONSTRAINT "royalty_close_currency_check" CHECK ("currency" ~ '^[A-Z]{3}$'),
  CONSTRAINT "royalty_close_revenue_check" CHECK ("revenue_micros" BETWEEN 0 AND 9007199254740991),
  CONSTRAINT "royalty_close_kept_check" CHECK ("kept_basis_points" BETWEEN 0 AND 10000)
);

-- Correction 0 is the close; the later ones are the same month computed again with what came late, and booked as differences.
CREATE TABLE "royalty_statement" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "period" DATE NOT NULL,
  "currency" TEXT NOT NULL,
  "revenue_micros" BIGINT NOT NULL,
  "pool_micros" BIGINT NOT NULL,
  "terms" JSONB NOT NULL,
  "streams" INTEGER NOT NULL,
  "billable_streams" INTEGER NOT NULL,
  "weight" BIGINT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "royalty_statement_pkey" PRIMARY KEY ("month", "correction"),
  CONSTRAINT "royalty_statement_month_fkey" FOREIGN KEY ("month") REFERENCES "royalty_close" ("month"),
  CONSTRAINT "royalty_statement_period_check" CHECK (CASE "correction" WHEN 0 THEN "period" = "month" ELSE "period" > "month" END),
  CONSTRAINT "royalty_statement_pool_check" CHECK ("pool_micros" BETWEEN 0 AND "revenue_micros")
);

-- A recording under one pair of agreements: what the pool is first divided among. Without an agreement the recording is its credited
-- artists', and nobody claims the work.
CREATE TABLE "royalty_line" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "line" INTEGER NOT NULL,
  "recording_id" TEXT NOT NULL,
  "recording_agreement_id" TEXT,
  "work_agreement_id" TEXT,
  "artist_ids" TEXT[],
  "streams" INTEGER NOT NULL,
  "weight" BIGINT NOT NULL,
  "amount_micros" BIGINT NOT NULL,
  CONSTRAINT "royalty_line_pkey" PRIMARY KEY ("month", "correction", "line")
);

-- Every play of the month and what became of it: billed on a line, or rejected for a reason.
CREATE TABLE "royalty_verdict" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "playback_id" TEXT NOT NULL,
  "recording_id" TEXT NOT NULL,
  "heard_ms" INTEGER NOT NULL,
  "tier" TEXT NOT NULL,
  "reason" TEXT,
  "line" INTEGER,
  CONSTRAINT "royalty_verdict_pkey" PRIMARY KEY ("month", "correction", "started_at", "playback_id"),
  CONSTRAINT "royalty_verdict_line_check" CHECK (("reason" IS NULL) = ("line" IS NOT NULL))
);
CREATE INDEX "royalty_verdict_recording_idx" ON "royalty_verdict" ("month", "correction", "recording_id", "started_at", "playback_id");

-- What each holder gets of a line: the parts that are theirs of all on that side.
CREATE TABLE "royalty_credit" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "holder_id" TEXT NOT NULL,
  "line" INTEGER NOT NULL,
  "side" TEXT NOT NULL,
  "parts" INTEGER NOT NULL,
  "whole" INTEGER NOT NULL,
  "amount_micros" BIGINT NOT NULL,
  CONSTRAINT "royalty_credit_pkey" PRIMARY KEY ("month", "correction", "holder_id", "line", "side"),
  CONSTRAINT "royalty_credit_holder_id_fkey" FOREIGN KEY ("holder_id") REFERENCES "rights_holder" ("id")
);

CREATE TABLE "royalty_payout" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "holder_id" TEXT NOT NULL,
  "streams" INTEGER NOT NULL,
  "amount_micros" BIGINT NOT NULL,
  CONSTRAINT "royalty_payout_pkey" PRIMARY KEY ("month", "correction", "holder_id"),
  CONSTRAINT "royalty_payout_holder_id_fkey" FOREIGN KEY ("holder_id") REFERENCES "rights_holder" ("id"),
  CONSTRAINT "royalty_payout_amount_check" CHECK ("amount_micros" >= 0)
);
CREATE INDEX "royalty_payout_amount_idx" ON "royalty_payout" ("month", "correction", "amount_micros" DESC, "holder_id");

-- How many plays of an artist ('': of all together) were billed, or rejected and why ('': billed).
CREATE TABLE "royalty_tally" (
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "artist_id" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "streams" INTEGER NOT NULL,
  CONSTRAINT "royalty_tally_pkey" PRIMARY KEY ("month", "correction", "artist_id", "reason")
);

-- What was decided of plays whose listener was erased since: the rules that look at listeners cannot be asked again.
CREATE TABLE "royalty_kept_verdict" (
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "playback_id" TEXT NOT NULL,
  "reason" TEXT,
  CONSTRAINT "royalty_kept_verdict_pkey" PRIMARY KEY ("started_at", "playback_id")
);

-- The ledger. A journal moves money between accounts in one currency: kept, revenue, pool:<month>, payable:<holder>. "month" is the one it is
-- about, "period" the one it is booked in.
CREATE TABLE "ledger_journal" (
  "id" BIGSERIAL NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "period" DATE NOT NULL,
  "month" DATE NOT NULL,
  "correction" INTEGER NOT NULL,
  "currency" TEXT NOT NULL,
  "memo" TEXT NOT NULL,
  "xid" XID8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT "ledger_journal_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "ledger_journal_period_check" CHECK (EXTRACT(DAY FROM "period") = 1 AND "period" >= "month")
);
CREATE INDEX "ledger_journal_month_idx" ON "ledger_journal" ("month", "correction");

CREATE TABLE "ledger_posting" (
  "journal_id" BIGINT NOT NULL,
  "account" TEXT NOT NULL,
  "debit_micros" BIGINT NOT NULL,
  "credit_micros" BIGINT NOT NULL,
  CONSTRAINT "ledger_posting_pkey" PRIMARY KEY ("journal_id", "account"),
  CONSTRAINT "ledger_posting_journal_id_fkey" FOREIGN KEY ("journal_id") REFERENCES "ledger_journal" ("id"),
  CONSTRAINT "ledger_posting_amount_check" CHECK (
    "debit_micros" >= 0 AND "credit_micros" >= 0 AND ("debit_micros" = 0) <> ("credit_micros" = 0))
);
CREATE INDEX "ledger_posting_account_idx" ON "ledger_posting" ("account", "journal_id" DESC);

-- Looked at when the transaction ends: each journal balances, and nothing is added to one of before.
CREATE FUNCTION "check_journal"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  journal BIGINT := CASE TG_TABLE_NAME WHEN 'ledger_journal' THEN to_jsonb(NEW)->>'id' ELSE to_jsonb(NEW)->>'journal_id' END;
  balance NUMERIC;
  postings INTEGER;
BEGIN
  SELECT sum(debit_micros) - sum(credit_micros), count(*) INTO balance, postings FROM ledger_posting WHERE journal_id = journal;
  IF postings < 2 OR balance <> 0 THEN
    RAISE EXCEPTION 'the debits of journal % are not its credits', journal
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_journal_balance';
  END IF;
  IF NOT EXISTS (SELECT FROM ledger_journal WHERE id = journal AND xid = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'journal % is of a transaction that is over', journal
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_journal_over';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "ledger_journal_balance" AFTER INSERT ON "ledger_journal"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_journal"();
CREATE CONSTRAINT TRIGGER "ledger_posting_balance" AFTER INSERT ON "ledger_posting"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_journal"();

-- Nothing is booked in a month that is closed. The statement of a close is therefore the last row it writes; the lock keeps others from
-- booking beside it meanwhile.
CREATE FUNCTION "check_period"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  closed DATE;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('playback royalties', 0));
  SELECT month INTO closed FROM royalty_statement
   WHERE month IN (SELECT booked.period FROM booked) AND correction = 0 LIMIT 1;
  IF closed IS NOT NULL THEN
    RAISE EXCEPTION '% is closed', to_char(closed, 'YYYY-MM') USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_journal_closed';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "ledger_journal_period" AFTER INSERT ON "ledger_journal" REFERENCING NEW TABLE AS booked
  FOR EACH STATEMENT EXECUTE FUNCTION "check_period"();

-- A statement says that its payouts are the pool, to the unit, and that the ledger has paid it out: else it is not written.
CREATE FUNCTION "check_statement"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  paid NUMERIC := (SELECT coalesce(sum(amount_micros), 0) FROM royalty_payout WHERE month = NEW.month AND correction = NEW.correction);
  left_over NUMERIC := (
    SELECT coalesce(sum(credit_micros) - sum(debit_micros), 0) FROM ledger_posting WHERE account = 'pool:' || to_char(NEW.month, 'YYYY-MM'));
BEGIN
  IF paid <> NEW.pool_micros OR left_over <> 0 THEN
    RAISE EXCEPTION 'of the pool of %, %, % are paid out and % not booked', NEW.month, NEW.pool_micros, paid, left_over
      USING ERRCODE = 'check_violation', CONSTRAINT = 'royalty_statement_paid';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "royalty_statement_paid" BEFORE INSERT ON "royalty_statement"
  FOR EACH ROW EXECUTE FUNCTION "check_statement"();

-- Nor does anything of a statement come to it later.
CREATE FUNCTION "check_statement_is_open"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT month, correction FROM written) AS parts JOIN royalty_statement USING (month, correction)) THEN
    RAISE EXCEPTION 'a row of % for a statement that is written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

DO $$
DECLARE
  part TEXT;
BEGIN
  FOREACH part IN ARRAY ARRAY['royalty_line', 'royalty_verdict', 'royalty_credit', 'royalty_payout', 'royalty_tally'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS written FOR EACH STATEMENT
                    EXECUTE FUNCTION check_statement_is_open()', part || '_statement', part);
  END LOOP;
  FOREACH part IN ARRAY ARRAY['royalty_statement', 'royalty_line', 'royalty_verdict', 'royalty_credit', 'royalty_payout',
                              'royalty_tally', 'ledger_journal', 'ledger_posting'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT
                    EXECUTE FUNCTION refuse_change()', part || '_stays', part);
  END LOOP;
END $$;

-- The repeat window, greedy: a play is billed where it begins a window or more after the last one that was. As a window function over the
-- plays of one track by one listener, in order, it answers when the last one was billed.
CREATE FUNCTION "next_billed"("billed_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ, "repeat_window" INTERVAL) RETURNS TIMESTAMPTZ
  LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF billed_at IS NULL OR started_at >= billed_at + repeat_window THEN RETURN started_at; END IF;
  RETURN billed_at;
END $$;
CREATE AGGREGATE "last_billed"(TIMESTAMPTZ, INTERVAL) (SFUNC = next_billed, STYPE = TIMESTAMPTZ);

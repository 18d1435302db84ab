-- The books are kept in one currency: what an artist earned in a year is one sum.
ALTER TABLE "royalty_close" ADD CONSTRAINT "royalty_close_one_currency" EXCLUDE USING gist ("currency" WITH <>);

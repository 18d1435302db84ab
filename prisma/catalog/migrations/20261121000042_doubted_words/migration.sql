-- Words that a playlist's name had and has no more: whether anything else has them is looked at later, and what is nobody's is forgotten. A
-- name may be somebody's own.
CREATE TABLE "doubted_word" (
  "word" TEXT COLLATE "C" NOT NULL,
  CONSTRAINT "doubted_word_pkey" PRIMARY KEY ("word")
);

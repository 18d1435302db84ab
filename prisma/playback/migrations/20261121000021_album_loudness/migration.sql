-- How loud the album of a recording is as a whole, in hundredths of LUFS; NULL while nobody has measured it.
ALTER TABLE "audio_asset" ADD COLUMN "album_centilufs" INTEGER;

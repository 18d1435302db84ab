import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Catalogue } from '../services/catalogue.ts'
import { emptyDraft } from '../services/drafts.ts'
import { type LrcFile, readLrcFolder } from './folder.ts'

const BATCH = 200
/** One song on so many releases: beyond that a title is a word like any other. */
const MOST_TRACKS = 100

export interface LyricsOutcome {
  files: number
  /** Files that are of a track of ours. */
  matched: number
  tracks: number
}

/**
 * Brings the LRC files under a folder to the tracks they are of: those of that title by that artist, as the file says it in `ti` and `ar` or by its
 * name. Where it names no artist, a folder it lies in does, or the title is that of one track alone. Throws an ImportFault for a
 * folder that cannot be read.
 */
export async function importLyrics(options: {
  folder: string
  db: PrismaClient
  catalogue: Catalogue
  onFault(path: string, reason: string): void
}): Promise<LyricsOutcome> {
  const { folder, db, catalogue, onFault } = options
  const outcome: LyricsOutcome = { files: 0, matched: 0, tracks: 0 }
  let batch: LrcFile[] = []

  async function write(): Promise<void> {
    const found = await findTracks(db, batch)
    const lyrics = batch.flatMap((file, place) => {
      const ids = choose(file, found[place] ?? [], onFault)
      outcome.matched += ids.length > 0 ? 1 : 0
      outcome.tracks += ids.length
      return ids.map((trackId) => ({ trackId, origin: 'FILE' as const, lyrics: file.lyrics }))
    })
    if (lyrics.length > 0) await catalogue.write({ ...emptyDraft('lyrics'), lyrics })
    batch = []
  }

  const countFault = (path: string, reason: string): void => {
    outcome.files++
    onFault(path, reason)
  }
  for await (const file of readLrcFolder(folder, countFault)) {
    outcome.files++
    batch.push(file)
    if (batch.length === BATCH) await write()
  }
  await write()
  return outcome
}

/** A track with the title of a file. `isBy`: by the artist it names; `isIn`: its artist or album is a folder the file lies in. */
interface Match {
  id: string
  isBy: boolean
  isIn: boolean
}

function choose(
  { path, artist }: LrcFile,
  matches: readonly Match[],
  onFault: (path: string, reason: string) => void,
): string[] {
  const by = matches.filter(({ isBy }) => isBy)
  const within = (artist === null ? matches : by).filter(({ isIn }) => isIn)
  const chosen = within.length > 0 ? within : artist === null && matches.length === 1 ? matches : by
  if (chosen.length === 0)
    onFault(
      path,
      matches.length === 0 || artist !== null
        ? 'is of no track that is here'
        : `may be of ${matches.length} tracks: name the artist in it, [ar:…]`,
    )
  return chosen.map(({ id }) => id)
}

async function findTracks(db: PrismaClient, files: readonly LrcFile[]): Promise<Match[][]> {
  const asked = files.map(({ title, artist, folders }, place) => ({ place, title, artist, folders }))
  const rows = await db.$queryRaw<(Match & { place: number })[]>`
    WITH file AS (
      SELECT place, search_key(title) AS title, ' ' || search_key(artist) || ' ' AS artist,
             ARRAY(SELECT ' ' || search_key(folder) || ' ' FROM unnest(folders) AS folder WHERE folder <> '') AS folders
        FROM jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) AS file (place int, title text, artist text, folders text[])
    )
    SELECT file.place, track.id, coalesce(strpos(artists, file.artist) > 0, false) AS "isBy",
           artists = ANY(file.folders) OR album = ANY(file.folders) AS "isIn"
      FROM file
     CROSS JOIN LATERAL (
       SELECT id, ' ' || search_key(document.artist) || ' ' AS artists, ' ' || search_key(document.album) || ' ' AS album
         FROM search_document AS document
        WHERE scope = ANY(ARRAY(SELECT DISTINCT search_scope('TRACK', popularity) FROM generate_series(0, 100) AS popularity))
          AND title_key = file.title
          AND (file.artist IS NULL OR strpos(' ' || search_key(document.artist) || ' ', file.artist) > 0)
        LIMIT ${MOST_TRACKS}) AS track`
  const matches = files.map((): Match[] => [])
  for (const { place, ...match } of rows) matches[place]?.push(match)
  return matches
}

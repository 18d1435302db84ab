import { createHash } from 'node:crypto'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { StoredPicture } from '../models.ts'
import type { CatalogueDraft } from '../services/drafts.ts'
import { withdrawTracks } from '../services/withdrawals.ts'
import {
  type AssignedTrack,
  type Assignment,
  assignTracks,
  type FileContent,
  type KnownTrack,
} from './assignment.ts'
import type { FileWords } from './music-files.ts'
import { SOURCE, type TaggedTrack } from './planning.ts'

/** A file that is a track. */
export interface MusicFile {
  id: string
  path: Buffer
  words: FileWords
  artwork: StoredPicture[]
}

/** A plan as it stands in a track's row. */
export interface FilePlan {
  draft: CatalogueDraft
  track: TaggedTrack
}

/** What is to be done for a track, and where its file lies. */
export interface PlannedTrack {
  path: Buffer
  bytes: bigint
  modifiedNs: bigint
  plan: FilePlan
  planHash: string
}

/** Which track each file is: ids that stay when files move. */
export interface MusicTracks {
  /** Brings the tracks to the files there are. `copies` have the paths of what they are copies of. */
  assign(): Promise<Assignment>
  /** All that have a file, by path. */
  all(): Promise<MusicFile[]>
  /** Keeps the plans, and answers which of them the catalogue does not have yet. */
  plan(plans: ReadonlyMap<string, FilePlan>): Promise<string[]>
  find(id: string): Promise<PlannedTrack | null>
  /** Takes out of the catalogue what has no file any more, and these. */
  withdraw(ids: readonly string[]): Promise<void>
}

const BATCH = 500

export function createMusicTracks(db: PrismaClient): MusicTracks {
  return {
    assign: () =>
      db.$transaction(
        async (tx) => {
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('catalog.music-track'))`
          const files = await tx.$queryRaw<(FileContent & { path: Uint8Array })[]>`
            SELECT path_hash AS "pathHash", path, content_hash AS "contentHash" FROM music_file WHERE fault IS NULL ORDER BY path`
          const known = await tx.$queryRaw<KnownTrack[]>`
            SELECT id, path_hash AS "pathHash", content_hash AS "contentHash" FROM music_track ORDER BY id`
          const assignment = assignTracks(files, known)
          const others = assignment.tracks.filter(({ how }) => how !== 'SAME')
          // First everybody leaves their places: two may have changed theirs.
          await tx.$executeRaw`
            UPDATE music_track SET path_hash = NULL WHERE id = ANY(${[...assignment.gone, ...others.map(({ id }) => id)]}::text[])`
          for (const page of pagesOf<AssignedTrack>(others))
            await tx.$executeRaw`
              INSERT INTO music_track (id, path_hash, content_hash)
              SELECT id, "pathHash", "contentHash"
                FROM jsonb_to_recordset(${JSON.stringify(page)}::text::jsonb) AS news (id text, "pathHash" text, "contentHash" text)
                  ON CONFLICT (id) DO UPDATE
                 SET path_hash = excluded.path_hash, content_hash = excluded.content_hash,
                     written_hash = CASE WHEN music_track.content_hash = excluded.content_hash THEN music_track.written_hash END`
          const paths = new Map(
            files.map(({ pathHash, path }) => [pathHash, Buffer.from(path).toString('utf8')]),
          )
          const copies = new Map([...assignment.copies].map(([copy, of]) => [copy, paths.get(of) ?? '']))
          return { ...assignment, copies }
        },
        { timeout: 120_000, maxWait: 60_000 },
      ),

    async all() {
      const rows = await db.$queryRaw<
        { id: string; path: Uint8Array; words: FileWords; artwork: StoredPicture[] }[]
      >`
        SELECT id, path, tags AS words, artwork FROM music_track JOIN music_file USING (path_hash) ORDER BY path`
      return rows.map((row) => ({ ...row, path: Buffer.from(row.path) }))
    },

    async plan(plans) {
      const rows = [...plans].map(([id, plan]) => ({ id, plan, hash: hashOfPlan(plan) }))
      const due: string[] = []
      for (const page of pagesOf(rows)) {
        const updated = await db.$queryRaw<{ id: string }[]>`
          UPDATE music_track SET draft = plan
            FROM jsonb_to_recordset(${JSON.stringify(page)}::text::jsonb) AS news (id text, plan jsonb, hash text)
           WHERE music_track.id = news.id AND written_hash IS DISTINCT FROM hash
          RETURNING music_track.id`
        due.push(...updated.map(({ id }) => id))
      }
      return due
    },

    async find(id) {
      const [row] = await db.$queryRaw<
        { path: Uint8Array; bytes: bigint; modifiedNs: bigint; plan: FilePlan | null }[]
      >`
        SELECT path, bytes, modified_ns AS "modifiedNs", draft AS plan FROM music_track JOIN music_file USING (path_hash) WHERE id = ${id}`
      if (row?.plan == null) return null
      return { ...row, path: Buffer.from(row.path), plan: row.plan, planHash: hashOfPlan(row.plan) }
    },

    async withdraw(ids) {
      const rows = await db.$queryRaw<{ id: string; trackId: string }[]>`
        SELECT music_track.id, track.id AS "trackId" FROM music_track JOIN track ON source = ${SOURCE} AND source_key = music_track.id
         WHERE (path_hash IS NULL OR music_track.id = ANY(${ids}::text[]))
           AND NOT EXISTS (SELECT FROM withdrawn WHERE node_id = track.id)
         ORDER BY music_track.id`
      for (const page of pagesOf(rows))
        await db.$transaction(
          async (tx) => {
            await withdrawTracks(
              tx,
              page.map(({ trackId }) => trackId),
            )
            // They are due again when they are back.
            await tx.$executeRaw`UPDATE music_track SET written_hash = NULL WHERE id = ANY(${page.map(({ id }) => id)}::text[])`
          },
          { timeout: 60_000, maxWait: 10_000 },
        )
    },
  }
}

function pagesOf<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, page) =>
    rows.slice(page * BATCH, (page + 1) * BATCH),
  )
}

/** Whatever order the database keeps the names of its objects in. */
function hashOfPlan(plan: FilePlan): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(plan)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}

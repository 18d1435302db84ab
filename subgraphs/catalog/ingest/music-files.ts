import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { derivedId } from '#shared/id.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { StoredPicture } from '../models.ts'
import type { CatalogueDraft } from '../services/drafts.ts'
import type { PathNames } from './names.ts'
import type { TaggedTrack } from './planning.ts'
import type { FileTags } from './tags.ts'
import type { FoundFile } from './walk.ts'

/** What a file says of itself and where it lies, before anybody has looked at the others. */
export interface FileWords {
  said: FileTags
  place: PathNames
  /** The folder of its album, as text. */
  folder: string
}

/** Why a file is left out. */
export interface FileFault {
  code: string
  message: string
}

export interface MusicFile {
  id: string
  path: Buffer
  words: FileWords
  artwork: StoredPicture[]
}

/** What was found out about a file that is new or has changed. */
export type Reading = { words: FileWords; artwork: StoredPicture[] } | { fault: FileFault }

/** What the scan of a file came to. */
export type Seen = 'NEW' | 'CHANGED' | 'MOVED' | 'UNCHANGED' | 'LEFT_OUT'

/** A plan as it stands in a file's row. */
export interface FilePlan {
  draft: CatalogueDraft
  track: TaggedTrack
}

/** The files of music folders as the database remembers them. */
export interface MusicFiles {
  /** Compares a file with what is remembered, reading it only where that differs. Answers why it is left out, if it is. */
  see(
    file: FoundFile,
    read: () => Promise<Reading>,
  ): Promise<{ seen: Seen; fault: FileFault | null; id: string }>
  /** All that are not left out, by path. */
  all(): Promise<MusicFile[]>
  /** Keeps the plans, and answers which of them the catalogue does not have yet. */
  plan(plans: ReadonlyMap<string, FilePlan>): Promise<string[]>
  find(
    id: string,
  ): Promise<{ path: Buffer; bytes: bigint; modifiedNs: bigint; plan: FilePlan; planHash: string } | null>
}

interface Row {
  id: string
  path: Uint8Array
  bytes: bigint
  modifiedNs: bigint
  contentHash: string
  fault: FileFault | null
}

export function createMusicFiles(db: PrismaClient): MusicFiles {
  const findByHash = (contentHash: string): Promise<Row[]> => db.$queryRaw`
    SELECT id, path, bytes, modified_ns AS "modifiedNs", content_hash AS "contentHash", fault
      FROM music_file WHERE content_hash = ${contentHash} ORDER BY path_hash`

  async function write(id: string, file: FoundFile, contentHash: string, reading: Reading): Promise<void> {
    const words = 'fault' in reading ? null : JSON.stringify(reading.words)
    const artwork = JSON.stringify('fault' in reading ? [] : reading.artwork)
    const fault = 'fault' in reading ? JSON.stringify(reading.fault) : null
    await db.$executeRaw`
      INSERT INTO music_file (id, path_hash, path, bytes, modified_ns, content_hash, tags, artwork, fault)
      VALUES (${id}, ${hashOfPath(file.path)}, ${file.path}, ${file.bytes}, ${file.modifiedNs}, ${contentHash}, ${words}::text::jsonb,
              ${artwork}::text::jsonb, ${fault}::text::jsonb)
          ON CONFLICT (id) DO UPDATE
         SET path_hash = excluded.path_hash, path = excluded.path, bytes = excluded.bytes, modified_ns = excluded.modified_ns,
             content_hash = excluded.content_hash, tags = excluded.tags, artwork = excluded.artwork, fault = excluded.fault,
             draft = CASE WHEN excluded.fault IS NULL THEN music_file.draft END,
             written_hash = CASE WHEN music_file.content_hash = excluded.content_hash THEN music_file.written_hash END`
  }

  return {
    async see(file, read) {
      const [known] = await db.$queryRaw<Row[]>`
        SELECT id, path, bytes, modified_ns AS "modifiedNs", content_hash AS "contentHash", fault
          FROM music_file WHERE path_hash = ${hashOfPath(file.path)}`
      const isSame = known?.bytes === file.bytes && known.modifiedNs === file.modifiedNs
      // The other one may be gone meanwhile.
      if (known !== undefined && isSame && known.fault?.code !== 'DUPLICATE')
        return { seen: known.fault === null ? 'UNCHANGED' : 'LEFT_OUT', fault: known.fault, id: known.id }

      const contentHash = await hashOfContent(file.path)
      const others = (await findByHash(contentHash)).filter(({ id }) => id !== known?.id)
      const gone = await firstGone(others)
      const twin = others.find((other) => other !== gone && other.fault === null)
      const isDuplicate =
        twin !== undefined &&
        (known === undefined || known.fault !== null || known.contentHash !== contentHash)
      const moved = known === undefined ? gone : undefined
      const id = known?.id ?? moved?.id ?? newId(contentHash, file.path, others.length > 0)
      const reading = isDuplicate ? duplicateOf(twin) : await read()
      await write(id, file, contentHash, reading)
      if ('fault' in reading) return { seen: 'LEFT_OUT', fault: reading.fault, id }
      return {
        seen: known !== undefined ? 'CHANGED' : moved !== undefined ? 'MOVED' : 'NEW',
        fault: null,
        id,
      }
    },

    async all() {
      const rows = await db.$queryRaw<
        { id: string; path: Uint8Array; words: FileWords; artwork: StoredPicture[] }[]
      >`
        SELECT id, path, tags AS words, artwork FROM music_file WHERE fault IS NULL ORDER BY path`
      return rows.map((row) => ({ ...row, path: Buffer.from(row.path) }))
    },

    async plan(plans) {
      const rows = [...plans].map(([id, plan]) => ({ id, plan, hash: hashOfPlan(plan) }))
      const due: string[] = []
      for (let start = 0; start < rows.length; start += 500) {
        const page = await db.$queryRaw<{ id: string }[]>`
          UPDATE music_file SET draft = plan
            FROM jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + 500))}::text::jsonb) AS news (id text, plan jsonb, hash text)
           WHERE music_file.id = news.id AND written_hash IS DISTINCT FROM hash
          RETURNING music_file.id`
        due.push(...page.map(({ id }) => id))
      }
      return due
    },

    async find(id) {
      const [row] = await db.$queryRaw<
        { path: Uint8Array; bytes: bigint; modifiedNs: bigint; plan: FilePlan | null }[]
      >`
        SELECT path, bytes, modified_ns AS "modifiedNs", draft AS plan FROM music_file WHERE id = ${id}`
      if (row?.plan == null) return null
      return { ...row, path: Buffer.from(row.path), plan: row.plan, planHash: hashOfPlan(row.plan) }
    },
  }
}

/** Of files with the same content the first that is not where it was. */
async function firstGone(rows: readonly Row[]): Promise<Row | undefined> {
  for (const row of rows) {
    const isThere = await lstat(Buffer.from(row.path)).then(
      () => true,
      () => false,
    )
    if (!isThere) return row
  }
  return undefined
}

/** From what is in the file, so that any database gives it the same; where there were several alike, from its path too. */
function newId(contentHash: string, path: Buffer, isTaken: boolean): string {
  return derivedId('file', isTaken ? `${contentHash}:${hashOfPath(path)}` : contentHash)
}

function duplicateOf({ path }: Row): Reading {
  return {
    fault: { code: 'DUPLICATE', message: `It is the same file as ${Buffer.from(path).toString('utf8')}` },
  }
}

function hashOfPath(path: Buffer): string {
  return createHash('sha256').update(path).digest('hex')
}

async function hashOfContent(path: Buffer): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
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

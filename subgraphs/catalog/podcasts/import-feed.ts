import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { derivedId } from '#shared/id.ts'
import { decodeText } from '../import/decode-text.ts'
import { ImportFault } from '../import/import-fault.ts'
import type { Chapter } from '../models.ts'
import type { Catalogue } from '../services/catalogue.ts'
import { type EpisodeDraft, emptyDraft, type ShowDraft } from '../services/drafts.ts'
import { readJsonChapters } from './chapters.ts'
import { type Feed, type FeedItem, parseFeed } from './feed.ts'
import { findLocalFile } from './local-file.ts'

export const MAX_FEED_BYTES = 32 * 1024 * 1024
const MAX_CHAPTERS_BYTES = 1024 * 1024
export const MAX_EPISODES = 10_000
const BATCH = 500
const SOURCE = 'podcast'

/** An episode whose audio lies beside the feed. */
export interface LocalEpisode {
  episodeId: string
  path: string
}

export interface FeedOutcome {
  title: string
  showId: string
  /** Written or unchanged. */
  episodes: number
  local: LocalEpisode[]
}

export interface FeedOptions {
  file: string
  catalogue: Pick<Catalogue, 'write'>
  /** Length of an audio file in ms; null when it is none. */
  measure(path: string): Promise<number | null>
  onFault(item: string, reason: string): void
}

/**
 * Brings a show and its episodes to what its feed says, five hundred a transaction. Ids follow from the GUIDs, so a feed can be read again
 * and again; an episode that is in it no longer stays. An episode that cannot be is named and left out. Nothing is fetched. Throws an ImportFault when the file is no feed.
 */
export async function importFeed({ file, catalogue, measure, onFault }: FeedOptions): Promise<FeedOutcome> {
  const feed = parseFeed(await readFeed(file))
  const show = toShow(feed)
  const folder = dirname(file)
  const local: LocalEpisode[] = []
  const episodes = new Map<string, EpisodeDraft>()
  for (const [place, item] of feed.items.entries()) {
    const name = item.title ?? `Item ${place + 1}`
    if (episodes.size === MAX_EPISODES) {
      onFault(name, `is left out, and what comes after it: a show has at most ${MAX_EPISODES} episodes`)
      break
    }
    const read = await readEpisode(item, show, folder, measure, (reason) => onFault(name, reason))
    if (read === null) continue
    // The newest is first in a feed: what comes again is an older one.
    if (episodes.has(read.draft.id)) onFault(name, 'is left out: an earlier item has the same GUID')
    else {
      episodes.set(read.draft.id, read.draft)
      if (read.audio !== null) local.push({ episodeId: read.draft.id, path: read.audio })
    }
  }

  const all = [...episodes.values()]
  for (let start = 0; start === 0 || start < all.length; start += BATCH)
    await catalogue.write({
      ...emptyDraft(SOURCE),
      shows: start === 0 ? [show] : [],
      episodes: all.slice(start, start + BATCH),
    })
  return { title: feed.title, showId: show.id, episodes: all.length, local }
}

async function readFeed(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > MAX_FEED_BYTES)
      throw new ImportFault(`${file} is larger than ${MAX_FEED_BYTES / 1024 ** 2} MiB: it is not read`)
    const bytes = await readFile(file)
    const declared = /^<\?xml[^>]*?\sencoding=["']([\w.:-]+)["']/.exec(bytes.toString('latin1', 0, 200))
    return decodeText(bytes, declared?.[1] ?? null)
  } catch (error) {
    if (error instanceof ImportFault) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new ImportFault(`${file} cannot be read: ${code ?? message}`)
  }
}

function toShow({ key, items: _, ...feed }: Feed): ShowDraft {
  return { ...feed, id: derivedId('show', `${SOURCE}:${key}`), sourceKey: shortKey(key) }
}

async function readEpisode(
  item: FeedItem,
  show: ShowDraft,
  folder: string,
  measure: FeedOptions['measure'],
  onFault: (reason: string) => void,
): Promise<{ draft: EpisodeDraft; audio: string | null } | null> {
  const { key, title, chaptersAt, audioAt, ...facts } = item
  const leaveOut = (reason: string): null => {
    onFault(`is left out: ${reason}`)
    return null
  }
  if (title === null) return leaveOut('it has no title')
  if (key === null) return leaveOut('it has neither a GUID nor audio')
  const audio = audioAt === null ? null : await findLocalFile(folder, audioAt)
  const measured = audio === null ? null : await measure(audio)
  if (audio !== null && measured === null) onFault('has a file beside the feed that is no audio')
  const durationMs = measured ?? facts.durationMs
  if (durationMs === null) return leaveOut('it does not say how long it is, from a second to a day')
  const chapters = (await readChapters(chaptersAt, folder, onFault)) ?? facts.chapters
  return {
    draft: {
      ...facts,
      id: derivedId('episode', `${SOURCE}:${show.id}:${key}`),
      sourceKey: shortKey(`${show.id} ${key}`),
      showId: show.id,
      title,
      durationMs,
      chapters: chapters.filter(({ startMs }) => startMs < durationMs),
      markets: null,
      features: null,
      isComposable: false,
    },
    audio: measured === null ? null : audio,
  }
}

/** Chapters of the file beside the feed that the item names; null when there is none. */
async function readChapters(
  address: string | null,
  folder: string,
  onFault: (reason: string) => void,
): Promise<Chapter[] | null> {
  const path = address === null ? null : await findLocalFile(folder, address)
  if (path === null) return null
  const { size } = await stat(path)
  const chapters = size > MAX_CHAPTERS_BYTES ? null : readJsonChapters(await readFile(path, 'utf8'))
  if (chapters === null) onFault('has chapters that cannot be read')
  return chapters
}

/** A key as the table's index can hold it. */
function shortKey(key: string): string {
  return key.length <= 200 ? key : `sha256:${createHash('sha256').update(key).digest('base64url')}`
}

import { derivedId } from '#shared/id.ts'
import { publish } from '#shared/outbox.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { Visibility } from './models.ts'
import { addition } from './services/add-items.ts'
import { insertPlaylist } from './services/details.ts'
import { MAX_IDS } from './services/ids.ts'
import { lockPlaylist, PATIENCE } from './services/lock.ts'
import { ranksBetween } from './services/rank.ts'
import { record } from './services/record.ts'

/** What this room takes from the demo: the lists, and which tracks there are. */
export interface PlaylistsDemo {
  albums: readonly { tracks: readonly { key: string }[] }[]
  playlists: readonly DemoPlaylist[]
}

interface DemoPlaylist {
  key: string
  name: string
  description: string
  /** A demo account: the part before the @. */
  owner: string
  visibility: Visibility
  collaborative: boolean
  tracks: readonly string[]
}

/**
 * The demo's lists, by the way every edit goes: a creation, then the tracks block by block. A list that is there stays as it
 * is. Tracks are looked for in the demo itself, since the copy of them may not have come yet.
 */
export async function loadDemoPlaylists(db: PrismaClient, demo: PlaylistsDemo): Promise<void> {
  const known = new Set(demo.albums.flatMap((album) => album.tracks.map((track) => track.key)))
  for (const playlist of demo.playlists)
    await loadPlaylist(
      db,
      playlist,
      playlist.tracks.filter((key) => known.has(key)),
    )
}

async function loadPlaylist(
  db: PrismaClient,
  { key, owner, ...demo }: DemoPlaylist,
  trackKeys: readonly string[],
): Promise<void> {
  const id = derivedId('playlist', `demo:${key}`)
  const ownerId = derivedId('user', `demo:${owner}`)
  const { name, description, visibility, collaborative } = demo
  const items = trackKeys.map((trackKey, index) => ({
    id: derivedId('item', `demo:${key}:${index}`),
    trackId: derivedId('track', `demo:${trackKey}`),
  }))
  await db.$transaction(async (tx) => {
    const details = { name, description, visibility, collaborative, coverId: null }
    const isNew = await insertPlaylist(tx, { ...details, id, ownerId, requestHash: null }, null)
    if (!isNew) return
    const ranks = await ranksBetween(tx, id, { lower: null, upper: null }, items.length)
    const at = new Date()
    for (let start = 0; start < items.length; start += MAX_IDS) {
      const block = items.slice(start, start + MAX_IDS)
      const after = items[start - 1]?.id ?? null
      const before = await lockPlaylist(tx, id)
      if (before === null) throw new Error(`The list ${key} is gone while it is being loaded`)
      const by = { at, addedBy: ownerId, revision: before.revision + 1 }
      const change = addition(id, block, ranks.slice(start, start + MAX_IDS), after, by)
      const { events } = await record(tx, before, change, { actorId: ownerId, at, nonce: null })
      await publish(tx, events)
    }
  }, PATIENCE)
}

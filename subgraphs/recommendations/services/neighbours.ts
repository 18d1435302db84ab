import { setImmediate as breathe } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Model, TrackFacts } from './model.ts'
import { rankTracks } from './ranking.ts'
import { likeness, targetAt } from './space.ts'
import { createTopK } from './top-k.ts'

/** What lies nearest to a track or an artist. */
export interface Neighbours {
  /** For each track its nearest, as ids: no other release of its recording, at most two of an artist; none for unknown ids. */
  ofTracks(model: Model, trackIds: readonly string[], count: number): Promise<string[][]>
  /** For each artist the nearest others, as ids. */
  ofArtists(model: Model, artistIds: readonly string[], count: number): Promise<string[][]>
}

/** The first pages of a list are found at once and kept. */
const KEPT = 128
const KEPT_LISTS = 2_000
/** A long batch lets others have their turn after so many milliseconds. */
const TURN_MS = 8

export function createNeighbours(): Neighbours {
  const kept = new LRUCache<string, readonly string[]>({ max: KEPT_LISTS })

  async function each(
    model: Model,
    ids: readonly string[],
    count: number,
    find: (id: string, count: number) => string[],
  ): Promise<string[][]> {
    const lists: string[][] = []
    let turn = performance.now()
    for (const id of ids) {
      const key = `${model.version} ${id}`
      let list = count <= KEPT ? kept.get(key) : undefined
      if (list === undefined) {
        if (performance.now() - turn > TURN_MS) {
          await breathe()
          turn = performance.now()
        }
        list = find(id, Math.max(count, KEPT))
        if (count <= KEPT) kept.set(key, list)
      }
      lists.push(list.slice(0, count))
    }
    return lists
  }

  return {
    ofTracks: (model, trackIds, count) =>
      each(model, trackIds, count, (id, most) => similarTracks(model, id, most)),
    ofArtists: (model, artistIds, count) =>
      each(model, artistIds, count, (id, most) => relatedArtists(model, id, most)),
  }
}

function similarTracks(model: Model, trackId: string, count: number): string[] {
  const at = model.trackRows.get(trackId)
  if (at === undefined) return []
  const target = targetAt(model.trackSpace, at, model.genreTotal)
  const ranked = rankTracks(model, {
    scores: likeness(model.trackSpace, target),
    country: null,
    without: [trackId],
    count,
  })
  return ranked.map(({ row }) => (model.tracks[row] as TrackFacts).id)
}

function relatedArtists(model: Model, artistId: string, count: number): string[] {
  const at = model.artistRows.get(artistId)
  if (at === undefined) return []
  const target = targetAt(model.artistSpace, at, model.genreTotal)
  const top = createTopK(Math.min(count, model.artists.length))
  for (const [row, score] of likeness(model.artistSpace, target).entries())
    if (score > 0 && row !== at) top.offer(row, score)
  return [...top.drain().rows].map((row) => model.artists[row] as string)
}

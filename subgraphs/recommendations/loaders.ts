import DataLoader from 'dataloader'
import { toConnection } from '#shared/connection.ts'
import { type RankPage, rankCursorAt } from './cursors.ts'
import type { ArtistPage, TrackPage } from './models.ts'
import type { CurrentModel } from './services/current-model.ts'
import type { Model } from './services/model.ts'
import type { Neighbours } from './services/neighbours.ts'

/** A page of the list that belongs to a track or an artist. */
export interface PageKey {
  id: string
  page: RankPage
}

export interface Loaders {
  /** Never null: a track that this room has not heard of has no neighbours yet. */
  similarTracks: DataLoader<PageKey, TrackPage, string>
  relatedArtists: DataLoader<PageKey, ArtistPage, string>
}

export function createLoaders(services: { current: CurrentModel; neighbours: Neighbours }): Loaders {
  const { current, neighbours } = services
  return {
    similarTracks: createPageLoader(current, neighbours.ofTracks),
    relatedArtists: createPageLoader(current, neighbours.ofArtists),
  }
}

/** One model for the whole batch, and the lists of all ids found together. */
function createPageLoader(
  current: CurrentModel,
  find: (model: Model, ids: readonly string[], count: number) => Promise<string[][]>,
): DataLoader<PageKey, TrackPage, string> {
  return new DataLoader(
    async (keys) => {
      const model = await current.get()
      const most = Math.max(...keys.map(({ page }) => page.offset + page.first + 1))
      const lists = await find(
        model,
        keys.map(({ id }) => id),
        most,
      )
      return keys.map(({ page }, index) => toPage(model, lists[index] ?? [], page))
    },
    { cacheKeyFn: ({ id, page }) => `${id} ${page.first} ${page.offset}` },
  )
}

function toPage(model: Model, list: readonly string[], { first, offset }: RankPage): TrackPage {
  const rows = list.slice(offset, offset + first + 1).map((id, index) => ({
    id,
    cursor: rankCursorAt(model.version, offset + index + 1),
  }))
  return toConnection(rows, { first, after: offset === 0 ? null : [] }, (row) => row.cursor)
}

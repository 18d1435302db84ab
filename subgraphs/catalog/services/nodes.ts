import { AppError } from '#shared/errors.ts'
import { type NodeType, nodeTypeOf } from '#shared/id.ts'
import type { Loaders } from '../loaders.ts'
import type {
  AlbumRow,
  ArtistRow,
  EpisodeRow,
  ForeignNode,
  GenreRow,
  ShowRow,
  TrackRow,
  UploadRow,
} from '../models.ts'

const MAX_IDS = 100

type AnyRow = TrackRow | AlbumRow | ArtistRow | GenreRow | ShowRow | EpisodeRow | UploadRow | ForeignNode

/** What a search can find, with the name of its type. */
export type HitSource = Exclude<AnyRow, UploadRow> & { __typename: Exclude<NodeType, 'Upload'> }

/** Anything with an id, with the name of its type. */
export type NodeSource = HitSource | (UploadRow & { __typename: 'Upload' })

export interface Nodes {
  /** null for what is missing. What another room owns comes as a reference: its owner says whether the viewer sees it. */
  load(id: string): Promise<NodeSource | null>
  /** The same for what was found. */
  loadHit(id: string): Promise<HitSource | null>
  /** In the order asked; more than 100 ids are BAD_USER_INPUT. */
  loadMany(ids: readonly string[]): Promise<(NodeSource | null)[]>
}

export function createNodes(loaders: Loaders): Nodes {
  const read = (type: NodeType, id: string): Promise<AnyRow | null> => {
    switch (type) {
      case 'Track':
        return loaders.trackById.load(id)
      case 'Album':
        return loaders.albumById.load(id)
      case 'Artist':
        return loaders.artistById.load(id)
      case 'Genre':
        return loaders.genreById.load(id)
      case 'Show':
        return loaders.showById.load(id)
      case 'Episode':
        return loaders.episodeById.load(id)
      case 'Upload':
        return loaders.uploadById.load(id)
      default:
        return Promise.resolve({ ref: id })
    }
  }

  async function load(id: string): Promise<NodeSource | null> {
    const type = nodeTypeOf(id)
    if (type === null) return null
    const row = await read(type, id)
    return row === null ? null : ({ ...row, __typename: type } as NodeSource)
  }

  return {
    load,
    async loadHit(id) {
      const node = await load(id)
      return node?.__typename === 'Upload' ? null : node
    },
    async loadMany(ids) {
      if (ids.length > MAX_IDS)
        throw new AppError('BAD_USER_INPUT', `nodes takes at most ${MAX_IDS} ids, not ${ids.length}`)
      return Promise.all(ids.map(load))
    },
  }
}

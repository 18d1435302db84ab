import { COUNTRIES } from '#shared/countries.ts'
import type { LyricsResolvers, TrackResolvers } from '../generated/graphql.ts'
import { featuresOf } from '../services/features.ts'

const EVERYWHERE = [...COUNTRIES]

export const Track: TrackResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.trackById.load(id),
  genres: ({ id }, _, { loaders }) => loaders.genresByTrackId.load(id),
  markets: ({ markets }) => markets ?? EVERYWHERE,
  album: ({ albumId }, _, { loaders }) => (albumId === null ? null : loaders.albumById.load(albumId)),
  artists: ({ id }, _, { loaders }) => loaders.artistsByTrackId.load(id),
  audioFeatures: (track) => featuresOf(track),
  lyrics: ({ id }, _, { loaders }) => loaders.lyricsByTrackId.load(id),
}

export const Lyrics: LyricsResolvers = {
  lines: ({ isTimed, lines }) => (isTimed ? lines : []),
  text: ({ lines }) => lines.map(({ text }) => text).join('\n'),
}

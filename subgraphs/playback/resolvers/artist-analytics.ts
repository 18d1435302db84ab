import { topOf } from '../analytics/artist-analytics.ts'
import type { ArtistAnalyticsResolvers, DeviceKind } from '../generated/graphql.ts'

export const ArtistAnalytics: ArtistAnalyticsResolvers = {
  plays: async (window, _, { loaders }) =>
    (await loaders.artistHours.load(window)).reduce((sum, { plays }) => sum + plays, 0),
  listeners: (window, _, { loaders }) => loaders.artistListeners.load(window),
  hourly: (window, _, { loaders }) => loaders.artistHours.load(window),
  byCountry: async (window, _, { loaders }) =>
    (await loaders.artistAudience.load({ ...window, dimension: 'COUNTRY' })).map(({ id, plays }) => ({
      country: id,
      plays,
    })),
  byDevice: async (window, _, { loaders }) =>
    (await loaders.artistAudience.load({ ...window, dimension: 'DEVICE' })).map(({ id, plays }) => ({
      kind: id as DeviceKind,
      plays,
    })),
  topTracks: async (window, { first }, { loaders }) =>
    topOf(await loaders.artistAudience.load({ ...window, dimension: 'TRACK' }), first),
  playlistAdds: (window, _, { loaders }) => loaders.playlistAdds.load(window),
}

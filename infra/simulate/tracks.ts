import { derivedId } from '#shared/id.ts'
import { readDemoCatalogue } from '../demo/catalogue.ts'
import { list } from '../testing/client.ts'
import type { Account } from './account.ts'
import { COUNTRIES, type TrackFacts } from './listener.ts'

const TRACKS = `query Tracks($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { id durationMs album { id } artists { id } } } }`

/** What the catalogue says of these; throws where one is not there, or too short to be listened to in every way. */
export async function readTracks(account: Account, ids: readonly string[]): Promise<TrackFacts[]> {
  const nodes = []
  for (let from = 0; from < ids.length; from += 20)
    nodes.push(...list((await account.ask(TRACKS, { ids: ids.slice(from, from + 20) }))['nodes']))
  const tracks = nodes.map((node) => ({
    id: String(node['id']),
    durationMs: Number(node['durationMs']),
    albumId: node['album'] ? String(node['album']['id']) : null,
    artistIds: list(node['artists']).map((artist) => String(artist['id'])),
  }))
  const missing = ids.find((id) => !tracks.some((track) => track.id === id))
  if (missing !== undefined)
    throw new Error(`The catalogue there has no ${missing}: name others with --tracks`)
  const short = tracks.find(({ durationMs }) => durationMs < 40_000)
  if (short !== undefined) throw new Error(`${short.id} is shorter than 40 s: name others with --tracks`)
  return tracks
}

/** Of the demo's tracks that may play wherever listeners are: those whose audio is there from the start come first. */
export function demoTrackIds(count = Number.POSITIVE_INFINITY): string[] {
  const { albums, firstTracks } = readDemoCatalogue()
  const playable = albums
    .flatMap(({ tracks }) => tracks)
    .filter(({ markets }) => COUNTRIES.every((country) => markets.includes(country)))
  const isFirst = new Set(firstTracks)
  return playable
    .toSorted((one, other) => Number(isFirst.has(other.key)) - Number(isFirst.has(one.key)))
    .slice(0, count)
    .map(({ key }) => derivedId('track', `demo:${key}`))
}

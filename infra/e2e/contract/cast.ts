import { type ApiClient, createApiClient, type Json, list, signIn } from '../../testing/client.ts'

/** Who takes part in the contract, and what they found when they came in. */
export interface Cast {
  visitor: ApiClient
  premium: ApiClient
  free: ApiClient
  admin: ApiClient
  /** The tracks found by "love", as edges. */
  loveTracks: Json
  artistId: string
}

export async function gatherCast(address: string): Promise<Cast> {
  const visitor = createApiClient(address)
  const { search } = await visitor.data('Search', { query: 'love', first: 10 })
  return {
    visitor,
    premium: await signIn(address, 'premium@cadenza.example'),
    free: await signIn(address, 'free@cadenza.example'),
    admin: await signIn(address, 'admin@cadenza.example'),
    loveTracks: search?.['tracks']?.['edges'] as Json,
    artistId: String(search?.['artists']?.['edges']?.[0]?.['node']?.['id']),
  }
}

/** A manifest of one of the tracks that are ready from the start. */
export async function playable(client: ApiClient): Promise<Json> {
  const { search } = await client.data('Search', { query: 'Everyone I Love Is Asleep', first: 1 })
  const trackId = search?.['tracks']?.['edges']?.[0]?.['node']?.['id']
  const input = { trackId, deviceId: client.deviceId, networkKbps: 20_000 }
  return (await client.data('PlaybackStart', { input }))['playbackStart'] as Json
}

export function codes(payload: Json | undefined): unknown[] {
  return list(payload?.['userErrors']).map((error) => error['code'])
}

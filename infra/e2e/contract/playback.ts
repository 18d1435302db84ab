import { beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import { type Cast, playable } from './cast.ts'

/** Manifests, reports, trending and recommendations. */
export function testPlayback(cast: () => Cast): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let loveTracks: Json

  beforeAll(() => {
    ;({ visitor, premium, free, loveTracks } = cast())
  })

  const trackId = (index = 0): string => String(loveTracks[index]?.['node']?.['id'])

  test('PlaybackStart returns a signed manifest, PlaybackRenew another, PlaybackReport counts, History tells', async () => {
    const started = await playable(premium)
    const playbackId = started['playbackId']
    const renewed = (await premium.data('PlaybackRenew', { playbackId }))['playbackRenew'] as Json
    const at = new Date().toISOString()
    const events = [
      { eventId: 'e1', playbackId, kind: 'START', positionMs: 0, at },
      { eventId: 'e2', playbackId: newId('playback'), kind: 'HEARTBEAT', positionMs: 10_000, at },
    ]
    const report = await premium.data('PlaybackReport', { events })
    const again = await premium.data('PlaybackReport', { events })

    expect(started).toMatchObject({
      __typename: 'StreamManifest',
      selectedQuality: 'LOSSLESS',
      bufferSeconds: 90,
      presentation: 'FULL',
      licence: { system: 'AES_128', keyUrl: expect.stringMatching(/\/lossless\/key$/) },
      track: { title: expect.any(String), durationMs: expect.any(Number) },
    })
    expect(list(started['qualities']).map((row) => row['quality'])).toEqual([
      'LOW',
      'NORMAL',
      'HIGH',
      'LOSSLESS',
    ])
    expect(renewed['url']).not.toBe(started['url'])
    expect(report['playbackReport']).toEqual({
      accepted: 1,
      rejected: [{ eventId: 'e2', code: 'NOT_FOUND' }],
    })
    expect(again).toEqual(report)

    const { viewer } = await premium.data('History')
    expect(viewer?.['history']?.['edges']?.[0]).toEqual({
      playedAt: expect.any(String),
      msPlayed: 0,
      counted: false,
      node: { __typename: 'Track', title: started['track']?.['title'] },
    })
    expect(viewer?.['stats']).toEqual({ minutes: expect.any(Number), topArtists: [], topTracks: [] })
  })

  test('a free account gets NORMAL at most, a stranger’s device is refused, a visitor has to sign in', async () => {
    const started = await playable(free)
    const input = { trackId: started['track']?.['id'], deviceId: premium.deviceId, networkKbps: 20_000 }
    const denied = await free.data('PlaybackStart', { input })
    const nobody = await visitor.send('PlaybackStart', { input })

    expect(started).toMatchObject({ selectedQuality: 'NORMAL', bufferSeconds: 45, licence: null })
    expect(list(started['qualities']).map((row) => row['quality'])).toEqual(['LOW', 'NORMAL'])
    expect(denied['playbackStart']).toMatchObject({
      __typename: 'StreamDenied',
      code: 'DEVICE',
      retryable: false,
    })
    expect(nobody.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  test('Trending and Recommendations answer from real rows, with reasons', async () => {
    const { trending } = await visitor.data('Trending', { country: 'SE' })
    const { recommendations } = await premium.data('Recommendations', { seeds: [trackId(0)], first: 5 })
    const edges = recommendations?.['edges'] as Json

    expect(trending?.['nodes']).toHaveLength(20)
    expect(edges).toHaveLength(5)
    expect(edges[0]).toMatchObject({
      because: [{ strategy: 'CONTENT', seed: { __typename: 'Track' } }],
      node: { title: expect.any(String) },
    })
  })
}

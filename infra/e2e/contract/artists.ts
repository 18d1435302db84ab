import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ApiClient, type Json, list, signIn } from '../../testing/client.ts'
import type { Cast } from './cast.ts'

/** What artists are told of their listeners. */
export function testArtists(cast: () => Cast, address: () => string): void {
  describe('what artists are told', () => {
    let artist: ApiClient
    let artistId: string

    // Not before the other tests: one of them ends all sessions of this account.
    beforeAll(async () => {
      artist = await signIn(address(), 'artist@cadenza.example')
      const { search } = await artist.data('Search', { query: 'Wren Halloway', first: 1 })
      artistId = String(search?.['artists']?.['edges']?.[0]?.['node']?.['id'])
    })

    const analyticsOf = async (client: ApiClient): Promise<Json | undefined> =>
      (await client.data('ArtistAnalytics', { artistId }))['artist']?.['analytics']

    test('ArtistAnalytics tells who manages the artist, and ADMIN, and nobody else', async () => {
      const { visitor, premium, admin } = cast()
      await expect
        .poll(async () => (await analyticsOf(artist))?.['plays'], { timeout: 5_000 })
        .toBeGreaterThan(0)
      const told = await analyticsOf(artist)

      const plays = (field: string): number =>
        list(told?.[field]).reduce((sum, part) => sum + Number(part['plays']), 0)
      expect(told).toMatchObject({ listeners: expect.any(Number), playlistAdds: expect.any(Number) })
      for (const field of ['hourly', 'byCountry', 'byDevice']) expect(plays(field)).toBe(told?.['plays'])
      expect(list(told?.['topTracks']).map(({ track }) => track?.['title'])).toEqual(
        Array(5).fill(expect.any(String)),
      )
      expect((await analyticsOf(admin))?.['plays']).toBe(told?.['plays'])
      expect(await analyticsOf(premium)).toBeNull()
      expect(await analyticsOf(visitor)).toBeNull()
    })

    test('the figures come as CSV too, at an address of their own', async () => {
      const told = await analyticsOf(artist)
      const answer = await fetch(String(told?.['csvUrl']))
      const rows = parse(await answer.text(), { columns: true }) as Record<string, string>[]

      const plays = rows.filter(({ measure }) => measure === 'plays').map(({ value }) => Number(value))
      expect(plays.reduce((sum, value) => sum + value, 0)).toBe(told?.['plays'])
      expect((await fetch(String(told?.['csvUrl']).replace('/28/', '/27/'))).status).toBe(403)
    })

    test('a track that is put into a playlist is seen by its artist within two seconds', async () => {
      const { premium } = cast()
      const before = Number((await analyticsOf(artist))?.['playlistAdds'])
      const { search } = await premium.data('Search', { query: 'Everyone I Love Is Asleep', first: 1 })
      const trackIds = [search?.['tracks']?.['edges']?.[0]?.['node']?.['id']]
      const input = { name: 'For later', visibility: 'PRIVATE', collaborative: false }
      const { playlistCreate } = await premium.data('PlaylistCreate', { input })
      const playlistId = playlistCreate?.['playlist']?.['id']
      await premium.data('PlaylistAddItems', { input: { playlistId, trackIds } })

      await expect
        .poll(async () => (await analyticsOf(artist))?.['playlistAdds'], { timeout: 2_000 })
        .toBe(before + 1)
    })
  })
}

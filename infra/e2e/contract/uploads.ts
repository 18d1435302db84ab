import { beforeAll, describe, expect, test } from 'vitest'
import { derivedId, newId } from '#shared/id.ts'
import { type ApiClient, type Json, signIn } from '../../testing/client.ts'
import { type Cast, codes } from './cast.ts'
import { makeWav } from './wav.ts'

/** The artist that artist@cadenza.example manages. */
const ARTIST = derivedId('artist', 'demo:wren-halloway')

/** What artists upload, from the file to the stream. */
export function testUploads(cast: () => Cast, address: () => string): void {
  describe('uploads', () => {
    let artist: ApiClient

    // Not before the other tests: one of them ends all sessions of this account.
    beforeAll(async () => {
      artist = await signIn(address(), 'artist@cadenza.example')
    })

    const create = async (client: ApiClient, file: Buffer, title: string): Promise<Json> => {
      const input = { artistId: ARTIST, title, fileName: 'song.wav', sizeBytes: file.length }
      return (await client.data('UploadCreate', { input }))['uploadCreate'] as Json
    }
    const put = async (url: unknown, file: Buffer): Promise<number> =>
      (await fetch(String(url), { method: 'PUT', body: new Uint8Array(file) })).status

    test('a file that its artist uploads becomes a track that plays', async () => {
      const { premium } = cast()
      const file = makeWav(4, 200 + Math.floor(Math.random() * 1_000))
      const title = `Made at home ${newId('x').slice(-8)}`
      const { upload } = await create(artist, file, title)
      const id = upload?.['id']
      const state = async (): Promise<Json | undefined> =>
        (await artist.data('UploadState', { id }))['upload']

      expect(upload).toMatchObject({ state: 'WAITING', uploadUrl: expect.stringMatching(/^http/) })
      expect(await put(upload?.['uploadUrl'], file)).toBe(200)
      await expect
        .poll(state, { timeout: 30_000, interval: 200 })
        .toMatchObject({ state: 'READY', progress: 1, failure: null, track: { title, durationMs: 4_000 } })
      const trackId = (await state())?.['track']?.['id']
      const start = async (): Promise<Json | undefined> => {
        const input = { trackId, deviceId: premium.deviceId, networkKbps: 20_000 }
        return (await premium.data('PlaybackStart', { input }))['playbackStart']
      }
      await expect
        .poll(start, { timeout: 5_000, interval: 100 })
        .toMatchObject({ __typename: 'StreamManifest', selectedQuality: 'LOSSLESS', track: { title } })
    }, 60_000)

    test('what is no audio fails and says why', async () => {
      const file = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5_000, 1)])
      const { upload } = await create(artist, file, 'A zip')

      expect(await put(upload?.['uploadUrl'], file)).toBe(200)
      await expect
        .poll(async () => (await artist.data('UploadState', { id: upload?.['id'] }))['upload'], {
          timeout: 10_000,
        })
        .toMatchObject({ state: 'FAILED', failure: { code: 'NOT_AUDIO' }, track: null })
    })

    test('nobody else uploads for the artist, nor sees what was uploaded', async () => {
      const { premium, visitor } = cast()
      const file = makeWav(1, 300)
      const { upload } = await create(artist, file, 'Secret')
      const seen = async (client: ApiClient): Promise<unknown> =>
        (await client.data('UploadState', { id: upload?.['id'] }))['upload']

      expect(codes(await create(premium, file, 'Not mine'))).toEqual(['FORBIDDEN'])
      expect(await seen(premium)).toBeNull()
      expect(await seen(visitor)).toBeNull()
      expect(await seen(artist)).toMatchObject({ state: 'WAITING' })
    })
  })
}

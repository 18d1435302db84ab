import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { HAS_KAFKA, START_MS, startKafka, type TestKafka } from '#shared/testing/kafka.ts'
import { type Service, startService } from '../testing/cadenza.ts'
import { type ApiClient, createApiClient, type Json, list, signIn } from '../testing/client.ts'

const SOON = { timeout: 60_000, interval: 250 }
/** What has to be heard of a play so that it counts, and a little more. */
const HEARD_MS = 31_000

describe.skipIf(!HAS_KAFKA)('npm start with Kafka between the rooms (needs Java and Kafka)', () => {
  let home: string
  let kafka: TestKafka | undefined
  let cadenza: Service | undefined
  let url: string
  let listener: ApiClient

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'cadenza-e2e-'))
    kafka = await startKafka()
    cadenza = await startService('index', { CADENZA_HOME: home, PORT: '0', KAFKA_BROKERS: kafka.brokers })
    url = cadenza.url
    listener = await signUp(url)
  }, START_MS)
  afterAll(async () => {
    const code = await cadenza?.stop()
    await kafka?.[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
    expect(code).toBe(0)
  })

  test('a list is found by the name that it was given in another room', async () => {
    const admin = await signIn(url, 'admin@cadenza.example')
    const input = { name: 'Zanzibarian evenings', visibility: 'PUBLIC' }
    const { playlistCreate } = await listener.data('PlaylistCreate', { input })
    const id = playlistCreate?.['playlist']?.['id']

    await vi.waitFor(async () => {
      const { search } = await admin.data('Search', { query: 'zanzibarian', first: 1 })
      expect(search?.['playlists']?.['edges']?.[0]?.['node']?.['id']).toBe(id)
    }, SOON)
  })

  test(
    'a play of somebody who just came is counted, and leads the chart of their country',
    async () => {
      const started = await play()
      const trackId = started['track']?.['id']
      const report = (kind: string, positionMs: number): Promise<Json> => {
        const { playbackId } = started
        const event = { eventId: kind, playbackId, kind, positionMs, at: new Date().toISOString() }
        return listener.data('PlaybackReport', { events: [event] })
      }
      const leader = async (): Promise<unknown> => {
        const { trending } = await listener.data('Trending', { country: 'IS' })
        return trending?.['nodes']?.[0]?.['id']
      }
      expect(await leader()).not.toBe(trackId)

      await report('START', 0)
      await sleep(HEARD_MS)
      await report('HEARTBEAT', HEARD_MS)

      const { viewer } = await listener.data('History')
      expect(list(viewer?.['history']?.['edges'])[0]).toMatchObject({ counted: true })
      await vi.waitFor(async () => expect(await leader()).toBe(trackId), SOON)
    },
    2 * START_MS,
  )

  test('and it was Kafka that carried all of it', async () => {
    const metrics = await (await fetch(new URL('/metrics', url))).text()

    for (const room of ['users', 'catalog', 'playlists', 'playback'])
      expect(metrics).toMatch(new RegExp(`^cadenza_relay_events_total{room="${room}"} [1-9]`, 'm'))
    expect(metrics).not.toMatch(/^cadenza_consumer_dead_letters_total{.*} [1-9]/m)
  })

  /** The playback room plays for those of whom it has heard. */
  async function play(): Promise<Json> {
    const { search } = await listener.data('Search', { query: 'Everyone I Love Is Asleep', first: 1 })
    const trackId = search?.['tracks']?.['edges']?.[0]?.['node']?.['id']
    const input = { trackId, deviceId: listener.deviceId, networkKbps: 20_000 }
    return vi.waitFor(async () => {
      const { playbackStart } = await listener.data('PlaybackStart', { input })
      expect(playbackStart).toMatchObject({ __typename: 'StreamManifest' })
      return playbackStart as Json
    }, SOON)
  }
})

/** Somebody of a country in which nobody has played anything. */
async function signUp(url: string): Promise<ApiClient> {
  const client = createApiClient(url)
  const device = { name: 'Test', kind: 'WEB' }
  const who = { email: 'newcomer@cadenza.example', password: 'long enough', displayName: 'Newcomer' }
  const { signUp } = await client.data('SignUp', { input: { ...who, country: 'IS', device } })
  client.token = String(signUp?.['session']?.['accessToken'])
  client.deviceId = String(signUp?.['session']?.['device']?.['id'])
  return client
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { derivedId } from '#shared/id.ts'
import { firstTrackIds } from '../../standalone/demo.ts'
import { type Service, startService } from '../../testing/cadenza.ts'
import { type ApiClient, createApiClient } from '../../testing/client.ts'
import { operation } from '../../testing/operations.ts'
import { showProgress } from '../progress.ts'

/** Somebody who presses play: nobody shares a stream with anybody else. */
export interface Listener {
  body(trackId: string): string
  headers: Record<string, string>
  client: ApiClient
}

/** Cadenza in one process, as `npm start` runs it, with tracks whose audio is there. */
export interface PlayHouse extends AsyncDisposable {
  service: Service
  /** Of the door, without a path. */
  origin: string
  trackIds: readonly string[]
}

export async function openPlayHouse(): Promise<PlayHouse> {
  const home = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const service = await startService('index', { CADENZA_HOME: home, PORT: '0', ...PRODUCTION })
  return {
    service,
    origin: new URL(service.url).origin,
    trackIds: firstTrackIds(),
    async [Symbol.asyncDispose]() {
      await service.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'error', RATE_LIMIT_PER_HOUR: '1000000000' }

/** New accounts at `url` (…/graphql), each on a device of its own. */
export async function signUpListeners(url: string, count: number): Promise<Listener[]> {
  const listeners: Listener[] = []
  const query = operation('PlaybackStart')
  const run = derivedId('user', String(process.hrtime.bigint())).slice(-8)
  for (let index = 0; index < count; index++) {
    const client = createApiClient(url)
    const input = {
      email: `listener-${run}-${index}@bench.example`,
      password: 'press play and listen',
      displayName: `Listener ${index}`,
      country: 'US',
      device: { name: 'Bench', kind: 'WEB' },
    }
    const session = (await client.data('SignUp', { input }))['signUp']?.['session']
    client.token = String(session?.['accessToken'])
    client.deviceId = String(session?.['device']?.['id'])
    listeners.push({
      client,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${client.token}` },
      body: (trackId) =>
        JSON.stringify({
          query,
          variables: { input: { trackId, deviceId: client.deviceId, networkKbps: 3_000 } },
        }),
    })
    showProgress('accounts', index + 1, count)
  }
  return listeners
}

import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { compactVerify, createLocalJWKSet } from 'jose'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { PRIVACY_ROOMS } from '#shared/privacy/requests.ts'
import { createTestDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { ROOMS } from '../../schema/supergraph.ts'
import { unzip } from '../../subgraphs/users/testing/unzip.ts'
import { type ApiClient, createApiClient, type Json, list, signIn } from '../testing/client.ts'
import { DEEDS, type World } from './privacy/deeds.ts'
import { type Person, signUpPerson } from './privacy/person.ts'
import { settle, tracesInFiles, tracesInTables } from './privacy/traces.ts'
import { type House, openHouse } from './visibility/house.ts'

const PATIENCE = { timeout: 30_000, interval: 100 }
const ALL = Object.keys(DEEDS)

let home: string
let database: TestDatabase
let house: House
let world: World

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-privacy-'))
  database = await createTestDatabase()
  house = await openHouse(database.url, home)
  world = await gatherWorld()
}, 300_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

test('every room there is has a part in privacy jobs', () => {
  expect(PRIVACY_ROOMS).toEqual(ROOMS)
})

test('an export is one archive of what every room knows, with a signed list of its files, for its owner alone', async () => {
  const person = await signUpPerson(house.url)
  for (const name of ALL.filter((name) => name !== 'exports')) await DEEDS[name]?.(person, world)
  const { privacyExport } = await person.data('PrivacyExport')
  const again = await person.data('PrivacyExport')
  const id = String(privacyExport?.['job']?.['id'])
  await expect.poll(() => stateOf(person, id), PATIENCE).toBe('DONE')
  const [own, friends, admins, anonymous] = await Promise.all(
    [person, world.friend, world.admin, createApiClient(house.url)].map((who) => jobOf(who, id)),
  )
  const archive = await fetch(String(own?.['downloadUrl']))
  const files = await unzip(Buffer.from(await archive.arrayBuffer()))
  const keys = await (await fetch(new URL('/privacy/keys', house.url))).json()
  const { payload } = await compactVerify(String(files.get('manifest.jws')), createLocalJWKSet(keys))
  const manifest = JSON.parse(String(files.get('manifest.json'))) as { user: string; files: Json[] }
  const knows = (room: string): Json => JSON.parse(String(files.get(`${room}.json`))) as Json

  expect(again['privacyExport']?.['job']?.['id']).toBe(id)
  expect(own?.['rooms']).toEqual(ROOMS.map((room) => ({ room, state: 'DONE' })))
  expect([friends, anonymous]).toEqual([null, null])
  expect(admins).toEqual({ ...own, downloadUrl: null })
  expect(Buffer.from(payload)).toEqual(files.get('manifest.json'))
  expect(manifest.user).toBe(person.userId)
  expect(manifest.files.map(({ name }) => name)).toEqual([...ROOMS].sort().map((room) => `${room}.json`))
  for (const { name, sha256 } of manifest.files)
    expect(
      createHash('sha256')
        .update(files.get(String(name)) ?? '')
        .digest('hex'),
    ).toBe(sha256)
  expect(knows('users')['account']).toMatchObject([{ email: person.email, shares_plays: true }])
  expect(list(knows('users')['devices'])).toHaveLength(2)
  expect(list(knows('playlists')['playlists']).map(({ name }) => name)).toContain(`Tunes of ${person.word}`)
  expect(list(knows('playback')['plays']).filter((play) => play['is_counted'])).toHaveLength(3)
  await expect.poll(() => playsInCatalog(person), PATIENCE).toBeGreaterThan(0)
  expect(String(files.get('users.json'))).not.toMatch(/argon2|password/)
}, 180_000)

test('an address of an archive opens only as it was signed, and until it is over', async () => {
  const person = await signUpPerson(house.url)
  const { privacyExport } = await person.data('PrivacyExport')
  const id = String(privacyExport?.['job']?.['id'])
  await expect.poll(() => stateOf(person, id), PATIENCE).toBe('DONE')
  const url = String((await jobOf(person, id))?.['downloadUrl'])
  const forged = [
    url.replace(id, newId('privacy')),
    url.replace(/\/(\d{13})\./, (_, at) => `/${Number(at) + 1}.`),
    url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    `${url}x`,
    url.replace(/\.[\w-]+$/, ''),
    new URL('/privacy/', url).href,
  ]
  const answers = await Promise.all(forged.map((one) => fetch(one)))
  const head = await fetch(url, { method: 'HEAD' })
  const post = await fetch(url, { method: 'POST' })

  expect(answers.map(({ status }) => status)).toEqual(forged.map(() => 403))
  for (const answer of answers) expect(await answer.text()).toBe('')
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/zip'])
  expect(post.status).toBe(405)
}, 180_000)

test('whoever is erased leaves no trace in any table or file, whatever they did and in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(ALL, { minLength: 2 }), async (names) => {
      const person = await signUpPerson(house.url)
      for (const name of names) await DEEDS[name]?.(person, world)
      await erase(person)
      await settle(database.url)
      await withoutEndedSessions(person)

      expect(await tracesInTables(database.url, person.marks)).toEqual([])
      expect(await tracesInFiles(join(home, 'audio'), person.marks)).toEqual([])
    }),
    { numRuns: 3, examples: [[ALL]], endOnFailure: true },
  )
}, 900_000)

test('a wrong password erases nobody; the right one signs out everywhere, and the address is free', async () => {
  const person = await signUpPerson(house.url)
  const refused = await person.data('PrivacyErase', { password: 'not the password' })
  const { viewer } = await person.data('Viewer')
  await erase(person)
  const device = { name: 'Phone', kind: 'PHONE' }
  const { signIn } = await createApiClient(house.url).data('SignIn', {
    input: { email: person.email, password: person.password, device },
  })
  const refreshToken = person.marks.find((mark) => mark.startsWith('rt_'))
  const { sessionRefresh } = await createApiClient(house.url).data('SessionRefresh', { refreshToken })
  const input = { email: person.email, password: person.password, displayName: 'New', country: 'SE' }
  const { signUp } = await createApiClient(house.url).data('SignUp', { input })

  expect(refused['privacyErase']).toMatchObject({ job: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
  expect(viewer?.['id']).toBe(person.userId)
  expect(signIn).toMatchObject({ session: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
  expect(sessionRefresh).toMatchObject({ session: null })
  expect(signUp?.['userErrors']).toEqual([])
}, 180_000)

test('what others made with them stays, and charts and counts are as before', async () => {
  const person = await signUpPerson(house.url)
  await DEEDS['worksOnListsOfOthers']?.(person, world)
  await DEEDS['listensOffline']?.(person, world)
  const { viewer } = await world.friend.data('{ viewer { playlists(first: 1) { nodes { id } } } }')
  const playlistId = list(viewer?.['playlists']?.['nodes'])[0]?.['id']
  const items = `{ playlist(id: "${playlistId}") { items(first: 20) { nodes { id addedBy { id } track { id } } } } }`
  const tracks = `{ nodes(ids: ${JSON.stringify(world.trackIds)}) { ... on Track { playCount } } }`
  const itemsNow = async (): Promise<readonly Json[]> =>
    list((await world.friend.data(items))['playlist']?.['items']?.['nodes'])
  const before = await itemsNow()
  const counted = await world.friend.data(tracks)
  const isTheirs = (item: Json): boolean => String(item['addedBy']?.['id']) === person.userId
  await erase(person)

  expect(before.some(isTheirs)).toBe(true)
  expect(await itemsNow()).toEqual(before.map((item) => (isTheirs(item) ? { ...item, addedBy: null } : item)))
  expect(await world.friend.data(tracks)).toEqual(counted)
}, 180_000)

/** Has the person erased and waits for all rooms; only those in charge can see the job then. */
async function erase(person: Person): Promise<void> {
  const { privacyErase } = await person.data('PrivacyErase', { password: person.password })
  expect(privacyErase?.['userErrors']).toEqual([])
  const id = String(privacyErase?.['job']?.['id'])
  await expect.poll(async () => (await person.send('Viewer')).status, { timeout: 10_000 }).toBe(401)
  await expect.poll(() => stateOf(world.admin, id), PATIENCE).toBe('DONE')
}

/** The door is told which sessions ended for as long as their tokens live: by then these ids go as well. */
async function withoutEndedSessions({ marks }: Person): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rowCount } = await client.query('DELETE FROM users.ended_session WHERE id = ANY ($1)', [marks])
  await client.end()
  expect(rowCount).toBeGreaterThan(0)
}

async function jobOf(who: ApiClient, id: string): Promise<Json | null> {
  return ((await who.data('PrivacyJob', { id }))['node'] ?? null) as Json | null
}

async function stateOf(who: ApiClient, id: string): Promise<unknown> {
  return (await jobOf(who, id))?.['state']
}

/** What the catalogue has learnt of a person's plays, which comes by the log. */
async function playsInCatalog({ userId }: Person): Promise<number> {
  const traces = await tracesInTables(database.url, [userId])
  return traces.filter((trace) => trace.startsWith('catalog.listener_artist')).length
}

async function gatherWorld(): Promise<World> {
  const [friend, admin] = [await signUpPerson(house.url), await signIn(house.url, 'admin@cadenza.example')]
  const found = await admin.data(`{
    genres(first: 1) { nodes { tracks(first: 3) { nodes { id album { id } artists { id } } } } }
    search(query: "tide", first: 1) { episodes { edges { node { id } } } }
  }`)
  const tracks = list(list(found['genres']?.['nodes'])[0]?.['tracks']?.['nodes'])
  const trackIds = tracks.map(({ id }) => String(id))
  const episodeId = String(list(found['search']?.['episodes']?.['edges'])[0]?.['node']?.['id'])
  await giveAudio([trackIds[0] ?? '', episodeId])
  return {
    friend,
    admin,
    trackIds,
    episodeId,
    albumId: String(tracks[0]?.['album']?.['id']),
    artistId: String(list(tracks[0]?.['artists'])[0]?.['id']),
  }
}

/** Audio as the catalogue says of it, which nobody listens to here. */
async function giveAudio(playableIds: readonly string[]): Promise<void> {
  const segment = { offset: 100, bytes: 1_000, durationMs: 100_000 }
  const fragments = { bytes: 1_100, initBytes: 100, segments: [segment] }
  const rendition = { quality: 'LOW', codec: 'mp4a.40.2', bitrateKbps: 96, path: 'none.mp4', ...fragments }
  const asset = {
    assetId: 'none',
    durationMs: 100_000,
    loudnessCentilufs: -1_400,
    truePeakCentidb: -100,
    renditions: [rendition],
  }
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  for (const id of playableIds)
    await client.query(
      'INSERT INTO playback.audio_asset (asset_id, playable_id, version, asset) VALUES ($1, $2, 1, $3)',
      ['none', id, JSON.stringify(asset)],
    )
  await client.end()
}

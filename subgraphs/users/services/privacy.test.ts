import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { ERASED_USER, hashOfPerson } from '#shared/privacy/erased.ts'
import { PRIVACY_REQUESTED, PRIVACY_ROOMS } from '#shared/privacy/requests.ts'
import { createTestRoom, type Json, PASSWORD, type Person, type TestRoom } from '../testing/users-room.ts'

const OTHERS = PRIVACY_ROOMS.filter((room) => room !== 'users')
const PATIENCE = { timeout: 15_000 }
const RETRY = 'mutation ($id: ID!) { privacyRetry(id: $id) { job { id state } userErrors { code } } }'
// The catalogue's `node` leads here by the reference.
const JOB = `query ($of: [_Any!]!) {
  _entities(representations: $of) { ... on PrivacyJob { id state rooms { room state } downloadUrl } }
}`

let users: TestRoom
let ann: Person
let ben: Person
let admin: Person

beforeAll(async () => {
  users = await createTestRoom()
  ;[ann, ben] = [await users.signUp('ann@example.com'), await users.signUp('ben@example.com')]
  const root = await users.signUp('root@example.com')
  admin = { ...root, identity: { ...root.identity, role: 'ADMIN' } }
})
afterAll(() => users[Symbol.asyncDispose]())

async function jobOf(who: Person, id: string): Promise<Json | null> {
  const { _entities } = await users.answer(JOB, { of: [{ __typename: 'PrivacyJob', id }] }, who.identity)
  return _entities?.[0] ?? null
}
const stateOf = async (who: Person, id: string): Promise<unknown> => (await jobOf(who, id))?.['state']
const exportOf = async (who: Person): Promise<Json> =>
  (await users.answer('PrivacyExport', {}, who.identity))['privacyExport'] as Json
const eraseOf = async (who: Person, password = PASSWORD): Promise<Json> =>
  (await users.answer('PrivacyErase', { password }, who.identity))['privacyErase'] as Json
const idOf = (payload: Json): string => String(payload['job']?.['id'])

async function answer(room: string, jobId: string, state: 'DONE' | 'FAILED'): Promise<void> {
  const part = { key: `privacy/${jobId}/${room}.json`, bytes: 2, sha256: 'none' }
  const payload = { jobId, room, state, part: state === 'DONE' ? part : null }
  await users.hear(room, `${room}.privacy-answered.v1`, jobId, payload)
}

async function requestsOf(jobId: string): Promise<Json[]> {
  return (await users.events(PRIVACY_REQUESTED)).filter((event) => event['jobId'] === jobId)
}

test('a job is QUEUED, RUNNING once a room is done, and DONE when all are; an ADMIN sees it without the archive', async () => {
  const started = await exportOf(ann)
  const id = idOf(started)
  await expect.poll(() => stateOf(ann, id), PATIENCE).toBe('RUNNING')
  const running = await jobOf(ann, id)
  const again = await exportOf(ann)
  for (const room of OTHERS) await answer(room, id, 'DONE')
  await expect.poll(() => stateOf(ann, id), PATIENCE).toBe('DONE')
  const done = await jobOf(ann, id)

  expect(started['job']).toMatchObject({ state: 'QUEUED', downloadUrl: null })
  expect(running?.['rooms']).toEqual(
    PRIVACY_ROOMS.map((room) => ({ room, state: room === 'users' ? 'DONE' : 'QUEUED' })),
  )
  expect(idOf(again)).toBe(id)
  expect(done?.['downloadUrl']).toMatch(new RegExp(`^http://localhost/privacy/${id}/\\d{13}\\.`))
  expect(await jobOf(admin, id)).toEqual({ ...(done as unknown as object), downloadUrl: null })
  expect(await jobOf(ben, id)).toBeNull()
  expect((await requestsOf(id)).map(({ userId }) => userId)).toEqual([ERASED_USER])
})

test('five exports a day, not six', async () => {
  await users.db.privacyJobRoom.updateMany({ data: { state: 'DONE' } })
  for (
    let more = (await users.db.privacyJob.count({ where: { userId: ann.userId } })) + 1;
    more <= 5;
    more++
  ) {
    expect((await exportOf(ann))['userErrors']).toEqual([])
    await users.db.privacyJobRoom.updateMany({ data: { state: 'DONE' } })
  }
  const sixth = await exportOf(ann)
  await users.db.privacyJob.updateMany({ data: { requestedAt: new Date(Date.now() - 86_400_001) } })
  const nextDay = await exportOf(ann)

  expect(sixth).toMatchObject({ job: null, userErrors: [{ code: 'LIMIT_REACHED' }] })
  expect(nextDay['userErrors']).toEqual([])
})

test('a room that failed makes the job FAILED, and is asked again alone, by those who may see it', async () => {
  const id = idOf(await exportOf(ben))
  await answer('playback', id, 'FAILED')
  for (const room of OTHERS) if (room !== 'playback') await answer(room, id, 'DONE')
  await expect.poll(() => stateOf(ben, id), PATIENCE).toBe('FAILED')
  const stranger = (await users.answer(RETRY, { id }, ann.identity))['privacyRetry']
  const own = (await users.answer(RETRY, { id }, ben.identity))['privacyRetry']
  const asked = await requestsOf(id)
  await answer('playback', id, 'DONE')
  await expect.poll(() => stateOf(ben, id), PATIENCE).toBe('DONE')

  expect(stranger).toMatchObject({ job: null, userErrors: [{ code: 'NOT_FOUND' }] })
  expect(own).toMatchObject({ job: { state: 'RUNNING' }, userErrors: [] })
  expect(asked.map(({ rooms }) => rooms)).toEqual([PRIVACY_ROOMS, ['playback']])
})

test('a part that fails three times has FAILED with its reason, and works when it is asked for again', async () => {
  const cat = await users.signUp('cat@example.com')
  await users.db.$executeRaw`ALTER TABLE follow RENAME TO follow_away`
  const id = idOf(await exportOf(cat))
  await expect.poll(() => stateOf(cat, id), PATIENCE).toBe('FAILED')
  const [failed] = await users.db.privacyPart.findMany({ where: { jobId: id } })
  await users.db.$executeRaw`ALTER TABLE follow_away RENAME TO follow`
  await users.answer(RETRY, { id }, cat.identity)
  await expect.poll(() => stateOf(cat, id), PATIENCE).toBe('RUNNING')

  expect(failed).toMatchObject({ state: 'FAILED', tries: 3, reason: expect.stringContaining('follow') })
})

test('an erasure needs the password, and ends name, address and sessions in the same moment', async () => {
  const dan = await users.signUp('dan@example.com')
  const since = new Date(Date.now() - 1_000).toISOString()
  const wrong = await eraseOf(dan, 'another password')
  const right = await eraseOf(dan)
  const twice = await users.ask('PrivacyErase', { password: PASSWORD }, dan.identity)
  const { sessionsEnded } = await users.answer(
    'query ($since: DateTime!) { sessionsEnded(since: $since) { sessionId } }',
    { since },
  )
  const device = { name: 'Phone', kind: 'PHONE' }
  const { signIn } = await users.answer('SignIn', {
    input: { email: dan.email, password: PASSWORD, device },
  })

  expect(wrong).toMatchObject({ job: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
  expect(right).toMatchObject({ job: { state: 'QUEUED' }, userErrors: [] })
  expect(JSON.stringify(twice)).toMatch(/CREDENTIALS_WRONG|UNAUTHENTICATED/)
  expect(sessionsEnded).toContainEqual({ sessionId: dan.sessionId })
  expect(signIn).toMatchObject({ session: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
})

test('once every room is done the job names nobody; whom this room has erased, no late news brings back', async () => {
  const eve = await users.signUp('eve@example.com')
  await users.answer('Follow', { id: eve.userId }, ann.identity)
  const id = idOf(await eraseOf(eve))
  await expect.poll(() => stateOf(admin, id), PATIENCE).toBe('RUNNING')
  for (const room of OTHERS) await answer(room, id, 'DONE')
  await expect.poll(() => stateOf(admin, id), PATIENCE).toBe('DONE')
  const playlistId = newId('playlist')
  const list = {
    playlistId,
    ownerId: eve.userId,
    name: 'Late',
    visibility: 'PUBLIC',
    revision: 1,
    isDeleted: false,
  }
  await users.hear('playlists', 'playlists.playlist-changed.v1', playlistId, list)
  await expect
    .poll(() => users.db.playlist.findUnique({ where: { id: playlistId } }), PATIENCE)
    .toMatchObject({ ownerId: ERASED_USER })

  expect(await users.db.privacyJob.findUnique({ where: { id } })).toMatchObject({ userId: null })
  expect((await requestsOf(id)).map(({ userId }) => userId)).toEqual([ERASED_USER])
  expect(await users.db.account.count({ where: { id: eve.userId } })).toBe(0)
  expect(await users.db.follow.count({ where: { subjectId: eve.userId } })).toBe(0)
  expect(await users.db.erasedPerson.count({ where: { hash: hashOfPerson(eve.userId) } })).toBe(1)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { createTestRoom, type Json, type Person, type TestRoom } from '../testing/users-room.ts'
import { MAX_DEVICES } from './devices.ts'

let users: TestRoom
let ann: Person

beforeAll(async () => {
  users = await createTestRoom()
  ann = await users.signUp('ann@example.com')
})
afterAll(() => users[Symbol.asyncDispose]())

const remove = async (id: string, person: Person): Promise<Json> =>
  (await users.answer('DeviceRemove', { id }, person.identity))['deviceRemove'] as Json
const devicesOf = async (person: Person): Promise<string> =>
  JSON.stringify((await users.answer('Viewer', {}, person.identity))['viewer']?.['devices'])
const changesOf = async (deviceId: string): Promise<Json[]> =>
  (await users.events('users.device-changed.v1')).filter((event) => event['deviceId'] === deviceId)
/** Devices as if signed in long ago, each an hour before the one in front of it, with a living session or none. */
async function addDevices(person: Person, count: number, isAlive: boolean): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('device'))
  await users.db.$executeRaw`
    WITH added AS (
      INSERT INTO device (id, user_id, name, kind, last_seen_at)
      SELECT id, ${person.userId}, 'Old ' || n, 'WEB', clock_timestamp() - n * interval '1 hour'
        FROM unnest(${ids}::text[]) WITH ORDINALITY AS device (id, n) RETURNING id, user_id
    )
    INSERT INTO session (id, user_id, device_id, expires_at)
    SELECT 'session of ' || id, user_id, id, clock_timestamp() + interval '1 day' FROM added WHERE ${isAlive}::bool`
  return ids
}

test('the id of an own device signs the same one in again, under its new name and with its old key', async () => {
  const first = await users.signIn(ann.email, { name: 'Browser', kind: 'WEB', publicKey: 'key 1' })
  const before = await users.db.device.findUniqueOrThrow({ where: { id: first.deviceId } })

  const again = await users.signIn(ann.email, { id: first.deviceId, name: 'Telly', kind: 'TV' })

  const after = await users.db.device.findUniqueOrThrow({ where: { id: first.deviceId } })
  expect(again.deviceId).toBe(first.deviceId)
  expect(after).toMatchObject({ name: 'Telly', kind: 'TV', publicKey: 'key 1' })
  expect(after.lastSeenAt.getTime()).toBeGreaterThan(before.lastSeenAt.getTime())
})

test("somebody else's device id, a removed one and nonsense each make a new device and change no other", async () => {
  const bob = await users.signUp('bob@example.com')
  const gone = await users.signIn(ann.email)
  await remove(gone.deviceId, ann)

  for (const id of [bob.deviceId, gone.deviceId, '', 'device_\u0000', ann.userId]) {
    const { deviceId } = await users.signIn(ann.email, { id })
    expect(deviceId).toMatch(/^device_\w{22}$/)
    expect(deviceId).not.toBe(id)
  }
  const own = await users.db.device.findUniqueOrThrow({ where: { id: bob.deviceId } })
  expect(own).toMatchObject({ userId: bob.userId, name: 'Kitchen radio' })
})

test('a refresh shows that the device was seen', async () => {
  const person = await users.signIn(ann.email)
  await users.db
    .$executeRaw`UPDATE device SET last_seen_at = last_seen_at - interval '1 day' WHERE id = ${person.deviceId}`

  await users.answer('SessionRefresh', { refreshToken: person.refreshToken })

  const { lastSeenAt } = await users.db.device.findUniqueOrThrow({ where: { id: person.deviceId } })
  expect(Math.abs(lastSeenAt.getTime() - Date.now())).toBeLessThan(60_000)
})

test('a device is active while a session on it is alive', async () => {
  const person = await users.signUp('active@example.com')
  const again = await users.signIn(person.email, { id: person.deviceId })
  const signOut = 'mutation { signOut { userErrors { code } } }'

  await users.answer(signOut, {}, person.identity)
  expect(await devicesOf(person)).toContain('"active":true')
  await users.db.$executeRaw`UPDATE session SET expires_at = clock_timestamp() WHERE id = ${again.sessionId}`
  expect(await devicesOf(person)).toContain('"active":false')
})

test('removing a device ends its sessions and says so under the next version', async () => {
  const person = await users.signUp('remove@example.com')
  const other = await users.signIn(person.email)
  const { deviceId, sessionId, userId } = other

  expect(await remove(deviceId, person)).toEqual({ removedId: deviceId, userErrors: [] })

  expect(await devicesOf(person)).not.toContain(deviceId)
  expect(await changesOf(deviceId)).toMatchObject([
    { isRemoved: false, version: 2 },
    { deviceId, userId, name: 'Phone', kind: 'PHONE', isRemoved: true, version: 3 },
  ])
  expect(await users.events('users.session-ended.v1')).toContainEqual({ sessionId, userId, deviceId })
  const refreshed = (await users.answer('SessionRefresh', { refreshToken: other.refreshToken }))[
    'sessionRefresh'
  ]
  expect(refreshed).toMatchObject({ session: null, userErrors: [{ code: 'CREDENTIALS_WRONG' }] })
})

test("only one's own devices can be removed, and each once", async () => {
  const carl = await users.signUp('carl@example.com')
  const spare = await users.signIn(ann.email)
  await remove(spare.deviceId, ann)

  for (const id of [carl.deviceId, spare.deviceId, '', 'device_\u0000', 'device_0000000000000000000000'])
    expect(await remove(id, ann)).toMatchObject({ removedId: null, userErrors: [{ code: 'NOT_FOUND' }] })
  expect(await devicesOf(carl)).toContain(carl.deviceId)
  expect(await users.db.session.count({ where: { userId: carl.userId, endedAt: null } })).toBe(1)
})

test('a user has fifty devices; one more takes the place of the one unseen longest without a living session', async () => {
  const person = await users.signUp('many@example.com')
  const count = () => users.db.device.count({ where: { userId: person.userId } })
  await addDevices(person, 40, true)
  const idle = await addDevices(person, MAX_DEVICES - 42, false)

  const fiftieth = await users.signIn(person.email)
  await users.signIn(person.email, { id: fiftieth.deviceId })
  expect(await count()).toBe(MAX_DEVICES)
  expect(await users.db.device.count({ where: { id: { in: idle } } })).toBe(idle.length)

  const next = await users.signIn(person.email)
  const left = await users.db.device.findMany({
    where: { id: { in: idle } },
    orderBy: { lastSeenAt: 'desc' },
  })
  expect(await count()).toBe(MAX_DEVICES)
  expect(left.map(({ id }) => id)).toEqual(idle.slice(0, -1))
  expect(await changesOf(idle.at(-1) ?? '')).toMatchObject([
    { isRemoved: true, version: next.identity.version },
  ])
})

test('with a living session on each of fifty devices the one unseen longest is signed out', async () => {
  const person = await users.signUp('busy@example.com')
  const [gone = ''] = (await addDevices(person, MAX_DEVICES - 1, true)).slice(-1)

  await users.signIn(person.email)

  expect(await changesOf(gone)).toMatchObject([{ isRemoved: true }])
  const sessions = (await users.events('users.session-ended.v1')).map((event) => event['sessionId'])
  expect(sessions).toContain(`session of ${gone}`)
  expect(await users.db.device.count({ where: { userId: person.userId } })).toBe(MAX_DEVICES)
})

test('twenty sign-ins at once keep within the limit, and the log has their versions in order', async () => {
  const person = await users.signUp('parallel@example.com')
  await addDevices(person, MAX_DEVICES - 10, false)

  const people = await Promise.all(Array.from({ length: 20 }, () => users.signIn(person.email)))

  expect(new Set(people.map(({ identity }) => identity.version)).size).toBe(20)
  expect(await users.db.device.count({ where: { userId: person.userId } })).toBe(MAX_DEVICES)
  const versions = (await users.events('users.device-changed.v1'))
    .filter((event) => event['userId'] === person.userId)
    .map((event) => Number(event['version']))
  expect(versions).toHaveLength(1 + 20 + 11)
  expect(versions).toEqual([...versions].sort((a, b) => a - b))
})

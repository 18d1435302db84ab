import { afterAll, beforeAll, expect, test } from 'vitest'
import { metrics } from '#shared/telemetry.ts'
import { createTestRoom, type Json, PASSWORD, type Person, type TestRoom } from '../testing/users-room.ts'

const DEVICE = { name: 'Phone', kind: 'PHONE' }
const UNUSED = { email: 'new@example.com', password: PASSWORD, displayName: 'New', country: 'SE' }

let users: TestRoom
let ann: Person
let admin: Person

beforeAll(async () => {
  users = await createTestRoom()
  ann = await users.signUp('ann@example.com')
  const root = await users.signUp('root@example.com')
  admin = { ...root, identity: { ...root.identity, role: 'ADMIN' } }
})
afterAll(() => users[Symbol.asyncDispose]())

const signUp = async (change: Record<string, unknown>): Promise<Json> =>
  (await users.answer('SignUp', { input: { ...UNUSED, ...change } }))['signUp'] as Json
const signIn = async (email: string, password: string): Promise<Json> =>
  (await users.answer('SignIn', { input: { email, password, device: DEVICE } }))['signIn'] as Json
const hashOperations = async (): Promise<number> => {
  const { values } = (await metrics.getSingleMetric('cadenza_users_password_operations_total')?.get()) ?? {
    values: [],
  }
  return values.reduce((sum, { value }) => sum + value, 0)
}

test.each([
  ['BAD_USER_INPUT', ['email'], { email: 'not an address' }],
  ['BAD_USER_INPUT', ['email'], { email: 'nul\u0000@example.com' }],
  ['BAD_USER_INPUT', ['displayName'], { displayName: ' ' }],
  ['BAD_USER_INPUT', ['displayName'], { displayName: 'x'.repeat(101) }],
  ['COUNTRY_UNKNOWN', ['country'], { country: 'XX' }],
  ['COUNTRY_UNKNOWN', ['country'], { country: 'se' }],
  ['PASSWORD_WEAK', ['password'], { password: 'nine char' }],
  ['PASSWORD_WEAK', ['password'], { password: 'NEW@example.com' }],
  ['EMAIL_TAKEN', ['email'], { email: ' ANN@Example.com' }],
  ['BAD_USER_INPUT', ['device', 'name'], { device: { name: '', kind: 'WEB' } }],
  [
    'BAD_USER_INPUT',
    ['device', 'publicKey'],
    { device: { name: 'A', kind: 'WEB', publicKey: 'x'.repeat(2_001) } },
  ],
])('signing up is refused with %s for %j when it is %j', async (code, field, change) => {
  expect(await signUp(change)).toEqual({
    session: null,
    userErrors: [{ code, field, message: expect.any(String) }],
  })
  expect(await users.db.account.count({ where: { email: UNUSED.email } })).toBe(0)
})

test('a device is not needed to sign up', async () => {
  const payload = await signUp({
    email: 'nodevice@example.com',
    displayName: ' x'.padEnd(101, 'x'),
    device: null,
  })

  expect(payload['userErrors']).toEqual([])
  expect(payload['session']?.['device']).toBeNull()
})

test('of twenty who want one address at once, one gets it and the rest hear EMAIL_TAKEN', async () => {
  const payloads = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      signUp({ email: index % 2 === 0 ? 'race@example.com' : 'RACE@example.com', device: DEVICE }),
    ),
  )

  const codes = payloads.map((payload) => payload['userErrors']?.[0]?.['code'] ?? 'OPENED').sort()
  expect(codes).toEqual([...Array.from({ length: 19 }, () => 'EMAIL_TAKEN'), 'OPENED'])
})

test('the hash of the password is argon2id at 19 MiB, two passes, one lane', async () => {
  const { passwordHash } = await users.db.account.findUniqueOrThrow({ where: { email: ann.email } })

  expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('signing up and in publishes the account and its device under the version the token carries', async () => {
  const person = await users.signUp('events@example.com', { displayName: 'Eve' })
  const again = await users.signIn('events@example.com', { id: person.deviceId, name: 'Car', kind: 'CAR' })
  const { userId, deviceId } = person
  const own = (topic: string) =>
    users.events(topic).then((events) => events.filter((event) => event['userId'] === userId))

  expect(await own('users.account-changed.v1')).toEqual([
    { userId, displayName: 'Eve', tier: 'FREE', country: 'SE', role: 'LISTENER', artists: [], version: 1 },
  ])
  const device = { deviceId, userId, publicKey: null, isRemoved: false }
  expect(await own('users.device-changed.v1')).toEqual([
    { ...device, name: 'Kitchen radio', kind: 'SPEAKER', version: 1 },
    { ...device, name: 'Car', kind: 'CAR', version: 2 },
  ])
  expect([person.identity.version, again.identity.version]).toEqual([1, 2])
})

test('a wrong password and an address nobody has get one answer after the same hashing', async () => {
  const attempts = [
    [ann.email, 'the wrong password'],
    ['nobody@example.com', PASSWORD],
    ['not an address', PASSWORD],
    ['nul\u0000@example.com', PASSWORD],
    [ann.email, ''],
    [ann.email, 'x'.repeat(10_000)],
  ] as const
  const answers: Json[] = []
  const counts: number[] = []
  for (const [email, password] of attempts) {
    const before = await hashOperations()
    answers.push(await signIn(email, password))
    counts.push((await hashOperations()) - before)
  }

  expect(counts).toEqual(attempts.map(() => 1))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({
    session: null,
    userErrors: [{ code: 'CREDENTIALS_WRONG', field: null }],
  })
})

test('a wrong password and an address nobody has take about the same time', async () => {
  const wrong: number[] = []
  const unknown: number[] = []
  const timed = async (email: string): Promise<number> => {
    const begun = performance.now()
    await signIn(email, 'the wrong password')
    return performance.now() - begun
  }
  for (let pair = 0; pair < 15; pair++) {
    wrong.push(await timed(ann.email))
    unknown.push(await timed(`nobody${pair}@example.com`))
  }

  // Without the hashing an unknown address would be answered in a tenth of the time.
  const ratio = median(unknown) / median(wrong)
  expect(ratio).toBeGreaterThan(0.6)
  expect(ratio).toBeLessThan(1.6)
})

test('a flood of sign-ins is turned away with RATE_LIMITED, and those let in are answered', async () => {
  await using small = await createTestRoom({ CADENZA_PASSWORD_HASHERS: 1, CADENZA_PASSWORD_QUEUE: 2 })
  const input = { email: 'nobody@example.com', password: PASSWORD, device: DEVICE }

  const responses = await Promise.all(Array.from({ length: 30 }, () => small.ask('SignIn', { input })))

  const turnedAway = responses.filter(({ errors }) => errors?.[0]?.extensions?.['code'] === 'RATE_LIMITED')
  const answered = responses.filter(({ errors }) => errors === undefined)
  expect(turnedAway.length + answered.length).toBe(30)
  expect(turnedAway.length).toBeGreaterThanOrEqual(10)
  expect(answered.length).toBeGreaterThanOrEqual(3)
})

test('an administrator changes a tier: in the answer, in the log and in the next token', async () => {
  const person = await users.signUp('tier@example.com')
  const { userId } = person
  const change = (tier: string) => users.answer('UserTierChange', { userId, tier }, admin.identity)

  const changed = { userTierChange: { user: { id: userId, tier: 'PREMIUM' }, userErrors: [] } }
  expect(await change('PREMIUM')).toEqual(changed)
  expect(await change('PREMIUM')).toEqual(changed)

  const events = (await users.events('users.account-changed.v1')).filter(
    (event) => event['userId'] === userId,
  )
  expect(events.map((event) => [event['tier'], event['version']])).toEqual([
    ['FREE', 1],
    ['PREMIUM', 2],
  ])
  const viewer = (await users.answer('Viewer', {}, person.identity))['viewer']
  expect(viewer?.['tier']).toBe('PREMIUM')
  const { identity } = await users.signIn(person.email, { id: person.deviceId })
  expect(identity).toMatchObject({ tier: 'PREMIUM', version: 3 })
})

test('nobody else changes a tier, and nobody that of somebody who is not there', async () => {
  const change = async (userId: string, identity: Person['identity']) =>
    (await users.answer('UserTierChange', { userId, tier: 'PREMIUM' }, identity))['userTierChange']

  expect(await change(ann.userId, ann.identity)).toMatchObject({
    user: null,
    userErrors: [{ code: 'FORBIDDEN' }],
  })
  for (const id of ['', 'user_0000000000000000000000', ann.deviceId, 'user_\u0000'])
    expect(await change(id, admin.identity)).toMatchObject({
      user: null,
      userErrors: [{ code: 'NOT_FOUND' }],
    })
  expect(await users.db.account.count({ where: { id: ann.userId, tier: 'FREE' } })).toBe(1)
})

test('the room never answers with a password or its hash', async () => {
  const { passwordHash } = await users.db.account.findUniqueOrThrow({ where: { email: ann.email } })
  const logged = await users.db.$queryRaw<object[]>`SELECT payload FROM outbox`
  const answers = JSON.stringify([
    await users.answer('Viewer', {}, ann.identity),
    await signIn(ann.email, PASSWORD),
  ])

  for (const text of [JSON.stringify(logged), answers]) {
    expect(text).not.toContain(PASSWORD)
    expect(text).not.toContain(passwordHash)
  }
})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

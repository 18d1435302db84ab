import { expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createTestRoom } from '../testing/users-room.ts'
import { createSessionClearing } from './clearing.ts'

test('spent tokens go once expired, dead sessions thirty days later, and what still matters stays', async () => {
  await using users = await createTestRoom()
  const { db } = users
  const clearing = createSessionClearing(db, createLogger('users', 'silent'))
  const person = await users.signUp('ann@example.com')
  const dead = await users.signIn(person.email)
  const unused = await users.signIn(person.email)
  await users.answer('SessionRefresh', { refreshToken: person.refreshToken })
  const tokensOf = (sessionId: string) => db.refreshToken.count({ where: { sessionId } })
  expect(await clearing.run()).toBe(0)

  await db.$executeRaw`UPDATE refresh_token SET expires_at = clock_timestamp() - interval '1 minute'`
  await db.$executeRaw`
    UPDATE session SET expires_at = clock_timestamp() - interval '29 days' WHERE id = ${unused.sessionId}`
  await db.$executeRaw`
    UPDATE session SET expires_at = clock_timestamp() - interval '31 days' WHERE id = ${dead.sessionId}`

  expect(await clearing.run()).toBe(2)
  expect(await db.session.count({ where: { id: dead.sessionId } })).toBe(0)
  expect([
    await tokensOf(person.sessionId),
    await tokensOf(dead.sessionId),
    await tokensOf(unused.sessionId),
  ]).toEqual([1, 0, 1])
  const { refreshToken } = unused
  const answer = (await users.answer('SessionRefresh', { refreshToken }))['sessionRefresh']
  expect(answer).toMatchObject({ userErrors: [{ code: 'TOKEN_EXPIRED' }] })
})

test('clearing goes on until nothing is left to clear', async () => {
  await using users = await createTestRoom()
  const { sessionId } = await users.signUp('ann@example.com')
  await users.db.$executeRaw`
    INSERT INTO refresh_token (hash, session_id, expires_at, used_at)
    SELECT 'hash ' || n, ${sessionId}, clock_timestamp() - interval '1 day', clock_timestamp() - interval '31 days'
      FROM generate_series(1, 2500) AS n`

  expect(await createSessionClearing(users.db, createLogger('users', 'silent')).run()).toBe(2_500)
  expect(await users.db.refreshToken.count({ where: { sessionId } })).toBe(1)
})

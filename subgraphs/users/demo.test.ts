import { expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestRoom } from './testing/users-room.ts'

test('the demo has four accounts under fixed ids, each published once however often it is loaded', async () => {
  await using users = await createTestRoom()
  const demo = { managedArtist: 'wren-halloway' }

  await users.room.loadDemo(demo)
  await users.db.account.update({
    where: { email: 'free@cadenza.example' },
    data: { displayName: 'Renamed' },
  })
  await users.room.loadDemo(demo)

  const select = { id: true, email: true, country: true, tier: true, role: true, artists: true }
  const account = (key: string, country: string, tier: string, change = {}) => ({
    id: derivedId('user', `demo:${key}`),
    email: `${key}@cadenza.example`,
    country,
    tier,
    role: 'LISTENER',
    artists: [],
    ...change,
  })
  expect(await users.db.account.findMany({ select, orderBy: { email: 'asc' } })).toEqual([
    account('admin', 'US', 'PREMIUM', { role: 'ADMIN' }),
    account('artist', 'GB', 'PREMIUM', { artists: [derivedId('artist', 'demo:wren-halloway')] }),
    account('free', 'US', 'FREE'),
    account('premium', 'SE', 'PREMIUM'),
  ])
  expect(await users.db.account.count({ where: { displayName: 'Renamed' } })).toBe(1)
  expect(await users.events('users.account-changed.v1')).toHaveLength(4)
})

test('every demo account signs in with the password of the contract', async () => {
  await using users = await createTestRoom()
  await users.room.loadDemo({ managedArtist: 'wren-halloway' })

  for (const key of ['free', 'premium', 'artist', 'admin']) {
    const device = { name: 'Browser', kind: 'WEB' }
    const input = { email: `${key}@cadenza.example`, password: 'cadenza-demo', device }
    const payload = (await users.answer('SignIn', { input }))['signIn']
    expect(payload?.['session']?.['user']?.['id']).toBe(derivedId('user', `demo:${key}`))
  }
})

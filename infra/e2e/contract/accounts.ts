import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { type ApiClient, createApiClient, type Json, signIn } from '../../testing/client.ts'
import { type Cast, codes } from './cast.ts'

/** Accounts, sessions, devices and follows. */
export function testAccounts(cast: () => Cast, address: () => string): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let admin: ApiClient
  let artistId: string

  beforeAll(() => {
    ;({ visitor, premium, free, admin, artistId } = cast())
  })

  test('SignUp creates an account, and says what is wrong with a bad one', async () => {
    const email = `listener-${randomUUID()}@cadenza.example`
    const input = { email, password: 'a long enough password', displayName: 'Nova', country: 'SE' }
    const { signUp } = await visitor.data('SignUp', { input })
    const again = await visitor.data('SignUp', { input })
    const weak = await visitor.data('SignUp', { input: { ...input, email: `x${email}`, password: 'short' } })
    const nowhere = await visitor.data('SignUp', { input: { ...input, email: `y${email}`, country: 'XQ' } })

    expect(signUp).toMatchObject({
      session: { user: { displayName: 'Nova', tier: 'FREE', country: 'SE' } },
      userErrors: [],
    })
    expect(codes(again['signUp'])).toEqual(['EMAIL_TAKEN'])
    expect(codes(weak['signUp'])).toEqual(['PASSWORD_WEAK'])
    expect(codes(nowhere['signUp'])).toEqual(['COUNTRY_UNKNOWN'])
  })

  test('SignIn answers a wrong password and an unknown address alike', async () => {
    const device = { name: 'Test', kind: 'WEB' }
    const wrong = await visitor.data('SignIn', {
      input: { email: 'free@cadenza.example', password: 'not the password', device },
    })
    const unknown = await visitor.data('SignIn', {
      input: { email: 'nobody@cadenza.example', password: 'not the password', device },
    })

    expect(codes(wrong['signIn'])).toEqual(['CREDENTIALS_WRONG'])
    expect(unknown).toEqual(wrong)
  })

  test('SessionRefresh rotates, forgives a repeat at once, and SignOut ends it within a second', async () => {
    const input = {
      email: 'artist@cadenza.example',
      password: 'cadenza-demo',
      device: { name: 'Phone', kind: 'PHONE' },
    }
    const { session } = (await visitor.data('SignIn', { input }))['signIn'] as Json
    const refreshToken = session?.['refreshToken']
    const first = (await visitor.data('SessionRefresh', { refreshToken }))['sessionRefresh'] as Json
    const repeat = (await visitor.data('SessionRefresh', { refreshToken }))['sessionRefresh'] as Json
    const artist = createApiClient(address(), String(first['session']?.['accessToken']))
    const before = await artist.data('Viewer')
    const { signOut } = await artist.data('SignOut')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const after = await artist.send('Viewer')

    expect(first['session']?.['refreshToken']).not.toBe(refreshToken)
    expect(repeat['session']?.['refreshToken']).toBe(first['session']?.['refreshToken'])
    expect(before['viewer']?.['email']).toBe('artist@cadenza.example')
    expect(signOut?.['userErrors']).toEqual([])
    expect(after.status).toBe(401)
    expect(after.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  test('Viewer is oneself, and null for a visitor', async () => {
    const { viewer } = await premium.data('Viewer')
    const nobody = await visitor.data('Viewer')

    expect(viewer).toMatchObject({ email: 'premium@cadenza.example', tier: 'PREMIUM', country: 'SE' })
    expect(viewer?.['devices']).toContainEqual(
      expect.objectContaining({ id: premium.deviceId, active: true }),
    )
    expect(nobody['viewer']).toBeNull()
  })

  test('UserTierChange is for ADMIN alone', async () => {
    const refused = await premium.data('UserTierChange', { userId: free.userId, tier: 'PREMIUM' })
    const upgraded = await admin.data('UserTierChange', { userId: free.userId, tier: 'PREMIUM' })
    const restored = await admin.data('UserTierChange', { userId: free.userId, tier: 'FREE' })

    expect(codes(refused['userTierChange'])).toEqual(['FORBIDDEN'])
    expect(upgraded['userTierChange']).toMatchObject({ user: { tier: 'PREMIUM' }, userErrors: [] })
    expect(restored['userTierChange']).toMatchObject({ user: { tier: 'FREE' } })
  })

  test('DeviceRemove removes an own device and nobody else’s', async () => {
    const other = await signIn(address(), 'premium@cadenza.example')
    const stolen = await free.data('DeviceRemove', { id: other.deviceId })
    const removed = await premium.data('DeviceRemove', { id: other.deviceId })

    expect(codes(stolen['deviceRemove'])).toEqual(['NOT_FOUND'])
    expect(removed['deviceRemove']).toEqual({ removedId: other.deviceId, userErrors: [] })
  })

  test('Follow follows an artist and a user', async () => {
    const artist = await premium.data('Follow', { id: artistId })
    const person = await premium.data('Follow', { id: free.userId })
    const nobody = await premium.data('Follow', { id: newId('artist') })
    const { viewer } = await premium.data('Viewer')

    expect(artist['follow']).toEqual({ following: true, userErrors: [] })
    expect(person['follow']).toEqual({ following: true, userErrors: [] })
    expect(codes(nobody['follow'])).toEqual(['NOT_FOUND'])
    expect(viewer?.['following']).toMatchObject({
      totalCount: 2,
      nodes: [{ __typename: 'User' }, { __typename: 'Artist' }],
    })
  })

  test.each([
    ['a forged token', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyX2EifQ.'],
    ['no bearer', 'Basic Zm9vOmJhcg=='],
    ['an empty one', 'Bearer '],
  ])('%s is UNAUTHENTICATED, never anonymous', async (_, authorization) => {
    const headers = { 'content-type': 'application/json', authorization }
    const response = await fetch(address(), {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: '{ __typename }' }),
    })

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
}

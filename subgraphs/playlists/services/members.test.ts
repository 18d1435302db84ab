import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import { ann, bob, codeOf, createEdits } from '../testing/edits.ts'
import { createTestRoom, INVITE, person, type RoomProcess, type TestRoom } from '../testing/playlists-room.ts'
import { subscribe, take } from '../testing/view.ts'

const REMOVE = `mutation ($id: ID!, $userId: ID!) {
  playlistCollaboratorRemove(input: { playlistId: $id, userId: $userId }) { playlist { id } userErrors { code field } }
}`
const REVOKE = `mutation ($input: PlaylistInviteRevokeInput!) {
  playlistInviteRevoke(input: $input) { playlist { id } userErrors { code field } }
}`
const eve = person('eve')

let playlists: TestRoom
let elsewhere: RoomProcess

beforeAll(async () => {
  playlists = await createTestRoom()
  elsewhere = await playlists.another()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const remove = (id: string, userId: string, who: Identity) => playlists.answer(REMOVE, { id, userId }, who)
const invite = async (id: string, role = 'EDITOR'): Promise<unknown> => {
  const input = { playlistId: id, role, expiresInHours: 1 }
  return (await playlists.answer(INVITE, { input }, ann))['invite']?.['token']
}
const join = async (token: unknown, who: Identity = bob) =>
  codeOf(await playlists.answer('PlaylistJoin', { token }, who))
const revoke = (playlistId: string, token?: unknown, who: Identity = ann) =>
  playlists.answer(REVOKE, { input: { playlistId, token } }, who)

test('the owner sends a member away, who loses sight of the list at once, in every process', async () => {
  const { id } = await playlists.create(ann, [1], { collaborative: true })
  await playlists.join(id, ann, bob)
  const subscriber = await subscribe(elsewhere, id, { identity: bob })
  await take(subscriber, 1)

  const before = performance.now()
  expect(await remove(id, bob.userId, ann)).toEqual({ playlist: { id }, userErrors: [] })
  expect(await take(subscriber, 9)).toMatchObject([{ kind: 'ACCESS_LOST', playlist: null, ops: [] }])
  expect(performance.now() - before).toBeLessThan(1_000)

  expect(await playlists.answer('PlaylistPage', { id }, bob)).toBeNull()
  expect(codeOf(await createEdits(playlists, playlists).add(bob, id, [1]))).toBe('NOT_FOUND')
  expect(await remove(id, bob.userId, ann)).toEqual({ playlist: { id }, userErrors: [] })
})

test('who joined may leave, and is told nothing more of a private list', async () => {
  const { id } = await playlists.create(ann, [])
  await playlists.join(id, ann, bob, 'VIEWER')

  expect(await remove(id, bob.userId, bob)).toEqual({ playlist: null, userErrors: [] })
  expect(codeOf(await remove(id, bob.userId, bob))).toBe('NOT_FOUND')
  const open = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  await playlists.join(open.id, ann, bob, 'VIEWER')
  expect(await remove(open.id, bob.userId, bob)).toEqual({ playlist: { id: open.id }, userErrors: [] })
})

test('nobody sends another away but the owner, and nobody the owner', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  await playlists.join(id, ann, bob)
  await playlists.join(id, ann, eve, 'VIEWER')

  expect(codeOf(await remove(id, eve.userId, bob))).toBe('FORBIDDEN')
  expect(codeOf(await remove(id, ann.userId, bob))).toBe('BAD_USER_INPUT')
  expect(codeOf(await remove(id, ann.userId, ann))).toBe('BAD_USER_INPUT')
  expect(codeOf(await remove(id, bob.userId, person('stranger')))).toBe('NOT_FOUND')
  const anonymous = await playlists.ask(REMOVE, { id, userId: bob.userId })
  expect(anonymous.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  expect(await playlists.db.collaborator.count({ where: { playlistId: id } })).toBe(2)
})

test('an invitation that is revoked is over, the others and the members are not', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  const [one, other] = [await invite(id), await invite(id)]
  expect(await join(one)).toBeNull()

  expect(await revoke(id, one)).toEqual({ playlist: { id }, userErrors: [] })

  expect(await join(one, eve)).toBe('TOKEN_EXPIRED')
  expect(await join(other, eve)).toBeNull()
  expect(await playlists.db.collaborator.count({ where: { playlistId: id } })).toBe(2)
})

test('all invitations of a list are revoked at once, and those made later hold', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  const another = await playlists.create(ann, [], { collaborative: true })
  const tokens = [await invite(id), await invite(id, 'VIEWER')]
  const foreign = await invite(another.id)

  await revoke(id)

  for (const token of tokens) expect(await join(token)).toBe('TOKEN_EXPIRED')
  expect(await join(foreign)).toBeNull()
  expect(await join(await invite(id))).toBeNull()
})

test('only the owner revokes, and only what the list has given out', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  const other = await playlists.create(ann, [], { collaborative: true })
  const [token, foreign] = [await invite(id), await invite(other.id)]
  await playlists.join(id, ann, bob)

  expect(codeOf(await revoke(id, token, bob))).toBe('FORBIDDEN')
  expect(codeOf(await revoke(id, token, eve))).toBe('NOT_FOUND')
  for (const unknown of [foreign, 'inv_x', '', '\u0000'])
    expect((await revoke(id, unknown))['userErrors']).toEqual([{ code: 'NOT_FOUND', field: ['token'] }])
  expect(await join(token)).toBeNull()
})

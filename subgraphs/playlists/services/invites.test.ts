import { afterAll, beforeAll, expect, test } from 'vitest'
import { ann, bob, codeOf } from '../testing/edits.ts'
import { createTestRoom, INVITE, type TestRoom } from '../testing/playlists-room.ts'

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

const answer: TestRoom['answer'] = (...args) => playlists.answer(...args)
const refusal = async (...args: Parameters<TestRoom['answer']>): Promise<unknown> =>
  codeOf(await answer(...args))

const invite = (input: object, who = ann) =>
  answer(INVITE, { input: { role: 'EDITOR', expiresInHours: 24, ...input } }, who)

test('make members; the token is kept as a hash alone', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  const made = await answer('PlaylistInvite', { id }, ann)
  const { token, expiresAt } = made['invite'] as Record<string, string>

  const joined = await answer('PlaylistJoin', { token }, bob)
  const again = await answer('PlaylistJoin', { token }, bob)
  const [row] = await playlists.db.invite.findMany({ where: { playlistId: id } })

  expect(token).toMatch(/^inv_[\w-]{43}$/)
  expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(86_300_000)
  for (const it of [joined, again]) expect(it['playlist']).toEqual({ id, viewerRole: 'EDITOR' })
  expect(JSON.stringify(row)).not.toContain(token?.slice(4))
  expect(await playlists.db.collaborator.count({ where: { playlistId: id } })).toBe(1)
})

test('for editors make the list collaborative, as an edit that everybody sees', async () => {
  const { id } = await playlists.create(ann, [])

  await invite({ playlistId: id, role: 'VIEWER' })
  expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ collaborative: false, revision: 1 })
  await invite({ playlistId: id })
  expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({ collaborative: true, revision: 2 })
})

test('never lower a role: neither an editor’s nor the owner’s', async () => {
  const { id } = await playlists.create(ann, [], { collaborative: true })
  await playlists.join(id, ann, bob, 'VIEWER')
  await playlists.join(id, ann, bob, 'EDITOR')
  await playlists.join(id, ann, bob, 'VIEWER')
  await playlists.join(id, ann, ann, 'VIEWER')

  expect(await answer('PlaylistPage', { id }, ann)).toMatchObject({
    viewerRole: 'OWNER',
    collaborators: [{ role: 'EDITOR' }],
  })
})

test('run out: TOKEN_EXPIRED; unknown ones and those of deleted lists are NOT_FOUND', async () => {
  const { id } = await playlists.create(ann, [])
  const token = (await invite({ playlistId: id }))['invite']?.['token']
  await playlists.db.$executeRaw`UPDATE invite SET expires_at = clock_timestamp() WHERE playlist_id = ${id}`
  const other = (await invite({ playlistId: id }))['invite']?.['token']

  expect(await refusal('PlaylistJoin', { token }, bob)).toBe('TOKEN_EXPIRED')
  await answer('PlaylistDelete', { id }, ann)
  expect(await refusal('PlaylistJoin', { token: other }, bob)).toBe('NOT_FOUND')
  for (const unknown of ['inv_x', '', '\u0000', `${other}x`])
    expect(await refusal('PlaylistJoin', { token: unknown }, bob)).toBe('NOT_FOUND')
})

test.each([
  [{ role: 'OWNER' }, 'BAD_USER_INPUT'],
  [{ expiresInHours: 0 }, 'BAD_USER_INPUT'],
  [{ expiresInHours: 1 }, null],
  [{ expiresInHours: 720 }, null],
  [{ expiresInHours: 721 }, 'BAD_USER_INPUT'],
])('%j is answered with %j', async (input, expected) => {
  const { id } = await playlists.create(ann, [])

  expect(codeOf(await invite({ playlistId: id, ...input }))).toBe(expected)
})

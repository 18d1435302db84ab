import { beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import { type Cast, codes } from './cast.ts'

/** Playlists, their edits and the live subscription. */
export function testPlaylists(cast: () => Cast): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let loveTracks: Json

  beforeAll(() => {
    ;({ visitor, premium, free, loveTracks } = cast())
  })

  const trackId = (index = 0): string => String(loveTracks[index]?.['node']?.['id'])

  test('a playlist lives its whole life: create, add, move, remove, update, invite, join, delete', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', {
      input: { name: 'Road', collaborative: true },
    })
    const id = playlistCreate?.['playlist']?.['id']
    const opened = { input: { name: 'Open road', visibility: 'PUBLIC' } }
    const publicId = (await premium.data('PlaylistCreate', opened))['playlistCreate']?.['playlist']?.['id']
    const add = { playlistId: id, trackIds: [trackId(0), trackId(1), trackId(2)], nonce: 'one' }
    const added = (await premium.data('PlaylistAddItems', { input: add }))['playlistAddItems'] as Json
    const repeated = (await premium.data('PlaylistAddItems', { input: add }))['playlistAddItems'] as Json
    const items = list(added['items'])
    const itemId = (index: number): string => String(items[index]?.['id'])
    const stranger = await free.data('PlaylistAddItems', { input: add })
    const { invite } = (await premium.data('PlaylistInvite', { id }))['playlistInviteCreate'] as Json
    const joined = await free.data('PlaylistJoin', { token: invite?.['token'] })
    const move = { playlistId: id, itemIds: [itemId(2)], position: { start: true } }
    const moved = await free.data('PlaylistMoveItems', { input: move })
    const removed = await premium.data('PlaylistRemoveItems', {
      input: { playlistId: id, itemIds: [itemId(0)] },
    })
    const updated = await premium.data('PlaylistUpdate', { input: { playlistId: id, name: 'Road, again' } })
    const { playlist } = await free.data('PlaylistPage', { id, first: 2 })
    const deleted = await premium.data('PlaylistDelete', { id })

    const followed = (await free.data('PlaylistFollow', { id: publicId }))['playlistFollow']

    expect(followed).toEqual({
      playlist: { id: publicId, followerCount: 1, viewerIsFollowing: true },
      userErrors: [],
    })
    expect(added).toMatchObject({ alreadyApplied: false, skipped: [], userErrors: [] })
    expect(items.map((item) => item['track']?.['title']).every((title) => typeof title === 'string')).toBe(
      true,
    )
    expect(repeated).toMatchObject({ revision: added['revision'], alreadyApplied: true })
    expect(codes(stranger['playlistAddItems'])).toEqual(['NOT_FOUND'])
    expect(joined['playlistJoin']).toEqual({ playlist: { id, viewerRole: 'EDITOR' }, userErrors: [] })
    expect(moved['playlistMoveItems']?.['userErrors']).toEqual([])
    expect(removed['playlistRemoveItems']?.['userErrors']).toEqual([])
    expect(updated['playlistUpdate']?.['playlist']?.['name']).toBe('Road, again')
    expect(playlist).toMatchObject({
      viewerRole: 'EDITOR',
      collaborators: [{ role: 'EDITOR' }],
      items: { totalCount: 2 },
    })
    expect(list(playlist?.['items']?.['edges']).map((edge) => edge['node']?.['id'])).toEqual([
      itemId(2),
      itemId(1),
    ])
    expect(deleted['playlistDelete']).toEqual({ deletedId: id, userErrors: [] })
    expect((await premium.data('PlaylistPage', { id }))['playlist']).toBeNull()
  })

  test('PlaylistChanged starts with a snapshot and follows each edit with other rooms’ fields in it', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', {
      input: { name: 'Live', visibility: 'PUBLIC' },
    })
    const id = playlistCreate?.['playlist']?.['id']
    const events: Json[] = []
    const watch = visitor.watch('PlaylistChanged', { id }, (data) =>
      events.push(data['playlistChanged'] as Json),
    )
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(1)
    await premium.data('PlaylistAddItems', { input: { playlistId: id, trackIds: [trackId(0)], nonce: 'n' } })
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(2)
    watch.leave()
    const since: Json[] = []
    const again = visitor.watch('PlaylistChanged', { id, sinceRevision: events[0]?.['revision'] }, (data) =>
      since.push(data['playlistChanged'] as Json),
    )
    await expect.poll(() => since.length, { timeout: 5_000 }).toBe(1)
    again.leave()

    expect(events[0]).toMatchObject({ kind: 'SNAPSHOT', ops: [] })
    expect(events[1]).toMatchObject({
      kind: 'EDIT',
      nonce: 'n',
      actor: { id: premium.userId, displayName: expect.any(String) },
    })
    expect(events[1]?.['ops']?.[0]?.['items']?.[0]?.['track']).toMatchObject({
      title: expect.stringMatching(/love/i),
    })
    expect(since[0]).toEqual(events[1])
  })

  test('of two who follow a playlist, who loses access hears that, and nothing of what follows', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', {
      input: { name: 'Open', visibility: 'PUBLIC' },
    })
    const id = playlistCreate?.['playlist']?.['id']
    const [seen, missed]: [Json[], Json[]] = [[], []]
    const owner = premium.watch('PlaylistChanged', { id }, (data) =>
      seen.push(data['playlistChanged'] as Json),
    )
    const stranger = free.watch('PlaylistChanged', { id }, (data) =>
      missed.push(data['playlistChanged'] as Json),
    )
    await expect.poll(() => [seen.length, missed.length], { timeout: 5_000 }).toEqual([1, 1])

    await premium.data('PlaylistUpdate', {
      input: { playlistId: id, visibility: 'PRIVATE', name: 'Closed' },
    })
    await premium.data('PlaylistAddItems', { input: { playlistId: id, trackIds: [trackId(0)] } })

    expect(await stranger.ended).toBeNull()
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(3)
    owner.leave()
    expect(missed.map(({ kind }) => kind)).toEqual(['SNAPSHOT', 'ACCESS_LOST'])
    expect(JSON.stringify(missed)).not.toContain('Closed')
    expect(seen[2]?.['ops']?.[0]?.['items']?.[0]?.['track']?.['title']).toEqual(expect.any(String))
  })

  test('an edit is taken back, and the history says who did what', async () => {
    const input = { name: 'History', collaborative: true }
    const id = (await premium.data('PlaylistCreate', { input }))['playlistCreate']?.['playlist']?.['id']
    const add = { playlistId: id, trackIds: [trackId(0), trackId(1)] }
    const { revision } = (await premium.data('PlaylistAddItems', { input: add }))['playlistAddItems'] as Json
    const undone = await premium.data('PlaylistUndo', { playlistId: id, revision })
    const again = await premium.data('PlaylistUndo', { playlistId: id, revision })
    const { playlist } = await premium.data('PlaylistHistory', { id })

    expect(undone['playlistUndo']).toEqual({ revision: Number(revision) + 1, userErrors: [] })
    expect(codes(again['playlistUndo'])).toEqual(['CONFLICT'])
    expect(list(playlist?.['edits']?.['nodes'])).toMatchObject([
      { revision: 1, actor: { displayName: expect.any(String) }, summary: 'Created “History”' },
      { revision: 2, summary: 'Added 2 items' },
      { revision: 3, summary: 'Took back revision 2: removed 2 items' },
    ])
    expect((await free.data('PlaylistHistory', { id }))['playlist']).toBeNull()
  })

  test('a collaborator who is removed no longer sees a private list', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', { input: { name: 'Ours' } })
    const id = playlistCreate?.['playlist']?.['id']
    const { invite } = (await premium.data('PlaylistInvite', { id }))['playlistInviteCreate'] as Json
    await free.data('PlaylistJoin', { token: invite?.['token'] })
    const removed = await premium.data('PlaylistCollaboratorRemove', { playlistId: id, userId: free.userId })

    expect(removed['playlistCollaboratorRemove']).toEqual({ playlist: { id }, userErrors: [] })
    expect((await free.data('PlaylistPage', { id }))['playlist']).toBeNull()
  })

  test('who is in a list is seen by the others in it, and by nobody else', async () => {
    const input = { name: 'Here', visibility: 'PUBLIC' }
    const id = (await premium.data('PlaylistCreate', { input }))['playlistCreate']?.['playlist']?.['id']
    const told: Json[] = []
    const watch = visitor.watch('Presence', { id }, (data) => told.push(data['playlistPresence'] as Json))
    await expect.poll(() => told.length, { timeout: 5_000 }).toBe(1)
    const set = await premium.data('PresenceSet', { input: { playlistId: id, activity: 'SELECTING' } })
    await expect.poll(() => list(told.at(-1)?.['viewers']).length, { timeout: 5_000 }).toBe(1)
    watch.leave()
    const { playlistUpdate } = await premium.data('PlaylistUpdate', {
      input: { playlistId: id, visibility: 'PRIVATE' },
    })

    expect(told[0]).toEqual({ viewers: [] })
    expect(set['playlistPresenceSet']).toEqual({ userErrors: [] })
    expect(told.at(-1)?.['viewers']).toEqual([
      { user: { displayName: expect.any(String) }, itemId: null, activity: 'SELECTING' },
    ])
    expect(playlistUpdate?.['userErrors']).toEqual([])
    const refused = await free.data('PresenceSet', { input: { playlistId: id, activity: 'VIEWING' } })
    expect(codes(refused['playlistPresenceSet'])).toEqual(['NOT_FOUND'])
    expect(await free.watch('Presence', { id }, () => undefined).ended).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
  })

  test('a subscription to a stranger’s private playlist is refused', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', { input: { name: 'Closed' } })
    const id = playlistCreate?.['playlist']?.['id']

    expect(await free.watch('PlaylistChanged', { id }, () => undefined).ended).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ])
  })

  test.each([0, 101, -1])('first: %d is BAD_USER_INPUT', async (first) => {
    const { errors } = await premium.send('PlaylistPage', {
      id: derivedId('playlist', 'demo:flat-4b-living-room'),
      first,
    })

    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
}

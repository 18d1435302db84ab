import { beforeAll, expect, test } from 'vitest'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import type { Cast } from './cast.ts'
import { makePng } from './png.ts'

/** What a person keeps: saved music, folders, and pictures of lists. */
export function testLibrary(cast: () => Cast): void {
  let visitor: ApiClient
  let premium: ApiClient
  let free: ApiClient
  let loveTracks: Json

  beforeAll(() => {
    ;({ visitor, premium, free, loveTracks } = cast())
  })

  test('what is saved is in one’s library, under the names that the catalogue knows', async () => {
    const node = loveTracks[0]?.['node']
    const album = 'query ($id: ID!) { track(id: $id) { album { id } } }'
    const albumId = (await premium.data(album, { id: node?.['id'] }))['track']?.['album']?.['id']
    const { librarySave } = await premium.data('Save', { ids: [node?.['id'], albumId] })
    const { viewer } = await premium.data('Library')
    const hasSaved = 'query ($id: ID!) { track(id: $id) { viewerHasSaved album { viewerHasSaved } } }'

    expect(librarySave).toEqual({
      saved: [{ __typename: 'Track' }, { __typename: 'Album' }],
      userErrors: [],
    })
    expect(list(viewer?.['savedTracks']?.['edges'])[0]).toEqual({
      savedAt: expect.any(String),
      node: { id: node?.['id'], title: node?.['title'] },
    })
    const seen = async (client: ApiClient) => (await client.data(hasSaved, { id: node?.['id'] }))['track']
    expect(await seen(premium)).toEqual({ viewerHasSaved: true, album: { viewerHasSaved: true } })
    expect(await seen(free)).toEqual({ viewerHasSaved: false, album: { viewerHasSaved: false } })
    expect(await seen(visitor)).toEqual({ viewerHasSaved: null, album: { viewerHasSaved: null } })
  })

  test('a folder is a node of its owner’s, and of nobody else', async () => {
    const create = `mutation { playlistFolderCreate(input: { name: "Mine" }) { folder { id name } userErrors { code } } }`
    const { folder } = (await premium.data(create))['playlistFolderCreate'] as Json
    const node = 'query ($id: ID!) { node(id: $id) { __typename ... on PlaylistFolder { id name } } }'

    expect((await premium.data(node, { id: folder?.['id'] }))['node']).toEqual({
      __typename: 'PlaylistFolder',
      id: folder?.['id'],
      name: 'Mine',
    })
    expect((await free.data(node, { id: folder?.['id'] }))['node']).toBeNull()
    expect((await visitor.data(node, { id: folder?.['id'] }))['node']).toBeNull()
  })

  test('a cover is put to the address it is given, and shown from there', async () => {
    const { playlistCreate } = await premium.data('PlaylistCreate', { input: { name: 'Pictured' } })
    const id = playlistCreate?.['playlist']?.['id']
    await premium.data('PlaylistAddItems', {
      input: { playlistId: id, trackIds: [loveTracks[0]?.['node']?.['id']] },
    })
    const ask = `mutation ($id: ID!) { playlistCoverUpload(input: { playlistId: $id }) { upload { url } } }`
    const { upload } = (await premium.data(ask, { id }))['playlistCoverUpload'] as Json
    const png = makePng(120)
    const put = await fetch(String(upload?.['url']), { method: 'PUT', body: new Uint8Array(png) })
    const query = `query ($id: ID!) { playlist(id: $id) {
      cover { picture { url width height } mosaic { title } }
    } }`
    const { playlist } = await premium.data(query, { id })
    const shown = await fetch(String(playlist?.['cover']?.['picture']?.['url']))

    expect(put.status).toBe(201)
    expect(playlist?.['cover']).toMatchObject({
      picture: { width: 120, height: 120 },
      mosaic: [{ title: expect.any(String) }],
    })
    expect(shown.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await shown.arrayBuffer()).equals(png)).toBe(true)
  })
}

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Identity } from '#shared/identity.ts'
import { ann, codeOf } from '../testing/edits.ts'
import { createTestRoom, type Json, NOBODY, person, range, type TestRoom } from '../testing/playlists-room.ts'

const VERBS = {
  Create: 'folder { id name parent { id } } userErrors { code field }',
  Update: 'folder { id name parent { id } } userErrors { code field }',
  Delete: 'deletedId userErrors { code field }',
  Put: 'folder { playlists { nodes { id } } } userErrors { code field }',
} as const
const TREE = `query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { ... on User {
  playlistFolders { id name parent { id } playlists(first: 50) { totalCount nodes { id } } }
} } }`

interface Folder {
  id: string
  name: string
  parent: { id: string } | null
  playlists: { totalCount: number; nodes: ({ id: string } | null)[] }
}

let playlists: TestRoom
let max: Identity & { userId: string }
let people = 0

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())
beforeEach(() => {
  max = person(`max ${people++}`)
})

function run(verb: keyof typeof VERBS, input: object, who: Identity = max): Promise<Json> {
  const name = `PlaylistFolder${verb}`
  const query = `mutation ($input: ${name}Input!) { ${name.replace('P', 'p')}(input: $input) { ${VERBS[verb]} } }`
  return playlists.answer(query, { input }, who)
}
const create = async (name: string, parentId?: string): Promise<string> =>
  String((await run('Create', { name, parentId }))['folder']?.['id'])
const tree = async (who: Identity = max): Promise<Folder[] | null> => {
  const [user] = (await playlists.answer(TREE, { id: max.userId }, who)) as readonly Json[]
  return user?.['playlistFolders'] as unknown as Folder[] | null
}
const paths = async (): Promise<string[]> => {
  const folders = (await tree()) ?? []
  const pathTo = (id: string | undefined): string => {
    const folder = folders.find((other) => other.id === id)
    return folder === undefined ? '' : `${pathTo(folder.parent?.id)}/${folder.name}`
  }
  return folders.map((folder) => pathTo(folder.id))
}

test('make a tree that is shown parents first; it is its owner’s alone', async () => {
  const rock = await create('Rock')
  const loud = await create('Loud', rock)
  const top = await create('Top')
  await run('Update', { folderId: rock, parentId: top, name: 'Stone' })

  expect(await paths()).toEqual(['/Top', '/Top/Stone', '/Top/Stone/Loud'])
  expect(await tree(ann)).toBeNull()
  expect(await tree(NOBODY)).toBeNull()
  const representations = [{ __typename: 'PlaylistFolder', ref: loud }]
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on PlaylistFolder { id name parent { name } }
  } }`
  expect(await playlists.answer(query, { representations }, max)).toEqual([
    { id: loud, name: 'Loud', parent: { name: 'Stone' } },
  ])
  expect(await playlists.answer(query, { representations }, ann)).toEqual([null])
  expect(await playlists.answer(query, { representations }, NOBODY)).toEqual([null])
})

test('what is left out of a change stays; null moves a folder to the top', async () => {
  const rock = await create('Rock')
  const loud = await create('Loud', rock)

  await run('Update', { folderId: loud, name: 'Louder' })
  expect(await paths()).toEqual(['/Rock', '/Rock/Louder'])
  await run('Update', { folderId: loud, parentId: null })
  expect(await paths()).toEqual(['/Rock', '/Louder'])
})

test('a folder is never within itself', async () => {
  const ids = [await create('a')]
  for (const name of ['b', 'c']) ids.push(await create(name, ids.at(-1)))

  for (const parentId of ids)
    expect((await run('Update', { folderId: ids[0], parentId }))['userErrors']).toEqual([
      { code: 'BAD_USER_INPUT', field: ['parentId'] },
    ])
  expect(await paths()).toEqual(['/a', '/a/b', '/a/b/c'])
})

test('two that are put into one another at once make no circle', async () => {
  const [one, other] = [await create('one'), await create('other')]

  const answers = await Promise.all([
    run('Update', { folderId: one, parentId: other }),
    run('Update', { folderId: other, parentId: one }),
  ])

  expect(answers.map(codeOf).sort()).toEqual(['BAD_USER_INPUT', null])
  expect(await paths()).toHaveLength(2)
})

test('8 folders are within one another, and no more, moved there or made there', async () => {
  const ids = [await create('1')]
  for (const n of range(2, 9)) ids.push(await create(String(n), ids.at(-1)))
  const [pair] = [await create('pair')]
  await create('child', pair)

  expect(codeOf(await run('Create', { name: '9', parentId: ids[7] }))).toBe('LIMIT_REACHED')
  expect(codeOf(await run('Update', { folderId: pair, parentId: ids[6] }))).toBe('LIMIT_REACHED')
  expect(codeOf(await run('Update', { folderId: pair, parentId: ids[5] }))).toBeNull()
})

test('a person has 500 folders', async () => {
  await create('first')
  await playlists.db.folder.createMany({
    data: range(1, 499).map((n) => ({
      id: `folder_${max.userId}_${n}`,
      ownerId: max.userId,
      name: String(n),
    })),
  })

  expect(codeOf(await run('Create', { name: 'the last' }))).toBeNull()
  expect(codeOf(await run('Create', { name: 'one more' }))).toBe('LIMIT_REACHED')
})

test('hold lists, each in one of them; what can no longer be seen is null', async () => {
  const [rock, pop] = [await create('Rock'), await create('Pop')]
  const own = await playlists.create(max, [])
  const open = await playlists.create(ann, [], { visibility: 'PUBLIC' })
  const closed = await playlists.create(ann, [])

  expect(await run('Put', { folderId: rock, playlistIds: [own.id, open.id, own.id] })).toMatchObject({
    folder: { playlists: { nodes: expect.arrayContaining([{ id: own.id }, { id: open.id }]) } },
  })
  await run('Put', { folderId: pop, playlistIds: [own.id] })
  const unseen = await run('Put', { folderId: pop, playlistIds: [own.id, closed.id] })
  await playlists.answer('PlaylistUpdate', { input: { playlistId: open.id, visibility: 'PRIVATE' } }, ann)
  const held = (await tree())?.map(({ playlists: { totalCount, nodes } }) => [totalCount, nodes])

  expect(unseen['userErrors']).toEqual([{ code: 'NOT_FOUND', field: ['playlistIds', '1'] }])
  expect(held).toEqual([
    [1, [null]],
    [1, [{ id: own.id }]],
  ])
  await playlists.answer('PlaylistDelete', { id: own.id }, max)
  expect((await tree())?.[1]?.playlists).toEqual({ totalCount: 0, nodes: [] })
})

test('without a folder lists are taken out of theirs', async () => {
  const rock = await create('Rock')
  const list = await playlists.create(max, [])
  await run('Put', { folderId: rock, playlistIds: [list.id] })

  expect(await run('Put', { playlistIds: [list.id] })).toEqual({ folder: null, userErrors: [] })
  expect((await tree())?.[0]?.playlists.totalCount).toBe(0)
})

test('a folder that is deleted leaves what is in it where it was itself', async () => {
  const top = await create('Top')
  const middle = await create('Middle', top)
  await create('Bottom', middle)
  const list = await playlists.create(max, [])
  await run('Put', { folderId: middle, playlistIds: [list.id] })

  expect(await run('Delete', { folderId: middle })).toEqual({ deletedId: middle, userErrors: [] })
  expect(await paths()).toEqual(['/Top', '/Top/Bottom'])
  expect((await tree())?.[0]?.playlists.nodes).toEqual([{ id: list.id }])
  await run('Delete', { folderId: top })
  expect(await paths()).toEqual(['/Bottom'])
  expect(codeOf(await run('Delete', { folderId: top }))).toBe('NOT_FOUND')
})

test('another’s folder is as good as missing, and without a token there is none', async () => {
  const rock = await create('Rock')
  const list = await playlists.create(ann, [])
  const missing = { code: 'NOT_FOUND', field: ['folderId'] }

  for (const folderId of [rock, 'folder', '\u0000']) {
    expect((await run('Update', { folderId, name: 'x' }, ann))['userErrors']).toEqual([missing])
    expect((await run('Delete', { folderId }, ann))['userErrors']).toEqual([missing])
    expect((await run('Put', { folderId, playlistIds: [list.id] }, ann))['userErrors']).toEqual([missing])
    expect(codeOf(await run('Create', { name: 'x', parentId: folderId }, ann))).toBe('NOT_FOUND')
  }
  const anonymous = await playlists.ask(
    'mutation { playlistFolderCreate(input: { name: "x" }) { folder { id } } }',
    {},
  )
  expect(anonymous.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
})

test.each([
  [{ name: 'x'.repeat(200) }, null],
  [{ name: 'x'.repeat(201) }, 'BAD_USER_INPUT'],
  [{ name: ' ' }, 'BAD_USER_INPUT'],
])('%j is answered with %j', async (input, expected) => {
  expect(codeOf(await run('Create', input))).toBe(expected)
})

test('1 to 100 lists are put at once', async () => {
  const rock = await create('Rock')
  const { id } = await playlists.create(max, [])

  expect(codeOf(await run('Put', { folderId: rock, playlistIds: [] }))).toBe('BAD_USER_INPUT')
  expect(codeOf(await run('Put', { folderId: rock, playlistIds: Array(101).fill(id) }))).toBe(
    'BAD_USER_INPUT',
  )
  expect(codeOf(await run('Put', { folderId: rock, playlistIds: Array(100).fill(id) }))).toBeNull()
})

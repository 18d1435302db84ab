import { expect, test } from 'vitest'
import { type ApiClient, createApiClient, type Json, list, signIn, type Watch } from '../testing/client.ts'
import { createPlaylistView, type PlaylistView } from '../testing/playlist-view.ts'

const EDITS = 500
const EDITORS = 3

/** Three editors and four subscribers on one playlist, over two doors: every view ends up equal to the table. */
export function testConvergence(addresses: () => string[]): void {
  test(`${EDITS} edits by ${EDITORS} editors: four subscribers see the same list, revisions without gap or repeat`, async () => {
    const [first = '', second = ''] = addresses()
    const owner = await signIn(first, 'premium@cadenza.example')
    const editors = [
      owner,
      await signIn(first, 'free@cadenza.example'),
      await signIn(second, 'artist@cadenza.example'),
    ]
    const id = await createShared(owner, editors)
    const { search } = await owner.data('Search', { query: 'the', first: 50 })
    const trackIds = list(search?.['tracks']?.['edges']).map((edge) => String(edge['node']?.['id']))

    const fromStart = subscribe(createApiClient(first, owner.token), id)
    const otherDoor = subscribe(createApiClient(second, owner.token), id)
    const flaky = subscribeFlaky(createApiClient(first, owner.token), id, 40)
    let latecomer: Subscriber | null = null
    let done = 0

    await Promise.all(
      editors.map(async (editor, index) => {
        const random = seeded(index + 1)
        while (done < EDITS) {
          done++
          if (done === EDITS / 2) latecomer = subscribe(createApiClient(first, owner.token), id)
          await edit(editor, id, trackIds, fromStart.view.itemIds(), random)
        }
      }),
    )

    const { playlist } = await owner.data('query($id: ID!) { playlist(id: $id) { revision } }', { id })
    const revision = Number(playlist?.['revision'])
    const table = await readTable(owner, id)
    const subscribers = [fromStart, otherDoor, flaky, latecomer as unknown as Subscriber]
    for (const { view } of subscribers)
      await expect.poll(() => view.revision(), { timeout: 15_000 }).toBe(revision)
    for (const subscriber of subscribers) subscriber.leave()

    expect(flaky.reconnects()).toBeGreaterThan(EDITS / 40 / 2)
    for (const { view } of subscribers) {
      expect(view.faults()).toEqual([])
      expect(view.itemIds()).toEqual(table)
    }
  }, 120_000)
}

interface Subscriber {
  view: PlaylistView
  leave(): void
  reconnects(): number
}

function subscribe(client: ApiClient, id: string): Subscriber {
  const view = createPlaylistView()
  const watch = client.watch('PlaylistChanged', { id }, (data) => view.apply(data['playlistChanged'] as Json))
  return { view, leave: watch.leave, reconnects: () => 0 }
}

/** Cuts its own socket after every `edits` edits and resumes from the revision it has. */
function subscribeFlaky(client: ApiClient, id: string, edits: number): Subscriber {
  const view = createPlaylistView()
  let watch: Watch
  let seen = 0
  let reconnects = 0
  const connect = (sinceRevision?: number): void => {
    watch = client.watch('PlaylistChanged', { id, sinceRevision }, (data) => {
      view.apply(data['playlistChanged'] as Json)
      if (++seen % edits !== 0) return
      watch.leave()
      reconnects++
      connect(view.revision())
    })
  }
  connect()
  return { view, leave: () => watch.leave(), reconnects: () => reconnects }
}

async function createShared(owner: ApiClient, editors: readonly ApiClient[]): Promise<string> {
  const { playlistCreate } = await owner.data('PlaylistCreate', {
    input: { name: 'Everybody', collaborative: true },
  })
  const id = String(playlistCreate?.['playlist']?.['id'])
  const { playlistInviteCreate } = await owner.data('PlaylistInvite', { id })
  for (const editor of editors) {
    if (editor !== owner)
      await editor.data('PlaylistJoin', { token: playlistInviteCreate?.['invite']?.['token'] })
  }
  return id
}

/** One random edit over what the editor can see now; being too late for an item is a normal outcome. */
async function edit(
  editor: ApiClient,
  playlistId: string,
  trackIds: readonly string[],
  itemIds: readonly string[],
  random: (below: number) => number,
): Promise<void> {
  const some = (): string | undefined => itemIds[random(itemIds.length)]
  const anchor = some()
  const position =
    anchor === undefined || random(4) === 0
      ? { end: true }
      : random(2) === 0
        ? { before: anchor }
        : { after: anchor }
  const item = some()
  const choice = random(10)
  if (item === undefined || choice < 6) {
    const block = Array.from({ length: 1 + random(3) }, () => trackIds[random(trackIds.length)])
    await editor.data('PlaylistAddItems', { input: { playlistId, trackIds: block, position } })
  } else if (choice < 8) {
    await editor.data('PlaylistMoveItems', {
      input: { playlistId, itemIds: [item], position: anchor === item ? { start: true } : position },
    })
  } else {
    await editor.data('PlaylistRemoveItems', { input: { playlistId, itemIds: [item] } })
  }
}

async function readTable(client: ApiClient, id: string): Promise<string[]> {
  const query = `query($id: ID!, $after: String) { playlist(id: $id) { items(first: 100, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } } }`
  const ids: string[] = []
  for (let after: unknown = null; ; ) {
    const { playlist } = await client.data(query, { id, after })
    ids.push(...list(playlist?.['items']?.['nodes']).map((node) => String(node['id'])))
    if (!playlist?.['items']?.['pageInfo']?.['hasNextPage']) return ids
    after = playlist['items']['pageInfo']['endCursor']
  }
}

/** mulberry32: small, seeded, good enough to choose an edit. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

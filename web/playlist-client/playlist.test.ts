import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Track } from './change.ts'
import { type LivePlaylist, openPlaylist } from './playlist.ts'
import { added, edit, message, removed, snapshot } from './testing/changes.ts'
import { createScriptedTransport, type Started } from './testing/scripted-transport.ts'

let transport: ReturnType<typeof createScriptedTransport>
let playlist: LivePlaylist<Track>

beforeEach(() => {
  vi.useFakeTimers()
  transport = createScriptedTransport()
  playlist = openPlaylist<Track>({ transport, id: 'p', trackFields: '' })
})
afterEach(() => {
  playlist.close()
  vi.useRealTimers()
})

const last = (): Started => transport.started.at(-1) as Started
const tell = (change: object): void => last().next({ data: { playlistChanged: change } })
const ids = (): string[] => playlist.state().items.map(({ id }) => id)

test('follows from the start, then from what it has, each time the socket comes back', () => {
  expect(last().variables).toEqual({ id: 'p', sinceRevision: null })
  tell(snapshot(5, ['a']))
  tell(edit(6, [added(['b'], 'a')]))

  expect(last().resend()).toEqual({ id: 'p', sinceRevision: 6 })
  expect([ids(), playlist.state().status]).toEqual([['a', 'b'], 'LIVE'])
})

test('a gap, an end without a reason and a fault that passes are followed anew', async () => {
  tell(snapshot(5, ['a']))
  const reasons = [
    () => tell(edit(9, [removed('a')])),
    () => last().complete(),
    () => last().next({ data: null, errors: [{ message: 'Away', extensions: { code: 'UNAVAILABLE' } }] }),
    () => last().error(new Error('socket')),
  ]
  for (const reason of reasons) {
    const before = last()
    reason()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(last()).not.toBe(before)
    expect([before.hasLeft, last().variables]).toEqual([true, { id: 'p', sinceRevision: 5 }])
  }
})

test('what was on its way when it was left is not heard', async () => {
  const first = last()
  tell(snapshot(5, ['a']))
  first.complete()
  await vi.advanceTimersByTimeAsync(5_000)
  first.next({ data: { playlistChanged: edit(6, [removed('a')]) } })

  expect(playlist.state().revision).toBe(5)
})

test('a fault that does not pass is the end', async () => {
  const outcome = playlist.remove(['a'])
  transport.started[0]?.error([{ message: 'There is no such playlist', extensions: { code: 'NOT_FOUND' } }])
  await vi.advanceTimersByTimeAsync(60_000)

  expect(transport.started).toHaveLength(2)
  expect(playlist.state()).toMatchObject({ status: 'REFUSED', refusal: { code: 'NOT_FOUND' } })
  expect(await outcome).toMatchObject({ isApplied: false, refusal: { code: 'CLOSED' } })
})

test.each(['DELETED', 'ACCESS_LOST'] as const)('%s is told, and the end', async (kind) => {
  const heard = vi.fn()
  playlist.onChange(heard)
  tell(snapshot(5, ['a']))
  tell(message(kind, 6, 5))
  await vi.advanceTimersByTimeAsync(60_000)

  expect([playlist.state().status, last().hasLeft, transport.started.length]).toEqual([kind, true, 1])
  expect(heard).toHaveBeenLastCalledWith(expect.objectContaining({ kind }))
})

test('edits go out one after the other, and the next names what the one before made', async () => {
  tell(snapshot(5, ['a']))
  const adding = playlist.add([{ id: 'track b' }], { after: 'a' })
  const standIn = ids()[1] as string
  void playlist.move([standIn], { start: true })
  expect([ids(), transport.started.length]).toEqual([[standIn, 'a'], 2])

  const { input } = last().variables as { input: { nonce: string } }
  answer({ revision: 6, alreadyApplied: false, items: [{ id: 'b', track: { id: 'track b' } }], skipped: [] })

  expect(input).toEqual({
    playlistId: 'p',
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
    trackIds: ['track b'],
    position: { after: 'a' },
    onDuplicate: 'ALLOW',
  })
  expect(await adding).toMatchObject({ isApplied: true, revision: 6, skipped: [] })
  expect(last().variables['input']).toMatchObject({ itemIds: ['b'], position: { start: true } })
})

test('what is placed by an addition that was left out stands where that would have', async () => {
  tell(snapshot(5, ['a', 'b']))
  void playlist.add([{ id: 'track x' }, { id: 'track y' }], { after: 'a' }, 'SKIP')
  const [, , second = ''] = ids()
  void playlist.move(['b'], { after: second })
  void playlist.move([second], { start: true })
  const removing = playlist.remove([second])
  answer({ revision: 6, alreadyApplied: false, items: [{ id: 'x', track: { id: 'track x' } }], skipped: [] })

  expect(last().variables['input']).toMatchObject({ itemIds: ['b'], position: { after: 'x' } })
  answer({ revision: 7, anchorMoved: false })
  expect(await removing).toMatchObject({ isApplied: false, refusal: { code: 'NEVER_ADDED' } })
  expect(transport.started).toHaveLength(3)
})

test('what is placed by an addition that was refused stands where that would have', () => {
  tell(snapshot(5, ['a', 'b']))
  void playlist.add([{ id: 'track x' }], { before: 'b' }, 'FAIL')
  void playlist.move(['a'], { after: ids()[1] as string })
  answer({
    revision: null,
    items: [],
    skipped: [],
    userErrors: [{ code: 'DUPLICATE', message: 'It is there' }],
  })

  expect(last().variables['input']).toMatchObject({ itemIds: ['a'], position: { before: 'b' } })
})

test('an edit whose answer is lost is sent again as it was', async () => {
  tell(snapshot(5, ['a', 'b']))
  const removing = playlist.remove(['a'])
  const first = last()
  first.error(new Error('socket'))
  await vi.advanceTimersByTimeAsync(100)
  const second = last()
  second.next({ data: null, errors: [{ message: 'Late', extensions: { code: 'TIMEOUT' } }] })
  second.complete()
  await vi.advanceTimersByTimeAsync(200)
  answer({ revision: 6, alreadyApplied: true })

  expect(new Set([first, second, last()]).size).toBe(3)
  expect([second.variables, last().variables]).toEqual([first.variables, first.variables])
  expect(await removing).toMatchObject({ isApplied: true, revision: 6, alreadyApplied: true })
})

test('an edit that the server stumbles over five times is given up', async () => {
  const removing = playlist.remove(['a'])
  for (let n = 0; n < 5; n++) {
    last().error([{ message: 'Log 7', extensions: { code: 'INTERNAL_SERVER_ERROR' } }])
    await vi.advanceTimersByTimeAsync(5_000)
  }

  expect(await removing).toMatchObject({ refusal: { code: 'INTERNAL_SERVER_ERROR' } })
})

test('a refusal is rolled back and told by its code', async () => {
  tell(snapshot(5, ['a', 'b']))
  const moving = playlist.move(['b'], { start: true })
  expect(ids()).toEqual(['b', 'a'])
  answer({ revision: null, userErrors: [{ code: 'ITEM_GONE', message: 'b was removed at revision 6' }] })

  expect([ids(), playlist.state().pending]).toEqual([['a', 'b'], 0])
  expect(await moving).toEqual({
    isApplied: false,
    refusal: { code: 'ITEM_GONE', message: 'b was removed at revision 6' },
  })
})

test('a listener may edit', () => {
  tell(snapshot(5, ['a', 'b']))
  const stop = playlist.onChange(() => {
    stop()
    void playlist.remove(['b'])
  })
  void playlist.remove(['a'])
  answer({ revision: 6, alreadyApplied: false })
  answer({ revision: 7, alreadyApplied: false })

  expect(transport.started).toHaveLength(3)
})

test('the state is the same object until something has changed', () => {
  tell(snapshot(5, ['a']))
  const before = playlist.state()
  expect(playlist.state()).toBe(before)
  void playlist.remove(['a'])

  expect(playlist.state()).not.toBe(before)
  expect(playlist.state()).toMatchObject({ items: [], pending: 1, revision: 5 })
})

/** What the server says to the mutation that is on its way. */
function answer(payload: object): void {
  const mutation = last()
  mutation.next({ data: { answer: { userErrors: [], ...payload } } })
  mutation.complete()
}

import { describe, expect, test } from 'vitest'
import { BLOCK, type Track } from './change.ts'
import { createReplica, type Replica } from './replica.ts'
import { added, edit, item, message, moved, removed, snapshot } from './testing/changes.ts'

const track = (id: string): Track => ({ id })
const idsOf = (replica: Replica<Track>): string[] => replica.view().items.map(({ id }) => id)
const block = (from: number): string[] => Array.from({ length: BLOCK }, (_, n) => `i${from + n}`)

function holding(...ids: string[]): Replica<Track> {
  const replica = createReplica<Track>()
  replica.take(snapshot(5, ids))
  return replica
}

describe('what the server tells', () => {
  test('adds, moves and removes, in order', () => {
    const replica = holding('a', 'b', 'c')
    replica.take(edit(6, [added(['d', 'e'], 'a')]))
    replica.take(edit(7, [moved(['c', 'a'], 'd')]))
    replica.take(edit(8, [removed('b', 'e')]))

    expect([idsOf(replica), replica.since]).toEqual([['d', 'c', 'a'], 8])
  })

  test('a change that is known already is STALE', () => {
    const replica = holding('a')
    replica.take(edit(6, [added(['b'], 'a')]))

    expect(replica.take(edit(6, [added(['b'], 'a')]))).toBe('STALE')
    expect(replica.take(snapshot(5, ['a']))).toBe('STALE')
    expect(idsOf(replica)).toEqual(['a', 'b'])
  })

  test('a change whose parent is another revision is a GAP, and is resumed from what is here', () => {
    const replica = holding('a')

    expect([replica.take(edit(7, [removed('a')])), replica.since]).toEqual(['GAP', 5])
  })

  test.each([
    ['adds what is there', [added(['a'], null)]],
    ['adds after what is not there', [added(['b'], 'x')]],
    ['removes what is not there', [removed('x')]],
    ['moves what is not there', [moved(['x'], null)]],
  ])('a change that %s is a GAP, and the list is needed whole', (_, ops) => {
    const replica = holding('a')

    expect([replica.take(edit(6, ops)), replica.since]).toEqual(['GAP', null])
  })

  test('a snapshot comes in blocks, and can be resumed from its end alone', () => {
    const replica = createReplica<Track>()
    replica.take(snapshot(5, block(0)))
    expect([replica.revision, replica.since]).toEqual([5, null])

    replica.take(snapshot(5, ['z'], 'i99'))

    expect([idsOf(replica), replica.since]).toEqual([[...block(0), 'z'], 5])
  })

  test('a full block may be the last: the next edit tells', () => {
    const replica = createReplica<Track>()
    replica.take(snapshot(5, block(0)))
    replica.take(edit(6, [removed('i3')]))

    expect(replica.since).toBe(6)
  })

  test('a snapshot that was cut off begins again', () => {
    const replica = createReplica<Track>()
    replica.take(snapshot(5, block(0)))
    replica.take(snapshot(5, block(100), 'i99'))
    replica.take(snapshot(7, ['a', 'b']))

    expect([idsOf(replica), replica.since]).toEqual([['a', 'b'], 7])
  })

  test('a snapshot without its second block is a GAP', () => {
    const replica = createReplica<Track>()
    replica.take(snapshot(5, block(0)))

    expect(replica.take(snapshot(5, ['z'], 'i199'))).toBe('GAP')
  })

  test('an empty list is live', () => {
    expect([holding().since, idsOf(holding())]).toEqual([5, []])
  })

  test('after RESYNC only a snapshot will do, though its revision is a lower one', () => {
    const replica = holding('a')
    replica.take(message('RESYNC', 3))

    expect([replica.since, idsOf(replica)]).toEqual([null, ['a']])
    expect(replica.take(edit(6, [removed('a')]))).toBe('GAP')
    expect([replica.take(snapshot(3, ['b'])), idsOf(replica)]).toEqual(['NEWS', ['b']])
  })

  test.each(['DELETED', 'ACCESS_LOST'] as const)('%s is the end', (kind) => {
    expect(holding('a').take(message(kind, 6, 5))).toBe('OVER')
  })
})

describe('edits of one’s own', () => {
  const add = (...ids: string[]) =>
    ({ kind: 'ADD', tracks: ids.map(track), position: { after: 'a' }, onDuplicate: 'ALLOW' }) as const

  test('stand over whatever others do, until the server tells them', () => {
    const replica = holding('a', 'b')
    replica.begin('n', add('track x', 'track y'))
    replica.take(edit(6, [moved(['a'], 'b')]))
    expect(idsOf(replica)).toEqual(['b', 'a', 'n.0', 'n.1'])

    replica.take(edit(7, [added(['x', 'y'], 'a')], 'n'))

    expect([idsOf(replica), replica.pending]).toEqual([['b', 'a', 'x', 'y'], []])
    expect(replica.view().items.map(({ key, isPending }) => [key, isPending])).toEqual([
      ['b', false],
      ['a', false],
      ['n.0', false],
      ['n.1', false],
    ])
  })

  test('an answer that comes first is believed, and the edit shown until the list has it', () => {
    const replica = holding('a')
    replica.begin('n', add('track x'))
    replica.acknowledge('n', 7, [item('x')])
    replica.take(edit(6, [added(['b'], null)]))
    expect([idsOf(replica), replica.pending.length]).toEqual([['b', 'a', 'x'], 1])

    replica.take(edit(7, [added(['x'], 'a')], 'n'))

    expect([idsOf(replica), replica.pending.length]).toEqual([['b', 'a', 'x'], 0])
  })

  test('a list that is told anew has what was acknowledged before it', () => {
    const replica = holding('a')
    replica.begin('n', { kind: 'REMOVE', itemIds: ['a'] })
    replica.acknowledge('n', 6, [])
    replica.take(message('RESYNC', 9))
    replica.take(snapshot(9, ['a']))

    expect([idsOf(replica), replica.pending]).toEqual([['a'], []])
  })

  test('an edit that found nothing to do goes with its answer', () => {
    const replica = holding('a')
    replica.begin('n', { kind: 'REMOVE', itemIds: ['a'] })
    replica.acknowledge('n', 5, [])

    expect([idsOf(replica), replica.pending]).toEqual([['a'], []])
  })

  test('a refused edit is rolled back, whatever came after it', () => {
    const replica = holding('a', 'b', 'c')
    replica.begin('one', { kind: 'MOVE', itemIds: ['c'], position: { start: true } })
    replica.begin('two', { kind: 'REMOVE', itemIds: ['a'] })
    expect(idsOf(replica)).toEqual(['c', 'b'])

    replica.rollBack('one')

    expect(idsOf(replica)).toEqual(['b', 'c'])
  })

  test('what is placed by an item that somebody removes stays where that stood', () => {
    const replica = holding('b', 'a', 'c')
    replica.begin('after', add('track x'))
    replica.begin('before', { kind: 'MOVE', itemIds: ['c'], position: { before: 'a' } })
    replica.take(edit(6, [removed('a')]))
    expect(idsOf(replica)).toEqual(['b', 'c', 'after.0'])

    replica.take(edit(7, [removed('b')]))

    expect(idsOf(replica)).toEqual(['c', 'after.0'])
  })

  test('a move of what is gone is not shown: it will be refused', () => {
    const replica = holding('a', 'b', 'c')
    replica.begin('n', { kind: 'MOVE', itemIds: ['c', 'b'], position: { start: true } })
    replica.take(edit(6, [removed('b')]))

    expect(idsOf(replica)).toEqual(['a', 'c'])
  })

  test('a stand-in is known by the server’s id once that is told, also where tracks were left out', () => {
    const replica = holding('a')
    replica.begin('n', add('track x', 'track y', 'track z'))
    replica.begin('m', { kind: 'MOVE', itemIds: ['n.2'], position: { start: true } })
    replica.take(edit(6, [added(['x', 'z'], 'a')], 'n'))

    expect(replica.names.actualIds(['n.0', 'n.1', 'n.2'])).toEqual(['x', 'z'])
    expect(idsOf(replica)).toEqual(['z', 'a', 'x'])
  })

  test('details are shown at once, an undo when it is told', () => {
    const replica = holding('a')
    replica.begin('n', { kind: 'UPDATE', details: { name: 'Night drive' } })
    replica.begin('m', { kind: 'UNDO', revision: 5 })

    expect(replica.view().details).toMatchObject({ name: 'Night drive', collaborative: true })
    expect(idsOf(replica)).toEqual(['a'])
  })
})

import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor, readPage, toConnection } from './connection.ts'

test('a page has 20 rows unless told otherwise, and starts at the beginning', () => {
  expect(readPage({})).toEqual({ first: 20, after: null })
  expect(readPage({ first: null, after: null })).toEqual({ first: 20, after: null })
  expect(readPage({ first: 100, after: encodeCursor('a', 7) })).toEqual({ first: 100, after: ['a', '7'] })
})

test.each([0, -1, 101, 2_147_483_647])('first: %i is BAD_USER_INPUT', (first) => {
  expect(() => readPage({ first })).toThrow(
    expect.objectContaining({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining(`${first}`),
    }),
  )
})

test.each([
  '',
  'nonsense',
  '!!!',
  Buffer.from('{"a":1}').toString('base64url'),
  Buffer.from('[]').toString('base64url'),
  Buffer.from('[1]').toString('base64url'),
  Buffer.from('null').toString('base64url'),
  '\0',
])('the cursor %j is not one of ours', (cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(
    expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
  )
})

test('a cursor holds any text', () => {
  const position = ['', 'a,b', '"quoted"', 'Ærø \u{1F3B5}', '-0.25']
  expect(decodeCursor(encodeCursor(...position))).toEqual(position)
})

test('the row beyond the page says that there is a next one, and is left out', () => {
  const connection = toConnection(['a', 'b', 'c'], { first: 2, after: null }, (row) => `at ${row}`)

  expect(connection).toEqual({
    edges: [
      { cursor: 'at a', node: 'a' },
      { cursor: 'at b', node: 'b' },
    ],
    nodes: ['a', 'b'],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: 'at a', endCursor: 'at b' },
    totalCount: null,
  })
})

test('a later page without rows is whole, and edges may know more', () => {
  const page = { first: 2, after: ['x'] }
  const empty = toConnection([], page, String, { totalCount: 9 })
  const decorated = toConnection(['a'], page, String, { decorate: (edge) => ({ ...edge, score: 1 }) })

  expect(empty.pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: null,
    endCursor: null,
  })
  expect(empty.totalCount).toBe(9)
  expect(decorated.edges).toEqual([{ cursor: 'a', node: 'a', score: 1 }])
})

import { expect, test } from 'vitest'
import { readRange } from './byte-range.ts'

const parts = (header: string) => {
  const answer = readRange(header, 1_000)
  return answer.kind === 'PARTS' ? answer.ranges.map(({ first, last }) => [first, last]) : answer.kind
}

test.each([
  ['bytes=0-0', [[0, 0]]],
  ['bytes=0-99', [[0, 99]]],
  ['bytes=900-', [[900, 999]]],
  ['bytes=999-', [[999, 999]]],
  ['bytes=-1', [[999, 999]]],
  ['bytes=-5000', [[0, 999]]],
  ['bytes=500-5000', [[500, 999]]],
  ['bytes=0-99999999999999999999', [[0, 999]]],
  ['Bytes=0-1', [[0, 1]]],
  [
    'bytes=0-0,-1',
    [
      [0, 0],
      [999, 999],
    ],
  ],
  [
    'bytes= 0-1 , 5-6 ',
    [
      [0, 1],
      [5, 6],
    ],
  ],
  ['bytes=,0-1,,', [[0, 1]]],
  [
    'bytes=5-6,0-1',
    [
      [5, 6],
      [0, 1],
    ],
  ],
  ['bytes=0-1,2000-3000', [[0, 1]]],
])('%s is %j of a file of 1,000', (header, expected) => {
  expect(parts(header)).toEqual(expected)
})

test.each([
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=5-2',
  'bytes=0-1,x',
  'bytes=1',
  'bytes=0x0-1',
])('%j is no range, and ignored', (header) => {
  expect(parts(header)).toBe('WHOLE')
})

test.each(['items=0-1', 'bytes 0-1', 'bytes=0-1;bytes=2-3', 'bytes=--1', 'bytes=-1-2'])(
  '%j is not a byte range, and ignored',
  (header) => {
    expect(parts(header)).toBe('WHOLE')
  },
)

test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', 'bytes=2000-,3000-4000'])(
  '%s lies outside',
  (header) => {
    expect(parts(header)).toBe('UNSATISFIABLE')
  },
)

test('a set of more ranges than anybody needs, or of more bytes than there are, is refused', () => {
  const many = Array.from({ length: 17 }, (_, index) => `${index * 2}-${index * 2}`)

  expect(parts(`bytes=${many.join()}`)).toBe('UNSATISFIABLE')
  expect(parts(`bytes=${many.slice(1).join()}`)).toHaveLength(16)
  expect(parts('bytes=0-,0-')).toBe('UNSATISFIABLE')
})

test('without a header everything is wanted', () => {
  expect(readRange(undefined, 1_000)).toEqual({ kind: 'WHOLE' })
})

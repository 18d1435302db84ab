import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEventReader } from './event-stream.ts'

const read = (pieces: readonly string[], limit = 1_000): [string, string][] => {
  const events: [string, string][] = []
  const take = createEventReader(limit, (name, data) => events.push([name, data]))
  for (const piece of pieces) take(piece)
  return events
}

test('reads names and data in any order, with or without a space, over several lines, between comments', () => {
  const text =
    ':\n\nevent: next\ndata: {"a":1}\n\n: ping\ndata:x\nid: 7\ndata: y\nevent:next\n\nevent: complete\ndata:\n\n'

  expect(read([text])).toEqual([
    ['next', '{"a":1}'],
    ['next', 'x\ny'],
    ['complete', ''],
  ])
})

test('says nothing of an event that has not ended', () => {
  expect(read(['event: next\ndata: 1\n'])).toEqual([])
})

test('takes an event of as many characters as the limit, and none that has more', () => {
  const line = `data: ${'x'.repeat(94)}`

  expect(read([`${line}\n\n`], 100)).toHaveLength(1)
  expect(() => read([`${line}x\n\n`], 100)).toThrow('more than 100')
  expect(() =>
    read(
      Array.from({ length: 200 }, () => 'y'),
      100,
    ),
  ).toThrow('more than 100')
  expect(() =>
    read(
      Array.from({ length: 20 }, () => 'data: 12345\n'),
      100,
    ),
  ).toThrow('more than 100')
  expect(
    read(
      Array.from({ length: 200 }, () => 'data: 12345\n\n'),
      100,
    ),
  ).toHaveLength(200)
})

test('reads the same however the text is cut, with either line end', () => {
  const line = fc.constantFrom('event: next', 'data: {"a": "ü"}', 'data:', ':', 'data: x', '', '', 'nothing')
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(20)), (lines, end, cuts) => {
      const text = lines.map((one) => one + end).join('')
      const pieces: string[] = []
      let from = 0
      for (const cut of cuts) {
        pieces.push(text.slice(from, from + cut))
        from += cut
      }
      expect(read([...pieces, text.slice(from)])).toEqual(read([text.replaceAll('\r\n', '\n')]))
    }),
  )
})

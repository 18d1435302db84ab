import { expect, test } from 'vitest'
import { recordingOf } from './recording.ts'

test.each([
  ['Tunna väggar', 'TUNNA VAGGAR'],
  ['Love Song', 'Love Song - Remastered 2011'],
  ['Love Song', 'Love Song (feat. Somebody) [Radio Edit]'],
  ['Don’t', "Don't"],
])('%j and %j of one artist are one recording', (one, other) => {
  expect(recordingOf(one, ['a'])).toBe(recordingOf(other, ['a']))
})

test('another artist or another title is another recording, and a title of nothing but brackets counts', () => {
  expect(recordingOf('Love', ['a'])).not.toBe(recordingOf('Love', ['b']))
  expect(recordingOf('(One)', ['a'])).not.toBe(recordingOf('(Two)', ['a']))
  expect(recordingOf('愛', ['a'])).not.toBe(recordingOf('夢', ['a']))
})

test('a hostile title takes no time', () => {
  const from = performance.now()
  recordingOf('('.repeat(1_000_000), ['a'])
  recordingOf(`${' - '.repeat(300_000)}\n`, ['a'])

  expect(performance.now() - from).toBeLessThan(200)
})

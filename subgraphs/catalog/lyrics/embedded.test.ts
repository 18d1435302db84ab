import { expect, test } from 'vitest'
import { type LyricsTag, lyricsOfTags } from './embedded.ts'

const plain = (text: string, more: Partial<LyricsTag> = {}): LyricsTag => ({
  text,
  syncText: [],
  timeStampFormat: 0,
  contentType: 1,
  ...more,
})
const timed = (...syncText: { text: string; timestamp?: number }[]): LyricsTag =>
  plain('', { syncText, timeStampFormat: 2 })
const linesOf = (...tags: LyricsTag[]) =>
  lyricsOfTags(tags)?.lines.map(({ startMs, text }) => `${startMs} ${text}`)

test('timed lyrics go before plain ones, whatever their order', () => {
  const tags = [plain('One\nTwo'), timed({ timestamp: 1_500, text: 'One' })]

  expect(lyricsOfTags(tags)).toEqual({
    language: null,
    isTimed: true,
    lines: [{ startMs: 1_500, text: 'One' }],
  })
  expect(lyricsOfTags(tags.slice(0, 1))?.isTimed).toBe(false)
})

test('plain text that is LRC is timed, and keeps the language of its tag', () => {
  expect(lyricsOfTags([plain('[00:01.00]Natt', { language: 'swe' })])).toEqual({
    language: 'sv',
    isTimed: true,
    lines: [{ startMs: 1_000, text: 'Natt' }],
  })
  expect(lyricsOfTags([plain('Natt', { language: 'XXX' })])?.language).toBeNull()
})

test('syllables are joined to lines, where the line ends stand before and where they stand behind', () => {
  const before = [
    { timestamp: 0, text: 'Sl' },
    { timestamp: 100, text: 'ow' },
    { timestamp: 900, text: '\nTi' },
    { timestamp: 1_000, text: 'de' },
  ]
  const behind = [
    { timestamp: 0, text: 'Sl' },
    { timestamp: 100, text: 'ow\n' },
    { timestamp: 900, text: 'Ti' },
    { timestamp: 1_000, text: 'de\n' },
  ]

  expect(linesOf(timed(...before))).toEqual(['0 Slow', '900 Tide'])
  expect(linesOf(timed(...behind))).toEqual(['0 Slow', '900 Tide'])
})

test('further times that stand in the texts count', () => {
  expect(linesOf(timed({ timestamp: 1_000, text: '[00:09.00]Refrain' }))).toEqual([
    '1000 Refrain',
    '9000 Refrain',
  ])
})

test('chords, times in frames, times that are none, and nothing at all', () => {
  expect(lyricsOfTags([{ ...timed({ timestamp: 0, text: 'Am' }), contentType: 5 }])).toBeNull()
  expect(lyricsOfTags([{ ...timed({ timestamp: 0, text: 'One' }), timeStampFormat: 1 }])).toBeNull()
  expect(lyricsOfTags([timed({ text: 'One' }, { timestamp: Number.NaN, text: 'Two' })])).toBeNull()
  expect(lyricsOfTags([plain('\0')])).toBeNull()
  expect(lyricsOfTags([])).toBeNull()
  expect(lyricsOfTags(undefined)).toBeNull()
})

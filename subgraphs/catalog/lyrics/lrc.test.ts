import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeText } from '../import/decode-text.ts'
import { parseLrc } from './lrc.ts'
import { LYRICS_LIMITS } from './lyrics.ts'

const linesOf = (text: string) =>
  parseLrc(text)?.lyrics.lines.map(({ startMs, text: words }) => `${startMs} ${words}`)

test('a file as most players write it', () => {
  const file = '[ti: Tide ]\r\n[ar:Ann]\r\n[la:eng]\r\n\r\n[00:12.34]One\r\n[01:02.5]Two\r\n[01:10]\r\n'

  expect(parseLrc(file)).toEqual({
    title: 'Tide',
    artist: 'Ann',
    lyrics: {
      language: 'en',
      isTimed: true,
      lines: [
        { startMs: 12_340, text: 'One' },
        { startMs: 62_500, text: 'Two' },
        { startMs: 70_000, text: '' },
      ],
    },
  })
})

test.each([
  ['[0:01.2]a', ['1200 a']],
  ['[00:01.02]a', ['1020 a']],
  ['[00:01.002]a', ['1002 a']],
  ['[00:01:50]a', ['1500 a']],
  ['[00:01,5]a', ['1500 a']],
  ['[01:00:01.5]a', ['3601500 a']],
  ['[100:00]a', ['6000000 a']],
  ['[00:75.00]a', ['75000 a']],
  [' [ 00:01.00 ]  a  b ', ['1000 a b']],
])('%s is read', (line, lines) => {
  expect(linesOf(line)).toEqual(lines)
})

test('several times before a line are several lines, and all are put in order', () => {
  expect(linesOf('[00:30.00][00:10.00] Refrain\n[00:20.00]Verse')).toEqual([
    '10000 Refrain',
    '20000 Verse',
    '30000 Refrain',
  ])
})

test('offset moves all lines, a positive one to sooner, none before the beginning', () => {
  expect(linesOf('[offset:+1500]\n[00:01.00]a\n[00:02.00]b')).toEqual(['0 a', '500 b'])
  expect(linesOf('[00:01.00]a\n[offset: -250 ]')).toEqual(['1250 a'])
  expect(linesOf('[offset:soon]\n[00:01.00]a')).toEqual(['1000 a'])
})

test('times of words are left out, in either brackets', () => {
  expect(linesOf('[00:01.00] <00:01.00> Slow <00:01.50> tide <00:02.00>')).toEqual(['1000 Slow tide'])
  expect(linesOf('[00:01.00]Slow [00:01.50]tide')).toEqual(['1000 Slow tide'])
})

test('rows without a time among others are left out; a row in brackets is a row', () => {
  expect(linesOf('Someone typed this\n[00:01.00]a\nand this')).toEqual(['1000 a'])
  expect(linesOf('[00:01.00][Chorus: Ann] a')).toEqual(['1000 [Chorus: Ann] a'])
})

test('without times it is plain words, verses apart', () => {
  const lyrics = parseLrc('\n\n[Chorus: Ann]\nOne\n\nTwo\n\n')?.lyrics

  expect(lyrics).toMatchObject({ isTimed: false, language: null })
  expect(lyrics?.lines).toEqual(['[Chorus: Ann]', 'One', '', 'Two'].map((text) => ({ startMs: 0, text })))
})

test.each(['', ' \n\t\n', '\ufeff', '[ti:Tide]', '[00:01.00]\n[00:02.00] ', '\0\0'])(
  'no word is in %j',
  (text) => {
    expect(parseLrc(text)).toBeNull()
  },
)

test('a line said twice at one moment is there once, two lines of one moment are two', () => {
  expect(linesOf('[00:01.00]a\n[00:01.00]a\n[00:01.00]b')).toEqual(['1000 a', '1000 b'])
})

test('limits: 5,000 lines of 500 characters within a day, and no more', () => {
  const { lines, characters } = LYRICS_LIMITS
  const many = (count: number): string =>
    Array.from({ length: count }, (_, line) => `[${line}:00]${line}`).join('\n')
  const long = (count: number): string => `[00:01.00]${'𝄞'.repeat(count)}`

  expect(parseLrc('[00:01.00]'.repeat(lines + 1).concat('a'))?.lyrics.lines).toHaveLength(1)
  expect(linesOf(many(1_440))).toHaveLength(1_440)
  expect(linesOf(`${many(1_440)}\n[1440:00.00]end`)).toHaveLength(1_441)
  expect(linesOf(`${many(1_440)}\n[1440:00.01]late`)).toHaveLength(1_440)
  expect(
    linesOf(Array.from({ length: lines + 1 }, (_, line) => `[00:00.00]${line}`).join('\n')),
  ).toHaveLength(lines)
  expect([...(parseLrc(long(characters))?.lyrics.lines[0]?.text ?? '')]).toHaveLength(characters)
  expect([...(parseLrc(long(characters + 1))?.lyrics.lines[0]?.text ?? '')]).toHaveLength(characters)
})

test('what is written is read back, however it is written', () => {
  const word = fc.stringMatching(/^[\p{L}'’!?., -]{1,20}$/u).map((text) => text.trim().replace(/ +/g, ' '))
  const line = fc.record({
    times: fc.uniqueArray(fc.integer({ min: 0, max: 359_999 }), { minLength: 1, maxLength: 4 }),
    text: word.filter((text) => text !== ''),
    isTall: fc.boolean(),
  })

  fc.assert(
    fc.property(
      fc.uniqueArray(line, { minLength: 1, maxLength: 30, selector: ({ text }) => text }),
      (song) => {
        const stamp = (hundredths: number, isTall: boolean): string => {
          const minutes = Math.floor(hundredths / 6_000)
          const rest = [Math.floor((hundredths % 6_000) / 100), hundredths % 100]
          const [seconds, cents] = rest.map((part) => String(part).padStart(2, '0'))
          return isTall
            ? `[00:${String(minutes).padStart(2, '0')}:${seconds}.${cents}]`
            : `[${minutes}:${seconds}.${cents}]`
        }
        const file = song
          .map(({ times, text, isTall }) => `${times.map((time) => stamp(time, isTall)).join(' ')}${text}`)
          .join('\n')
        const expected = song
          .flatMap(({ times, text }) => times.map((time) => ({ startMs: time * 10, text })))
          .sort((a, b) => a.startMs - b.startMs)

        expect(parseLrc(file)?.lyrics.lines).toEqual(expected)
      },
    ),
  )
})

test('no file breaks it, and what comes out is always in order, clean and within limits', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '[',
      ']',
      '<',
      '>',
      ':',
      '.',
      '00:01',
      '[00:01.00]',
      '[offset:',
      '\r',
      '\n',
      '\0',
      '\ud800',
      '💧',
    ),
    fc.string({ unit: 'binary' }),
    fc.nat().map(String),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const lyrics = parseLrc(pieces.join(''))?.lyrics
      const lines = lyrics?.lines ?? []

      expect(lines.every(({ startMs }) => Number.isInteger(startMs) && startMs >= 0)).toBe(true)
      expect(lines.every(({ text }) => !/[\p{Cc}\p{Surrogate}]/u.test(text))).toBe(true)
      expect(lines.map(({ startMs }) => startMs)).toEqual(
        lines.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
      )
    }),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseLrc(decodeText(bytes))))
})

test('a hostile file of half a megabyte costs milliseconds', () => {
  for (const piece of ['[', '[00:', '[00:01.00]', '<00:01', ' ', '[ti:', '[00:01.00]<00:01.00']) {
    const begun = performance.now()
    parseLrc(piece.repeat(524_288 / piece.length))
    expect(performance.now() - begun, piece).toBeLessThan(2_000)
  }
})

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1+1', "'-1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['  =1', "'  =1"],
  ['\t=1', "'\t=1"],
  ['\rx', `"'\rx"`],
  ['＝1', "'＝1"],
  ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
  ['a "b", c', '"a ""b"", c"'],
  ['1=1', '1=1'],
])('%j is written as %j', (text, written) => {
  expect(csvLine([text])).toBe(`${written}\r\n`)
})

test('numbers are numbers, below nothing as well', () => {
  expect(csvLine(['a', -1, 2n, '-12.000001'])).toBe('a,-1,2,-12.000001\r\n')
})

test('whatever texts there are, a reader of CSV has them back, and none is a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (cells) => {
      const [read] = parse(csvLine(cells), { relax_column_count: true }) as string[][]

      expect(read?.length ?? 1).toBe(cells.length)
      for (const [index, cell] of (read ?? []).entries()) {
        expect(cell).not.toMatch(/^\s*[=+@]|^\s*-(?!\d+(\.\d+)?$)/)
        expect([cells[index], `'${cells[index]}`]).toContain(cell)
      }
    }),
  )
})

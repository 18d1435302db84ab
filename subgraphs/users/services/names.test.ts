import { expect, test, vi } from 'vitest'
import { readName } from './names.ts'

const read = (text: string) => readName(text, 'A name', ['name'])

test('a name has 1 to 100 characters without the spaces around it', () => {
  expect(read('  Ida Holm ')).toBe('Ida Holm')
  expect(read('x')).toBe('x')
  expect(read('😀'.repeat(100))).toBe('😀'.repeat(100))
  expect(read('👩‍🎤 Wren')).toBe('👩‍🎤 Wren')
})

test.each([
  '',
  '   ',
  'x'.repeat(101),
  '😀'.repeat(101),
  'a\u0000b',
  'a\nb',
  '\ud800',
  '\u200b',
  '\u2067 \u2069',
])('%j is no name', (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['name'] }))
})

test('what is far too long is refused before it is normalised, which takes time by its square', () => {
  const normalize = vi.spyOn(String.prototype, 'normalize')

  expect(() => read('a\u0316\u0301'.repeat(40_000))).toThrow('1 to 100 characters')
  expect(normalize).not.toHaveBeenCalled()
  normalize.mockRestore()
})

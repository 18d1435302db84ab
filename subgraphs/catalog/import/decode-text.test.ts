import { expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')

test.each<[string, Uint8Array, string]>([
  ['UTF-8', Buffer.from('Ångström 夜'), 'Ångström 夜'],
  ['UTF-8 with a mark', Buffer.from('\ufeffdéjà'), 'déjà'],
  ['UTF-16 with a mark, little end first', utf16('\ufeff夜 night'), '夜 night'],
  ['UTF-16 with a mark, big end first', utf16('\ufeff夜 night').swap16(), '夜 night'],
  ['UTF-16 without a mark', utf16('[00:01.00]night'), '[00:01.00]night'],
  ['UTF-16 without a mark, big end first', utf16('[00:01.00]night').swap16(), '[00:01.00]night'],
  ['Windows-1252', bytes(0x44, 0xe9, 0x6a, 0xe0, 0x20, 0x93, 0x76, 0x75, 0x94), 'Déjà “vu”'],
  ['Shift JIS', bytes(0x82, 0xe6, 0x82, 0xe9, 0x82, 0xcc), 'よるの'],
  ['GB 18030', bytes(0xd2, 0xb9, 0xc0, 0xef), '夜里'],
  ['nothing', bytes(), ''],
])('%s is read', (_, file, text) => {
  expect(decodeText(file)).toBe(text)
})

test('what a text says of itself counts, a mark more, and what no one knows is passed over', () => {
  const latin = bytes(0xe9, 0xa4)

  expect(decodeText(latin, 'iso-8859-15')).toBe('é€')
  expect(decodeText(Buffer.from('\ufeffé'), 'iso-8859-1')).toBe('é')
  expect(decodeText(Buffer.from('é'), 'klingon')).toBe('é')
})

import { expect, test } from 'vitest'
import { normaliseEmail } from './emails.ts'

test.each([
  ['ann@example.com', 'ann@example.com'],
  ['  Ann.Smith+Music@EXAMPLE.co.uk ', 'ann.smith+music@example.co.uk'],
  ["o'neil_{x}@sub-domain.example", "o'neil_{x}@sub-domain.example"],
  ['ÅSA@Bücher.example', 'åsa@bücher.example'],
  ['A\u030asa@example.com', 'åsa@example.com'],
  [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  [`a@${'b'.repeat(61)}.${'b'.repeat(61)}.${'b'.repeat(61)}.${'b'.repeat(61)}.cdef`, expect.any(String)],
])('%j is kept as %j', (text, kept) => {
  expect(normaliseEmail(text)).toEqual(kept)
})

test.each([
  '',
  '@',
  'ann',
  'ann@',
  '@example.com',
  'ann@example',
  'ann@@example.com',
  'a b@example.com',
  'ann@exa mple.com',
  'ann@example..com',
  '.ann@example.com',
  'ann.@example.com',
  'ann@-example.com',
  'ann@127.0.0.1',
  'ann@[127.0.0.1]',
  '"ann"@example.com',
  'Ann <ann@example.com>',
  'ann@example.com\nbcc: x@example.com',
  'ann\u0000@example.com',
  'ann\ud800@example.com',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b'.repeat(63)}.${'b'.repeat(63)}.${'b'.repeat(63)}.${'b'.repeat(59)}.example`,
  'a'.repeat(1_000_000),
])('%j is not an address', (text) => {
  expect(normaliseEmail(text)).toBeNull()
})

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createRefreshTokens } from './refresh-tokens.ts'

const tokens = createRefreshTokens('one secret')

test('a token is rt_ and 32 bytes that nobody has had before', () => {
  const created = Array.from({ length: 1_000 }, () => tokens.create())

  expect(new Set(created).size).toBe(1_000)
  for (const token of created) expect(token).toMatch(/^rt_[A-Za-z0-9_-]{43}$/)
})

test('the successor is the same for the same token and secret, and another for any other', () => {
  const token = tokens.create()

  expect(tokens.successorOf(token)).toBe(tokens.successorOf(token))
  expect(tokens.successorOf(token)).toMatch(/^rt_[A-Za-z0-9_-]{43}$/)
  expect(tokens.successorOf(tokens.create())).not.toBe(tokens.successorOf(token))
  expect(createRefreshTokens('another secret').successorOf(token)).not.toBe(tokens.successorOf(token))
})

test('what is kept is the SHA-256, and nothing for text that is no token', () => {
  const token = tokens.create()

  expect(tokens.hashOf(token)).toBe(createHash('sha256').update(token).digest('base64url'))
  for (const text of ['', 'rt_', token.slice(0, -1), `${token}A`, `${token}\n`, token.slice(3)])
    expect(tokens.hashOf(text)).toBeNull()
})

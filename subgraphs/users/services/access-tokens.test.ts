import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccessTokens, createAccessTokens } from './access-tokens.ts'

const account = {
  id: 'user_1',
  email: 'ann@example.com',
  displayName: 'Ann',
  country: 'SE',
  tier: 'PREMIUM',
  role: 'ADMIN',
  artists: ['artist_1'],
  version: 7,
  sharesPlays: false,
  createdAt: new Date(),
} as const
const OPTIONS = { algorithms: ['EdDSA'], typ: 'at+jwt', issuer: 'cadenza', audience: 'cadenza' }

let home: string
let tokens: AccessTokens

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-tokens-'))
  tokens = await createAccessTokens(home)
})
afterAll(() => rm(home, { recursive: true }))

const sign = () => tokens.sign({ ...account, artists: [...account.artists] }, 'session_1', 'device_1')
const verify = (token: string, keySet = tokens.keySet) =>
  jwtVerify(token, createLocalJWKSet(JSON.parse(keySet)), OPTIONS)

test('the published keys verify a token, whose claims are those of the README', async () => {
  const before = Math.floor(Date.now() / 1_000)
  const { accessToken, accessTokenExpiresAt } = await sign()

  const { payload, protectedHeader } = await verify(accessToken)
  const { iat = 0, exp = 0, ...claims } = payload

  expect(claims).toEqual({
    iss: 'cadenza',
    aud: 'cadenza',
    sub: 'user_1',
    sid: 'session_1',
    did: 'device_1',
    country: 'SE',
    tier: 'PREMIUM',
    role: 'ADMIN',
    artists: ['artist_1'],
    ver: 7,
  })
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) })
  expect(iat - before).toBeLessThanOrEqual(5)
  expect(exp - iat).toBe(600)
  expect(accessTokenExpiresAt.getTime()).toBe(exp * 1_000)
})

test('a token changed in any part is refused', async () => {
  const { accessToken } = await sign()
  const parts = accessToken.split('.')

  for (const index of [0, 1, 2]) {
    const part = parts[index] ?? ''
    const middle = Math.floor(part.length / 2)
    const changed = `${part.slice(0, middle)}${part[middle] === 'A' ? 'B' : 'A'}${part.slice(middle + 1)}`
    await expect(verify(parts.with(index, changed).join('.'))).rejects.toThrow()
  }
})

test('every process of an installation signs with its one key, which never leaves it', async () => {
  const second = await createAccessTokens(home)
  const secret = JSON.parse(await readFile(join(home, 'secrets', 'access-token.jwk'), 'utf8')) as {
    d: string
  }
  const { accessToken } = await sign()

  expect(second.keySet).toBe(tokens.keySet)
  expect(await verify(accessToken, second.keySet)).toBeTruthy()
  expect(secret.d).toMatch(/^[\w-]{43}$/)
  expect(tokens.keySet).not.toContain(secret.d)
  expect(JSON.parse(tokens.keySet).keys).toEqual([
    expect.objectContaining({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }),
  ])
  expect(decodeProtectedHeader(accessToken).kid).toBe(JSON.parse(tokens.keySet).keys[0].kid)
})

test('another installation has another key', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'cadenza-tokens-'))
  const others = await createAccessTokens(elsewhere)
  const { accessToken } = await sign()

  await expect(verify(accessToken, others.keySet)).rejects.toThrow()
  await rm(elsewhere, { recursive: true })
})

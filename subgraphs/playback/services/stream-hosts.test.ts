import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assetOf, CLAIMS, NOW, newRing, TRACK } from '../testing/signed.ts'
import { admit } from './admission.ts'
import { mediaPlaylist, multivariantPlaylist } from './hls.ts'
import { HOST_PARAMETERS, type HostKind } from './host-kind.ts'
import type { Manifest } from './manifest.ts'
import { writeManifest } from './manifest.ts'
import { parseStreamHosts } from './stream-hosts.ts'

// Each format is verified as its documentation has it, by openssl and by hand: nothing of the signers is used.
const OPENSSL = 'openssl'
const scratch = mkdtempSync(join(tmpdir(), 'cadenza-hosts-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const fastlyKey = randomBytes(32)
const akamaiKey = randomBytes(32).toString('hex')
const HOSTS = [
  {
    kind: 'CLOUDFRONT',
    url: 'https://d1.cloudfront.test',
    keyPairId: 'K2JCJMDEHXQW5F',
    privateKey: rsa.privateKey,
  },
  { kind: 'FASTLY', url: 'https://fastly.test', key: fastlyKey.toString('base64') },
  { kind: 'AKAMAI', url: 'https://akamai.test', key: akamaiKey },
  { kind: 'EDGE', url: 'https://nginx.test' },
]
const EXPIRES = NOW / 1_000 + 80
const ring = newRing()

const manifest = (top: 'NORMAL' | 'LOSSLESS' = 'NORMAL'): Manifest =>
  writeManifest(
    {
      id: CLAIMS.playbackId,
      userId: 'user_1',
      deviceId: CLAIMS.deviceId,
      expiresAt: new Date(EXPIRES * 1_000),
    },
    {
      playable: {
        id: TRACK,
        kind: 'TRACK',
        title: '',
        durationMs: 10_000,
        markets: null,
        isComposable: false,
        isRemoved: false,
        assetId: 'asset-1',
        albumCentilufs: null,
      },
      asset: assetOf('asset-1', 1_000),
      choice: { offered: ['LOW', 'NORMAL'], top, selected: 'LOW' },
      presentation: 'FULL',
      durationMs: 10_000,
      listener: { tier: 'PREMIUM', country: 'SE' },
      country: 'SE',
      decisions: [],
    },
    { ring, hosts: parseStreamHosts(JSON.stringify(HOSTS)), publicUrl: 'https://music.test', now: NOW },
  )
const urlAt = (host: string, top?: 'NORMAL' | 'LOSSLESS') => {
  const { url, fallbackUrls } = manifest(top)
  return new URL([url, ...fallbackUrls].find((one) => one.startsWith(host)) ?? '')
}
const hmac = (hexKey: string, text: string) =>
  execFileSync(OPENSSL, ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${hexKey}`, '-r'], {
    input: text,
  })
    .toString()
    .slice(0, 64)
/** `*` is anything, as both CloudFront and Akamai have it. */
const globs = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text)

test('a manifest names the hosts in order and our own edge last; what each verifies in the path is a token of ours', () => {
  const { url, fallbackUrls, decisions } = manifest()
  const urls = [url, ...fallbackUrls].map((one) => new URL(one))

  expect(urls.map(({ origin }) => origin)).toEqual([...HOSTS.map((host) => host.url), 'https://music.test'])
  expect(urls.map(({ pathname }) => admit(pathname, ring, NOW)?.claims.host)).toEqual([
    'CLOUDFRONT',
    'FASTLY',
    'AKAMAI',
    'EDGE',
    'EDGE',
  ])
  expect(new Set(urls.map(({ pathname }) => pathname)).size).toBe(5)
  expect(decisions.at(-1)?.detail).toBe(
    'for this device, for 80 s, at CLOUDFRONT, then FASTLY, then AKAMAI, then EDGE, then EDGE',
  )
})

test('openssl verifies CloudFront’s policy, which opens the folder until its second, and nothing beside it', () => {
  const { origin, pathname, searchParams } = urlAt('https://d1')
  const decode = (text: string) =>
    Buffer.from(
      text.replace(/[-_~]/g, (letter) => ({ '-': '+', _: '=' })[letter] ?? '/'),
      'base64',
    )
  const policy = decode(searchParams.get('Policy') ?? '')
  const files = {
    key: join(scratch, 'key.pem'),
    signature: join(scratch, 'signature'),
    policy: join(scratch, 'policy'),
  }
  writeFileSync(files.key, rsa.publicKey)
  writeFileSync(files.signature, decode(searchParams.get('Signature') ?? ''))
  writeFileSync(files.policy, policy)
  const verify = () =>
    execFileSync(
      OPENSSL,
      ['dgst', '-sha1', '-verify', files.key, '-signature', files.signature, files.policy],
      {
        stdio: 'pipe',
      },
    ).toString()
  const { Statement } = JSON.parse(policy.toString())
  const [{ Resource, Condition }] = Statement

  expect(verify()).toBe('Verified OK\n')
  expect([...searchParams.keys()]).toEqual(['Policy', 'Signature', 'Key-Pair-Id'])
  expect(searchParams.get('Key-Pair-Id')).toBe('K2JCJMDEHXQW5F')
  expect(Statement).toHaveLength(1)
  expect(Condition).toEqual({ DateLessThan: { 'AWS:EpochTime': EXPIRES } })
  const folder = pathname.replace('master.m3u8', '')
  expect(globs(Resource, `${origin}${folder}low/audio.mp4`)).toBe(true)
  expect(globs(Resource, `${origin}${urlAt('https://d1').pathname}`)).toBe(false)
  expect(globs(Resource, `https://elsewhere.test${pathname}`)).toBe(false)
  writeFileSync(files.policy, policy.toString().replace(String(EXPIRES), String(EXPIRES + 1)))
  expect(verify).toThrow()
})

test('openssl makes Fastly’s token anew from folder, second and key', () => {
  const { pathname, searchParams } = urlAt('https://fastly')
  const [expires, signature] = (searchParams.get('token') ?? '').split('_')

  expect(Number(expires)).toBe(EXPIRES)
  expect(signature).toBe(hmac(fastlyKey.toString('hex'), `${pathname.replace('master.m3u8', '')}${EXPIRES}`))
})

test('openssl makes Akamai’s token anew, whose list of paths ends at the top quality', () => {
  const { pathname, searchParams } = urlAt('https://akamai')
  const token = searchParams.get('hdnts') ?? ''
  const fields = new Map(
    token.split('~').map((field) => field.split(/=(.*)/s).slice(0, 2) as [string, string]),
  )
  const folder = pathname.replace('master.m3u8', '')
  const opens = (file: string) =>
    (fields.get('acl') ?? '').split('!').some((one) => globs(one, folder + file))

  expect([...fields.keys()]).toEqual(['exp', 'acl', 'hmac'])
  expect(Number(fields.get('exp'))).toBe(EXPIRES)
  expect(fields.get('hmac')).toBe(hmac(akamaiKey, token.slice(0, token.lastIndexOf('~hmac='))))
  expect(
    ['master.m3u8', 'low/index.m3u8', 'normal/audio.mp4', 'high/audio.mp4', 'lossless/index.m3u8'].map(opens),
  ).toEqual([true, true, true, false, false])
  expect(urlAt('https://akamai', 'LOSSLESS').searchParams.get('hdnts')).toContain('/lossless/*~hmac=')
})

test.each(['CLOUDFRONT', 'FASTLY', 'AKAMAI'] as const)(
  'what %s wants with each request, the playlists take from the URL they came by',
  (kind: HostKind) => {
    const [low] = assetOf('asset-1', 1_000).renditions
    if (low === undefined) throw new Error('no rendition')
    const { searchParams } = new URL(
      [manifest().url, ...manifest().fallbackUrls][HOSTS.findIndex((host) => host.kind === kind)] ?? '',
    )
    for (const playlist of [multivariantPlaylist([low], 'LOW', kind), mediaPlaylist(low, { host: kind })]) {
      const defined = [...playlist.matchAll(/^#EXT-X-DEFINE:QUERYPARAM="([\w-]+)"$/gm)].map(
        ([, name]) => name ?? '',
      )
      const uris = playlist.replace(/\{\$([\w-]+)\}/g, (_, name) =>
        defined.includes(name) ? (searchParams.get(name) ?? '') : '?',
      )
      const used = [...uris.matchAll(/(?:^|URI=")((?:low\/index\.m3u8|audio\.mp4)\?[^"\n]*)/gm)]

      expect(defined).toEqual([...HOST_PARAMETERS[kind]])
      expect(playlist).toContain('#EXT-X-VERSION:11\n')
      expect(used.length).toBeGreaterThan(0)
      for (const [, uri = ''] of used)
        expect([...new URL(uri, 'https://a.test').searchParams]).toEqual([...searchParams])
    }
  },
)

test('the key of what another host serves is asked of us', () => {
  const [, , high] = assetOf('asset-1', 1_000).renditions
  if (high === undefined) throw new Error('no rendition')

  expect(mediaPlaylist(high, { keyUri: 'https://music.test/stream/a/b/high/key', host: 'FASTLY' })).toContain(
    '#EXT-X-KEY:METHOD=AES-128,URI="https://music.test/stream/a/b/high/key"\n',
  )
})

test.each([
  ['no list', '{}'],
  ['a kind nobody knows', '[{"kind":"BUNNY","url":"https://a.test"}]'],
  ['a URL with a slash at its end', '[{"kind":"EDGE","url":"https://a.test/"}]'],
  ['a URL that is none', '[{"kind":"EDGE","url":"a.test"}]'],
  ['a key too short', '[{"kind":"FASTLY","url":"https://a.test","key":"AAAA"}]'],
  ['a key that is not hexadecimal', `[{"kind":"AKAMAI","url":"https://a.test","key":"${'x'.repeat(64)}"}]`],
  ['a key pair without a key', '[{"kind":"CLOUDFRONT","url":"https://a.test","keyPairId":"K"}]'],
  ['a key that is none', '[{"kind":"CLOUDFRONT","url":"https://a.test","keyPairId":"K","privateKey":"x"}]'],
])('a file of hosts with %s does not hold', (_, text) => {
  expect(() => parseStreamHosts(text)).toThrow()
})

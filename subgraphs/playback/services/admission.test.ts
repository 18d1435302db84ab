import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLAIMS, NOW, newRing, OTHER_TRACK, TRACK } from '../testing/signed.ts'
import { admit } from './admission.ts'
import { multivariantPath } from './stream-path.ts'
import { type StreamClaims, signStream } from './stream-token.ts'

const ring = newRing()
const MUTATIONS = 20_000
const SEED = Date.now() % 2 ** 31

const master = (claims: Partial<StreamClaims> = {}) =>
  multivariantPath(signStream({ ...CLAIMS, ...claims }, ring), claims.playableId ?? TRACK)
const file = (name: string, claims: Partial<StreamClaims> = {}) => master(claims).replace('master.m3u8', name)
const opens = (target: string, now = NOW) => admit(target, ring, now) !== null

const EVERY_CLASS = [
  'master.m3u8',
  ...['low', 'normal', 'high', 'lossless'].flatMap((quality) => [
    `${quality}/index.m3u8`,
    `${quality}/audio.mp4`,
  ]),
]

test.each(EVERY_CLASS)('%s opens with its token, and not without', (name) => {
  const token = signStream(CLAIMS, ring)

  expect(opens(file(name))).toBe(true)
  for (const forged of [
    '',
    'a.b.c',
    token.slice(0, -1),
    `${token}A`,
    token.replace('.', ''),
    token.toLowerCase(),
  ])
    expect(opens(`/stream/${forged}/${TRACK}/${name}`)).toBe(false)
  expect(opens(`/stream/${TRACK}/${name}`)).toBe(false)
})

test.each(EVERY_CLASS)('%s closes for another track, one second late, and under another key', (name) => {
  expect(opens(file(name).replace(TRACK, OTHER_TRACK))).toBe(false)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000 - 1)).toBe(true)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000)).toBe(false)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000 + 1_000)).toBe(false)
  expect(admit(file(name), newRing(), NOW)).toBeNull()
})

test('no quality above the token opens', () => {
  const opened = (top: StreamClaims['top']) =>
    EVERY_CLASS.filter((name) => opens(file(name, { top, first: 'LOW' })))

  expect(opened('LOW')).toEqual(['master.m3u8', 'low/index.m3u8', 'low/audio.mp4'])
  expect(opened('NORMAL')).toHaveLength(5)
  expect(opened('HIGH')).toHaveLength(7)
  expect(opened('LOSSLESS')).toHaveLength(9)
})

const AUDIO = file('low/audio.mp4')
const TOKEN = AUDIO.split('/')[2] ?? ''

test.each([
  `${AUDIO}?`,
  `${AUDIO}?a=b`,
  `${AUDIO}#a`,
  `${AUDIO}/`,
  `${AUDIO}\0`,
  `${AUDIO}%00`,
  `${AUDIO}\n`,
  `${AUDIO} `,
  `/${AUDIO}`,
  `http://localhost${AUDIO}`,
  AUDIO.replace('/low/', '//low/'),
  AUDIO.replace('/low/', '/./low/'),
  AUDIO.replace('/low/', '/low/../low/'),
  AUDIO.replace('/low/', '/lossless/../low/'),
  AUDIO.replace('/low/', '\\low\\'),
  AUDIO.replace('/low/', '/Low/'),
  AUDIO.replace('/low/', '/low;a=b/'),
  AUDIO.replace('/low/', '/%6cow/'),
  AUDIO.replace('/low/', '/%256cow/'),
  AUDIO.replace('/low/', '%2flow/'),
  AUDIO.replace('/low/', '/low%2f'),
  AUDIO.replace('audio.mp4', '..'),
  AUDIO.replace('audio.mp4', '..%2faudio.mp4'),
  AUDIO.replace('audio.mp4', '%2e%2e/low/audio.mp4'),
  AUDIO.replace('audio.mp4', 'audio.mp4.map'),
  AUDIO.replace('audio.mp4', 'secrets/stream-keys.json'),
  AUDIO.replace('/stream/', '/stream//'),
  AUDIO.replace('/stream/', '/stream/../stream/'),
  AUDIO.replace('/stream/', '/STREAM/'),
  AUDIO.replace(TOKEN, `${TOKEN}=`),
  AUDIO.replace(TOKEN, TOKEN.replaceAll('.', '%2e')),
  AUDIO.replace(TOKEN, `${TOKEN}/${TOKEN}`),
  AUDIO.replace(TRACK, `${TRACK}/${TRACK}`),
  AUDIO.replace(TRACK, 'track_'),
  AUDIO.replace(TRACK, CLAIMS.deviceId),
  AUDIO.replace('low', 'ｌｏｗ'),
  `/stream/${'A'.repeat(3_000)}.k1.${'A'.repeat(43)}/${TRACK}/low/audio.mp4`,
  '/stream/',
  '/stream',
  '',
])('no trick opens: %j', (target) => {
  expect(opens(AUDIO)).toBe(true)
  expect(opens(target)).toBe(false)
})

test(`${MUTATIONS} mutations of valid URLs, of any one byte: none opens (seed ${SEED})`, () => {
  const targets = ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS'].flatMap((top) =>
    EVERY_CLASS.map((name) => file(name, { top: top as StreamClaims['top'], first: 'LOW' })),
  )
  const valid = targets.filter((target) => opens(target))
  const mutation = fc.record({
    target: fc.constantFrom(...valid),
    place: fc.nat(),
    how: fc.constantFrom('replace', 'insert', 'delete', 'double', 'swap', 'bit'),
    byte: fc.nat(255),
  })
  let tried = 0

  fc.assert(
    fc.property(mutation, ({ target, place, how, byte }) => {
      const forged = mutate(target, place % target.length, how, byte)
      fc.pre(forged !== target)
      tried++
      return !opens(forged)
    }),
    { numRuns: MUTATIONS, seed: SEED },
  )

  expect(valid).toHaveLength(3 + 5 + 7 + 9)
  expect(tried).toBe(MUTATIONS)
})

function mutate(target: string, at: number, how: string, byte: number): string {
  const [before, letter, after] = [target.slice(0, at), target.charAt(at), target.slice(at + 1)]
  const other = String.fromCharCode(byte)
  switch (how) {
    case 'replace':
      return before + other + after
    case 'insert':
      return before + other + letter + after
    case 'delete':
      return before + after
    case 'double':
      return before + letter + letter + after
    case 'swap':
      return before + after.charAt(0) + letter + after.slice(1)
    default:
      return before + String.fromCharCode(letter.charCodeAt(0) ^ (1 << (byte % 8))) + after
  }
}

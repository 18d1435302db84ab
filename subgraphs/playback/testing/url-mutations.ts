import fc from 'fast-check'
import { admit } from '../services/admission.ts'
import type { KeyRing } from '../services/key-ring.ts'
import { QUALITIES } from '../services/quality.ts'
import { multivariantPath } from '../services/stream-path.ts'
import { signStream } from '../services/stream-token.ts'
import { CLAIMS, NOW, OTHER_TRACK, TRACK } from './signed.ts'

/** Every kind of file under a token. */
export const EVERY_CLASS = [
  'master.m3u8',
  ...QUALITIES.map((quality) => quality.toLowerCase()).flatMap((quality) => [
    `${quality}/index.m3u8`,
    `${quality}/audio.mp4`,
    `${quality}/key`,
  ]),
]

/** All that opens at NOW under two keys, for two recordings and every top quality. */
export function validTargets(rings: readonly KeyRing[]): string[] {
  return rings.flatMap((ring) =>
    [TRACK, OTHER_TRACK].flatMap((playableId) =>
      QUALITIES.flatMap((top) => {
        const token = signStream({ ...CLAIMS, playableId, top, first: 'LOW' }, ring)
        const master = multivariantPath(token, playableId)
        return EVERY_CLASS.map((name) => master.replace('master.m3u8', name)).filter(
          (target) => admit(target, ring, NOW) !== null,
        )
      }),
    ),
  )
}

const HOW = [
  ...['replace', 'insert', 'delete', 'double', 'swap', 'bit', 'case', 'cut'],
  ...['escape', 'escape upper', 'escape twice', 'splice', 'signature', 'dots', 'query'],
] as const

/** One forgery of a valid target: a byte, an escape, or parts of two targets put together. May be valid by chance: the caller looks. */
export function forgeries(valid: readonly string[]): fc.Arbitrary<string> {
  const draw = {
    target: fc.constantFrom(...valid),
    other: fc.constantFrom(...valid),
    place: fc.nat(),
    how: fc.constantFrom(...HOW),
    byte: fc.nat(255),
  }
  return fc.record(draw).map(({ target, other, place, how, byte }) => {
    const at = place % target.length
    const [before, letter, after] = [target.slice(0, at), target.charAt(at), target.slice(at + 1)]
    const drawn = String.fromCharCode(byte)
    const hex = letter.charCodeAt(0).toString(16).padStart(2, '0')
    const [ours, theirs] = [target.split('/'), other.split('/')]
    const flipped = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
    const made: Record<(typeof HOW)[number], () => string> = {
      replace: () => before + drawn + after,
      insert: () => before + drawn + letter + after,
      delete: () => before + after,
      double: () => before + letter + letter + after,
      swap: () => before + after.charAt(0) + letter + after.slice(1),
      bit: () => before + String.fromCharCode(letter.charCodeAt(0) ^ (1 << (byte % 8))) + after,
      case: () => before + flipped + after,
      cut: () => before,
      escape: () => `${before}%${hex}${after}`,
      'escape upper': () => `${before}%${hex.toUpperCase()}${after}`,
      'escape twice': () => `${before}%25${hex}${after}`,
      splice: () => target.slice(0, at) + other.slice(at),
      // The claims of one token under the key, or with the signature, of another.
      signature: () => {
        const [claims, kid] = (ours[2] ?? '').split('.')
        const [, theirKid, signature] = (theirs[2] ?? '').split('.')
        const token = [claims, byte % 2 === 0 ? kid : theirKid, signature].join('.')
        return target.replace(ours[2] ?? '', token)
      },
      dots: () => before + (['/..', '/.', '//', '\\', '%2e%2e/', '..;/'][byte % 6] ?? '') + letter + after,
      query: () => `${target}${['?', '#', ';', '&', '%3f', '%00'][byte % 6]}${other.slice(at)}`,
    }
    return made[how]()
  })
}

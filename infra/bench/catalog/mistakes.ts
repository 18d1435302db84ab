import type { Random } from '../../../subgraphs/catalog/audio/music/random.ts'

const LATIN = [...'abcdefghijklmnopqrstuvwxyz']

/** A text with so many random mistakes: a character left out, put in, changed, or swapped with the next one. Never empty. */
export function mistype(text: string, mistakes: number, random: Random): string {
  let typed = [...text]
  for (let made = 0; made < mistakes; made++) typed = mistypeOnce(typed, random)
  const wrong = typed.join('').trim()
  return wrong === '' ? text : wrong
}

/** Letters of its own script: nobody who writes Greek hits a Latin letter. */
function mistypeOnce(typed: readonly string[], random: Random): string[] {
  const own = typed.filter((character) => /[\p{L}\p{N}]/u.test(character))
  const letters = /[a-z]/i.test(typed.join('')) || own.length === 0 ? LATIN : own
  const letter = letters[Math.floor(random.next() * letters.length)] ?? 'x'
  const at = Math.floor(random.next() * typed.length)
  const [before, here, after] = [typed.slice(0, at), typed[at] ?? '', typed.slice(at + 1)]
  switch (Math.floor(random.next() * 4)) {
    case 0:
      return [...before, ...after]
    case 1:
      return [...before, letter, here, ...after]
    case 2:
      return [...before, letter, ...after]
    default: {
      const [next, ...rest] = after
      return next === undefined ? [...before] : [...before, next, here, ...rest]
    }
  }
}

import type { Act } from './act.ts'
import { discography } from './discography.ts'
import { slugOf } from './slug.ts'
import { type ArtistSound, artistSoundOf } from './sound.ts'

/** An act with its key and its sound. */
interface Member {
  key: string
  act: Act
  sound: ArtistSound
}

/** All artists by key, in the order they are written down. */
export const roster: ReadonlyMap<string, Member> = new Map(
  discography.map((act) => {
    const key = act.key ?? slugOf(act.name)
    if (key === null) throw new Error(`${act.name} needs a key: the name has no Latin letters to make one of`)
    return [key, { key, act, sound: artistSoundOf(key, act.genres) }]
  }),
)

/** The artist of a key; throws when a guest or a compilation names one that is not written down. */
export function memberOf(artistKey: string): Member {
  const member = roster.get(artistKey)
  if (member === undefined) throw new Error(`no artist has the key ${artistKey}`)
  return member
}

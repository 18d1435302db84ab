import { createHash } from 'node:crypto'

/** The invented registrant every demo recording is registered under. */
const REGISTRANT = 'CDZ'

/** Hands out ISRCs: the same for the same recording, never the same for two. */
export function createIsrcRegister() {
  const taken = new Set<string>()
  return (trackKey: string, country: string, releaseDate: string): string => {
    let serial = createHash('sha256').update(`isrc ${trackKey}`).digest().readUInt32BE(0) % 100_000
    for (;;) {
      const isrc = `${country}${REGISTRANT}${releaseDate.slice(2, 4)}${String(serial).padStart(5, '0')}`
      if (!taken.has(isrc)) {
        taken.add(isrc)
        return isrc
      }
      serial = (serial + 1) % 100_000
    }
  }
}

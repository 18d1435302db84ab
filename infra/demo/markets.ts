import { createChance } from './chance.ts'

export const EUROPE = 'AT BE CH CZ DE DK EE ES FI FR GB GR HU IE IS IT NL NO PL PT RO SE'.split(' ')

const WORLD = [...EUROPE, ...'AR AU BR CA CL CO GH IN JP KE KR MX NG NZ PE SG TR US ZA'.split(' ')].sort()

/** Where a worldwide release always plays. */
const CORE = new Set('BR DE ES FR GB JP MX SE US'.split(' '))

/** Where a release may be played: what its label could clear. */
export type Territory = 'world' | 'europe' | 'us' | 'not-us' | 'jp'

/** A release waiting for its territory. */
interface Clearance {
  releaseKey: string
  /** Home of the main artist. */
  country: string
  trackCount: number
  /** Must play everywhere, whatever else happens. */
  isProtected: boolean
}

/** Which share of all tracks each narrow territory gets, and whose releases may get it. */
const NARROW: readonly { territory: Territory; share: number; fits: (country: string) => boolean }[] = [
  { territory: 'jp', share: 0.03, fits: (country) => country === 'JP' },
  { territory: 'us', share: 0.08, fits: (country) => country === 'US' },
  { territory: 'not-us', share: 0.05, fits: (country) => country !== 'US' },
  { territory: 'europe', share: 0.12, fits: (country) => EUROPE.includes(country) },
]

/** Hands out narrow territories, release by release, until each has its share of the tracks. */
export function clearTerritories(clearances: readonly Clearance[]): Map<string, Territory> {
  const total = clearances.reduce((sum, clearance) => sum + clearance.trackCount, 0)
  const cleared = new Map<string, Territory>()
  for (const { territory, share, fits } of NARROW) {
    let left = Math.round(total * share)
    const candidates = clearances
      .filter(
        ({ releaseKey, country, isProtected }) => !isProtected && !cleared.has(releaseKey) && fits(country),
      )
      .map((clearance) => ({
        ...clearance,
        lot: createChance(`territory ${territory} ${clearance.releaseKey}`).next(),
      }))
      .sort((one, other) => one.lot - other.lot)
    for (const { releaseKey, trackCount } of candidates) {
      if (trackCount > left) continue
      cleared.set(releaseKey, territory)
      left -= trackCount
    }
  }
  return cleared
}

/** The sorted country list of a territory; a worldwide one lacks up to four small markets, as contracts do. */
export function marketsOf(territory: Territory, seed: string, home: string): string[] {
  if (territory === 'europe') return EUROPE
  if (territory === 'us') return ['US']
  if (territory === 'jp') return ['JP']
  const lacking = new Set<string>(territory === 'not-us' ? ['US'] : [])
  const chance = createChance(`markets ${seed}`)
  for (let missing = Math.floor(chance.between(0, 5)); missing > 0; missing--) {
    const country = chance.pick(WORLD)
    if (!CORE.has(country) && country !== home) lacking.add(country)
  }
  return WORLD.filter((country) => !lacking.has(country))
}

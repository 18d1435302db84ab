import type { Identity } from '#shared/identity.ts'
import type { Listener } from './account.ts'
import { Denial } from './denial.ts'
import { isLicensedIn } from './market.ts'
import type { PlayableRow, PlayFacts } from './play-facts.ts'

/** One line of the manifest's account of itself. */
export interface Decision {
  rule: string
  outcome: string
  detail: string
}

/**
 * The device is one of the account's and not removed. A device we have not heard of passes when the token itself was signed
 * for it and is no older than all we know of the account: the news of it is still on its way.
 */
export function checkDevice(identity: Identity, deviceId: string, facts: PlayFacts): Decision {
  const { device, knownVersion } = facts
  if (device !== null && !device.isRemoved)
    return { rule: 'DEVICE', outcome: 'ALLOWED', detail: 'registered to this account' }
  const isOfToken = identity.deviceId === deviceId
  const isNews = device === null ? identity.version >= knownVersion : identity.version > device.version
  if (isOfToken && isNews) return { rule: 'DEVICE', outcome: 'ALLOWED', detail: 'the device of this sign-in' }
  throw new Denial('DEVICE', 'This device is not one of yours, or was removed')
}

export function checkExists(playable: PlayableRow | null, kind: PlayableRow['kind']): PlayableRow {
  if (playable?.kind !== kind) throw new Denial('NOT_FOUND', `There is no such ${kind.toLowerCase()}`)
  if (playable.isRemoved) throw new Denial('TAKEN_DOWN', `This ${kind.toLowerCase()} was taken down`)
  return playable
}

export function checkMarket({ country }: Listener, { markets }: PlayableRow): Decision {
  if (!isLicensedIn(markets, country))
    throw new Denial('MARKET', `Not available in ${country ?? 'a country we do not know'}`)
  const detail = markets === null ? 'licensed everywhere' : `${country} is one of ${markets.length} markets`
  return { rule: 'MARKET', outcome: 'ALLOWED', detail }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { createChance } from '../demo/chance.ts'
import { list } from '../testing/client.ts'
import { type Account, type Door, openDoor } from './account.ts'
import { type Pace, timeBy } from './clock.ts'
import { createDeliveries, type Deliveries, type Disorder, type PlayerEvent } from './deliveries.ts'
import { createListener, type Listener, type Manner, type TrackFacts } from './listener.ts'

/** One playback as it really was. */
export interface HeardPlay {
  playbackId: string
  userId: string
  manner: Manner
  trackId: string
  deviceId: string
  deviceKind: string
  country: string
  tier: string
  /** It began between these, by the server's clock: it was asked for, and answered. */
  askedAt: number
  answeredAt: number
  heardMs: number
  events: number
}

export interface SimulationOptions {
  /** …/graphql. */
  url: string
  seed: number
  listeners: number
  minutes: number
  /** Nobody begins anything after so many events. */
  maxEvents: number
  pace: Pace
  tracks: readonly TrackFacts[]
  disorder: Disorder
  /** How often a player tells what is due, in ms of ours. */
  tellEveryMs: number
  /** Signed in: makes listeners premium. Without it all are FREE. */
  admin: Account | null
  /** Called once everybody has an account. */
  onBegin?: (() => void) | undefined
  onProgress(events: number, minutes: number): void
}

export interface Simulation {
  accounts: readonly Account[]
  plays: HeardPlay[]
  /** When the first might begin, by the server's clock. */
  beganAt: number
  /** Different events that were accepted, and how often any was sent beyond its first time. */
  accepted: number
  sent: number
  /** Requests that were cut off, and made again. */
  repeats(): number
  /** Tells what is late, by another pace: a day has gone by. */
  tellLate(pace: Pace): Promise<void>
  close(): Promise<void>
}

const SIGN_UPS_AT_ONCE = 3
const EVENTS_A_REPORT = 50
/** Of reports, as many are sent a second time as they are. */
const SENT_TWICE = 0.02

const START = `mutation Start($input: PlaybackStartInput!) { playbackStart(input: $input) {
  __typename ... on StreamManifest { playbackId presentation } ... on StreamDenied { code message retryable } } }`
const REPORT = `mutation Report($events: [PlaybackEventInput!]!) { playbackReport(events: $events) { accepted rejected { eventId code } } }`
const CHANGE_TIER = `mutation Tier($input: UserTierChangeInput!) { userTierChange(input: $input) { userErrors { code } } }`

/** Plays until the time is over, and tells all but what is late. Throws one clear sentence when the server refuses what it must take. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { seed, tracks, disorder, pace, tellEveryMs } = options
  const door = openDoor(options.url)
  const listeners = Array.from({ length: options.listeners }, (_, n) => createListener(seed, n, tracks))
  const accounts = await signUp(door, listeners, options)
  const plays: HeardPlay[] = []
  const told = { accepted: new Set<string>(), sent: 0 }
  let now = timeBy(pace)
  let { speed } = pace
  const until = async (time: number): Promise<void> => {
    await sleep(Math.max(0, (time - now()) / speed))
  }
  options.onBegin?.()
  const begunAt = now()
  const endsAt = begunAt + options.minutes * 60_000
  let made = 0

  async function play(listener: Listener, account: Account, deliveries: Deliveries): Promise<void> {
    const { chance, clockMs } = listener
    await until(now() + chance.between(0, 60_000))
    while (now() < endsAt && made < options.maxEvents) {
      const { track, deviceIndex, listening, waitMs } = listener.next()
      const device = account.devices[deviceIndex] ?? account.devices[0]
      if (device === undefined) throw new Error('An account has no device')
      const askedAt = now()
      const playbackId = await start(account, track.id, device.id)
      const answeredAt = now()
      const { userId, country, tier } = account
      plays.push({
        ...{
          playbackId,
          userId,
          manner: listener.manner,
          trackId: track.id,
          deviceId: device.id,
          deviceKind: device.kind,
        },
        ...{ country, tier, askedAt, answeredAt, heardMs: listening.heardMs, events: listening.moves.length },
      })
      for (const [index, { kind, afterMs, positionMs }] of listening.moves.entries()) {
        const happenedAt = answeredAt + afterMs
        const at = new Date(happenedAt + clockMs).toISOString()
        deliveries.add({ eventId: `${playbackId}-${index}`, playbackId, kind, positionMs, at }, happenedAt)
      }
      made += listening.moves.length
      options.onProgress(made, Math.floor((now() - begunAt) / 60_000))
      await until(answeredAt + listening.lastsMs + waitMs)
    }
  }

  async function tellDue(account: Account, deliveries: Deliveries, { chance }: Listener): Promise<void> {
    const due = deliveries.take(now())
    for (let from = 0; from < due.length; from += EVENTS_A_REPORT) {
      const events = due.slice(from, from + EVENTS_A_REPORT)
      await tell(account, events)
      if (chance.next() < SENT_TWICE) await tell(account, events)
    }
  }

  async function tell(account: Account, events: readonly PlayerEvent[]): Promise<void> {
    const { playbackReport } = await account.ask(REPORT, { events })
    const rejected = list(playbackReport?.['rejected'])
    if (Number(playbackReport?.['accepted']) !== events.length || rejected.length > 0)
      throw new Error(`The server refuses an event that is good: ${JSON.stringify(rejected[0])}`)
    for (const { eventId } of events) told.accepted.add(eventId)
    told.sent += events.length
  }

  const waiting = listeners.map(({ chance }) => createDeliveries(disorder, chance))
  const isAway = ({ outage }: Listener): boolean =>
    outage !== null && now() < endsAt && (now() - begunAt) % outage.everyMs > outage.everyMs - outage.forMs

  await Promise.all(
    listeners.map(async (listener, n) => {
      const [account, deliveries] = [accounts[n] as Account, waiting[n] as Deliveries]
      let isPlaying = true
      const playing = play(listener, account, deliveries).finally(() => {
        isPlaying = false
      })
      const telling = (async () => {
        await sleep(tellEveryMs * listener.chance.next())
        while (isPlaying || deliveries.size > 0) {
          await sleep(tellEveryMs)
          if (!isAway(listener)) await tellDue(account, deliveries, listener)
        }
      })()
      await Promise.all([playing, telling])
    }),
  )
  return {
    accounts,
    plays,
    beganAt: begunAt,
    get accepted() {
      return told.accepted.size
    },
    get sent() {
      return told.sent
    },
    repeats: () => accounts.reduce((sum, { repeats }) => sum + repeats, 0),
    async tellLate(later) {
      now = timeBy(later)
      speed = later.speed
      await Promise.all(
        listeners.map(async (listener, n) => {
          const [account, deliveries] = [accounts[n] as Account, waiting[n] as Deliveries]
          while (deliveries.late > 0) {
            await tellDue(account, deliveries, listener)
            await sleep(tellEveryMs / 4)
          }
        }),
      )
    },
    close: () => door.close(),
  }

  async function start(account: Account, trackId: string, deviceId: string): Promise<string> {
    for (;;) {
      const answer = (await account.ask(START, { input: { trackId, deviceId } }))['playbackStart']
      if (String(answer?.['presentation']) === 'FULL') return String(answer?.['playbackId'])
      // Audio that is composed at its first play is there in seconds.
      if (!answer?.['retryable'])
        throw new Error(`The server does not play ${trackId}: ${JSON.stringify(answer)}`)
      await sleep(1_000)
    }
  }
}

/** An account for each listener, a few at a time: passwords are dear. */
async function signUp(
  door: Door,
  listeners: readonly Listener[],
  { seed, admin, pace }: SimulationOptions,
): Promise<Account[]> {
  const run = createChance(`${seed} ${Date.now()} ${pace.base}`).next().toString(36).slice(2, 10)
  const accounts: Account[] = []
  let farm: string | null = null
  const open = async (n: number): Promise<void> => {
    const { deviceKinds, country, isPremium, isOnFarm } = listeners[n] as Listener
    const [kind = 'OTHER', ...others] = deviceKinds
    const device = { ...(isOnFarm && farm !== null && { id: farm }), name: kind, kind }
    const account = await door.signUp({
      email: `listener-${run}-${n}@simulation.example`,
      displayName: `Listener ${n}`,
      country,
      device,
    })
    if (isOnFarm) farm ??= account.devices[0]?.id ?? null
    for (const other of others) await account.addDevice(other)
    if (isPremium && admin !== null) {
      await admin.ask(CHANGE_TIER, { input: { userId: account.userId, tier: 'PREMIUM' } })
      await account.refresh()
      account.tier = 'PREMIUM'
    }
    accounts[n] = account
  }
  const turns = listeners.map((_, n) => n)
  await Promise.all(
    Array.from({ length: SIGN_UPS_AT_ONCE }, async () => {
      for (let n = turns.shift(); n !== undefined; n = turns.shift()) await open(n)
    }),
  )
  return accounts
}

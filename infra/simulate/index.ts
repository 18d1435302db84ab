import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { showProgress } from '../bench/progress.ts'
import { checkDashboards } from './check.ts'
import { lastMonthEnd, REAL_TIME } from './clock.ts'
import { GO_ON_MS, openHouse } from './house.ts'
import { type PlayedOut, type PlayOutOptions, playOut } from './play-out.ts'
import { demoTrackIds } from './tracks.ts'

const TRACKS = 60
const SHOWN = 20
const ATTEMPTS = 20

/**
 * `npm run simulate -- [--listeners 50] [--minutes 60] [--seed N] [--url URL [--admin EMAIL:PASSWORD] [--tracks ID,ID]] [--speed 30] [--check]`:
 * plays traffic through the public API, and writes what every count has to be to `simulation-<seed>.json`; `--check` says what the
 * server counted otherwise. At a URL (…/graphql) a minute takes a minute. Without one it starts a Cadenza of its own, whose playback
 * room goes by a clock `--speed` times as fast, so that there may be events a day late.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      listeners: { type: 'string', default: '50' },
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      url: { type: 'string' },
      admin: { type: 'string' },
      tracks: { type: 'string' },
      speed: { type: 'string', default: '30' },
      check: { type: 'boolean', default: false },
    },
  })
  const seed = numberOf('seed', values.seed, 0)
  const minutes = numberOf('minutes', values.minutes, 1)
  const shared = {
    ...{ seed, minutes, listeners: numberOf('listeners', values.listeners, 1) },
    trackIds: values.tracks?.split(',') ?? demoTrackIds(TRACKS),
    onProgress: (_: number, minute: number) => showProgress('Minutes', Math.min(minute, minutes), minutes),
  }
  if (values.url === undefined) return playAtHome(shared, numberOf('speed', values.speed, 1), values.check)
  const played = await playOut({ ...shared, url: values.url, admin: adminOf(values.admin), pace: REAL_TIME })
  await write(played)
  if (values.check) tell(played.differences)
}

type Shared = Omit<PlayOutOptions, 'url' | 'admin' | 'pace'>

/** Nobody else is there, so that what artists are told is known as well. */
async function playAtHome(shared: Shared, speed: number, isChecked: boolean): Promise<void> {
  const pace = { base: lastMonthEnd(shared.minutes), since: Date.now(), speed }
  await using house = await openHouse({ pace, withKafka: false })
  const played = await playOut({
    ...shared,
    url: house.url,
    admin: house.admin,
    pace,
    goOn: house.goOn,
    goOnMs: GO_ON_MS,
  })
  await write(played)
  if (!isChecked) return
  let differences: string[] = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    differences = await checkDashboards(played.reader, played.answer)
    if (differences.length === 0) break
    await sleep(1_000) // they are a second or two behind
  }
  tell([...played.differences, ...differences])
}

async function write({ answer }: PlayedOut): Promise<void> {
  const file = `simulation-${answer.seed}.json`
  await writeFile(file, `${JSON.stringify(answer, null, 1)}\n`)
  const { playbacks, plays, events } = answer
  say(
    `${playbacks} playbacks, ${plays} of them plays, of ${events.accepted} events told ${events.sent} times: ${file}`,
  )
}

function tell(differences: readonly string[]): void {
  for (const difference of differences.slice(0, SHOWN)) say(difference)
  const { length } = differences
  say(length === 0 ? 'The server says the same' : `The server says ${length} things that are not so`)
  if (length > 0) process.exitCode = 1
}

function adminOf(text: string | undefined): { email: string; password: string } | null {
  if (text === undefined) return null
  const [email = '', ...password] = text.split(':')
  return { email, password: password.join(':') }
}

function numberOf(name: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least)
    throw new Error(`--${name} is a whole number from ${least} on`)
  return number
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)

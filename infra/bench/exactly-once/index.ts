import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { checkDashboards } from '../../simulate/check.ts'
import { lastMonthEnd } from '../../simulate/clock.ts'
import { GO_ON_MS, openHouse } from '../../simulate/house.ts'
import { playOut } from '../../simulate/play-out.ts'
import { demoTrackIds } from '../../simulate/tracks.ts'
import { showProgress } from '../progress.ts'
import { report } from '../report.ts'
import { chooseSeed } from '../seed.ts'
import { checkBooks } from './books.ts'
import { createKiller } from './kills.ts'
import { closeMonths } from './months.ts'

const TRACKS = 60
const SHOWN = 20
/** As long as listeners may need to make their events, in minutes of theirs. */
const MINUTES = 600
const PATIENCE_MS = 300_000
const BESIDE_MS = 5 * 60_000

/**
 * `npm run bench -- exactly-once [--kafka] [--events 100000] [--kills 50] [--listeners 100] [--speed 10] [--pause 2000] [--tell 10000] [--seed N]`: listeners play by
 * the public API while processes are killed; a tenth of what they tell is told twice, all of it in any order within ten minutes, a hundredth a
 * day late; their clocks are wrong by up to five minutes, and so is that of the second playback room. Fails when any count, history or
 * book is not what was done.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kafka: { type: 'boolean', default: false },
      events: { type: 'string', default: '100000' },
      kills: { type: 'string', default: '50' },
      listeners: { type: 'string', default: '100' },
      speed: { type: 'string', default: '10' },
      pause: { type: 'string', default: '2000' },
      tell: { type: 'string', default: '10000' },
      seed: { type: 'string' },
    },
  })
  const seed = chooseSeed(values.seed)
  const [events, speed] = [Number(values.events), Number(values.speed)]
  // Some two hours of theirs: one in the month before, the other in the next.
  const pace = { base: lastMonthEnd(120), since: Date.now(), speed }
  await using house = await openHouse({ pace, withKafka: values.kafka, besideMs: BESIDE_MS })
  const killer = createKiller(house, seed, Number(values.kills), Number(values.pause))
  const played = await playOut({
    ...{ url: house.url, admin: house.admin, trackIds: demoTrackIds(TRACKS), seed, pace },
    ...{
      listeners: Number(values.listeners),
      minutes: MINUTES,
      maxEvents: events,
      tellEveryMs: Number(values.tell),
    },
    onProgress: (made) => showProgress('Events', Math.min(made, events), events),
    onBegin: killer.start,
    onTold: killer.stop,
    goOn: house.goOn,
    goOnMs: GO_ON_MS,
  })
  const { answer } = played
  const settled = performance.now()
  const check = async () => [
    ...(await checkBooks(house.db, played)),
    ...(await checkDashboards(played.reader, answer)),
  ]
  let differences = await check()
  while (differences.length > 0 && performance.now() - settled < PATIENCE_MS) {
    await sleep(500)
    differences = await check()
  }
  const closedAfter = (performance.now() - settled) / 1_000
  const months = await closeMonths(house, played)
  differences.push(...played.differences, ...months.flatMap((month) => month.differences))
  for (const difference of differences.slice(0, SHOWN)) process.stdout.write(`${difference}\n`)
  report(`exactly-once by ${values.kafka ? 'Kafka' : 'outbox'}`, [
    { what: 'different events', value: answer.events.accepted, unit: '' },
    { what: 'told beyond the first time', value: answer.events.sent - answer.events.accepted, unit: '' },
    { what: 'requests made again', value: played.repeats, unit: '' },
    ...Object.entries(killer.done).map(([part, value]) => ({
      what: `SIGKILLs of ${part}`,
      value,
      unit: '',
    })),
    { what: 'playbacks', value: answer.playbacks, unit: '' },
    { what: 'of them plays', value: answer.plays, unit: '' },
    { what: 'heard', value: answer.heardMs, unit: 'ms' },
    { what: 'not as it has to be', value: differences.length, unit: '' },
    { what: 'all of it written after', value: closedAfter, unit: 's' },
    ...months.flatMap(({ month, billed, rejected, poolMicros }) => [
      { what: `billed in ${month}`, value: billed, unit: '' },
      { what: `not billed in ${month}`, value: rejected, unit: '' },
      { what: `paid out of ${month}`, value: poolMicros, unit: 'micros' },
    ]),
    { what: 'time', value: played.seconds, unit: 's' },
    { what: 'seed', value: seed, unit: '' },
  ])
  await played.close()
  if (differences.length > 0) process.exitCode = 1
}

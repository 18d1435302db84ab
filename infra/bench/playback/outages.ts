import { parseArgs } from 'node:util'
import type { RoomName } from '../../../schema/supergraph.ts'
import { type Figure, percentile, report } from '../report.ts'
import { startPlays } from './arrivals.ts'
import { signUpListeners } from './house.ts'
import { openServedHouse, type ServedHouse } from './services.ts'

const LISTENERS = 50
const AIM_PERCENT = 99.99

/**
 * `npm run bench -- outages [--count 10000] [--rate 100]`: what a play does not need is stopped in turn while plays are started, a tenth
 * of the way in, without a warning, and is back for the next turn. Fails when fewer than 99.99 % are served. Needs redis-server; Kafka is among them
 * where its jars are (`.ci/run` fetches them).
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: '10000' }, rate: { type: 'string', default: '100' } },
  })
  const [count, perSecond] = [Number(values.count), Number(values.rate)]
  await using house = await openServedHouse()
  const shared = { origin: new URL(house.door.url).origin, trackIds: house.trackIds, perSecond }
  // Others each time: an access token is good for ten minutes, and all of it takes longer.
  const arrive = () => signUpListeners(house.door.url, LISTENERS)
  await startPlays({ ...shared, listeners: await arrive(), count: Math.min(500, count) })

  const figures: Figure[] = []
  for (const [what, outage] of Object.entries(outagesOf(house))) {
    const listeners = await arrive()
    const stopped = new Promise((resolve) => setTimeout(resolve, (count * 100) / perSecond)).then(outage.stop)
    const { times, failed, examples } = await startPlays({ ...shared, listeners, count })
    await stopped
    await outage.restore()
    for (const example of examples) process.stdout.write(`${what}: ${example}\n`)
    const served = (100 * (count - failed)) / count
    if (served < AIM_PERCENT) process.exitCode = 1
    figures.push(
      { what: `${what}, served of ${count}`, value: count - failed, unit: '' },
      { what: `${what}, share`, value: served, unit: '%' },
      { what: `${what}, p50`, value: percentile(times, 0.5), unit: 'ms' },
      { what: `${what}, p99`, value: percentile(times, 0.99), unit: 'ms' },
    )
  }
  report('outages', figures)
}

interface Outage {
  stop(): Promise<void>
  restore(): Promise<void>
}

function outagesOf({ redis, kafka, kill, start }: ServedHouse): Record<string, Outage> {
  const room = (name: RoomName): Outage => ({ stop: () => kill(name), restore: () => start(name) })
  return {
    'nothing stopped': { stop: async () => undefined, restore: async () => undefined },
    'Redis killed': { stop: () => redis.kill(), restore: () => redis.start() },
    'Redis silent': { stop: async () => redis.pause(), restore: async () => redis.resume() },
    ...(kafka && { 'Kafka killed': { stop: () => kafka.kill(), restore: () => kafka.start() } }),
    'recommendations killed': room('recommendations'),
    'playlists killed': room('playlists'),
    'catalogue killed': room('catalog'),
  }
}

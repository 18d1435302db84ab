import { parseArgs } from 'node:util'
import { hasChromium } from '../../testing/browser.ts'
import { openHlsPage } from '../../testing/hls-page.ts'
import { cpuMs } from '../gateway/process.ts'
import { treeOf } from '../process-tree.ts'
import { type Figure, percentile, report } from '../report.ts'
import { startPlays } from './arrivals.ts'
import { type Listener, openPlayHouse, type PlayHouse, signUpListeners } from './house.ts'

const LISTENERS = 100
const WARM_UP = { perSecond: 50, count: 500 }
const CLICKS = 30

/**
 * `npm run bench -- playback-start [--rates 50,200] [--seconds 30]`: `playbackStart` through the door of one process at steady rates,
 * and what is heard of it: hls.js in Chromium from the click to the first decoded sample. Needs Chromium for that.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rates: { type: 'string', default: '50,200' }, seconds: { type: 'string', default: '30' } },
  })
  await using house = await openPlayHouse()
  const listeners = await signUpListeners(house.service.url, LISTENERS)
  const { origin, trackIds } = house
  const shared = { origin, trackIds, listeners }
  await startPlays({ ...shared, ...WARM_UP })
  const figures: Figure[] = []
  for (const perSecond of values.rates.split(',').map(Number)) {
    const before = await processors(house.service.pid)
    const count = perSecond * Number(values.seconds)
    const { times, failed, examples } = await startPlays({ ...shared, perSecond, count })
    for (const example of examples) process.stdout.write(`${example}\n`)
    const what = `playbackStart at ${perSecond}/s`
    figures.push(
      { what: `${what}, p50`, value: percentile(times, 0.5), unit: 'ms' },
      { what: `${what}, p95`, value: percentile(times, 0.95), unit: 'ms' },
      { what: `${what}, p99`, value: percentile(times, 0.99), unit: 'ms' },
      { what: `${what}, failed`, value: failed, unit: `of ${count}` },
    )
    const after = await processors(house.service.pid)
    for (const of of ['door and rooms', 'PostgreSQL'] as const)
      figures.push({
        what: `${what}, processor, ${of}`,
        value: (after[of] - before[of]) / count,
        unit: 'ms a start',
      })
  }
  if (hasChromium) figures.push(...(await listen(house, listeners)))
  report('playback-start', figures)
}

/** Milliseconds of processor used so far by the one process and by those of PostgreSQL beneath it. */
async function processors(pid: number): Promise<{ 'door and rooms': number; PostgreSQL: number }> {
  const [, ...beneath] = await treeOf(pid)
  return {
    'door and rooms': cpuMs(pid),
    PostgreSQL: beneath.reduce((sum, child) => sum + cpuMs(child), 0),
  }
}

/** From the click to the sound: the start, then playlists and audio, by hls.js on a page that has played before. */
async function listen(house: PlayHouse, listeners: readonly Listener[]): Promise<Figure[]> {
  await using player = await openHlsPage()
  const clicks: { startMs: number; decodedMs: number; playingMs: number }[] = []
  for (let turn = 0; turn < CLICKS + 5; turn++) {
    const listener = listeners[turn % listeners.length] as Listener
    const trackId = house.trackIds[turn % house.trackIds.length] as string
    const begun = performance.now()
    const response = await fetch(`${house.origin}/graphql`, {
      method: 'POST',
      headers: listener.headers,
      body: listener.body(trackId),
    })
    const { data } = (await response.json()) as { data: { playbackStart: { url: string } } }
    const startMs = performance.now() - begun
    const sound = await player.firstSound(data.playbackStart.url)
    if (turn >= 5)
      clicks.push({ startMs, decodedMs: startMs + sound.decodedMs, playingMs: startMs + sound.playingMs })
  }
  const of = (name: keyof (typeof clicks)[number], at: number): number =>
    percentile(
      clicks.map((click) => click[name]),
      at,
    )
  return [
    { what: `click to the first decoded sample, p50 of ${CLICKS}`, value: of('decodedMs', 0.5), unit: 'ms' },
    { what: 'click to the first decoded sample, p95', value: of('decodedMs', 0.95), unit: 'ms' },
    { what: 'click to playing, p50', value: of('playingMs', 0.5), unit: 'ms' },
    { what: 'of it playbackStart, p50', value: of('startMs', 0.5), unit: 'ms' },
    { what: 'share of playbackStart', value: (100 * of('startMs', 0.5)) / of('decodedMs', 0.5), unit: '%' },
  ]
}

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startOn } from '../gateway/process.ts'
import { percentile, report } from '../report.ts'
import type { Round, Sample } from './client.ts'

/** What is measured, with what it is called in the table. */
const MODES = {
  bare: 'one text to bare sockets, the floor',
  oneStream: 'ours, one stream for all',
  sameEvents: 'ours, a stream each, events shared',
  ownEvents: 'ours, nothing shared',
  library: 'graphql-ws, executing for each',
}
type Mode = keyof typeof MODES

/**
 * `npm run bench -- fanout [subscribers]`: what one message to one subscriber costs the server, in rounds that take turns. The
 * server has one processor, its clients the other. Options: --modes (semicolons between), --rounds, --seconds.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      modes: { type: 'string', default: Object.keys(MODES).join(';') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
    },
  })
  const subscribers = Number(positionals[0] ?? 1_000)
  const modes = values.modes.split(';') as Mode[]
  const samples = new Map<Mode, Sample[]>(modes.map((mode) => [mode, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const mode of round % 2 === 0 ? modes : modes.toReversed()) {
      samples.get(mode)?.push(await measure(mode, subscribers, Number(values.seconds)))
    }
  }
  report(
    'fanout',
    modes.flatMap((mode) => {
      const median = (of: keyof Sample): number =>
        percentile(
          (samples.get(mode) ?? []).map((sample) => sample[of]),
          0.5,
        )
      const row = (what: string, value: number, unit: string) => ({
        what: `${MODES[mode]}: ${what}`,
        value,
        unit,
      })
      return [
        row('processor time a message', median('us'), 'µs'),
        row('messages a second', median('messagesPerSecond'), ''),
        row('event to last subscriber, p50', median('p50'), 'ms'),
        row('event to last subscriber, p99', median('p99'), 'ms'),
        row('memory a subscriber', median('kbPerSubscriber'), 'kB'),
      ]
    }),
  )
}

async function measure(mode: Mode, subscribers: number, seconds: number): Promise<Sample> {
  const node = (processor: number, file: string, argument: string) =>
    startOn(processor, process.execPath, ['--import', 'tsx', fileURLToPath(file), argument])
  const server = node(1, import.meta.resolve('./server.ts'), mode)
  try {
    const ports = await line<Pick<Round, 'port' | 'control'>>(server)
    const round: Round = { ...ports, mode, pid: server.pid, subscribers, seconds }
    const client = node(0, import.meta.resolve('./client.ts'), JSON.stringify(round))
    try {
      return await line<Sample>(client)
    } finally {
      await client.stop()
    }
  } finally {
    await server.stop()
  }
}

/** The JSON line that a process prints. */
async function line<Content>(child: ReturnType<typeof startOn>): Promise<Content> {
  const LIMIT_MS = 120_000
  for (const begun = Date.now(); Date.now() - begun < LIMIT_MS; ) {
    const end = child.output().indexOf('\n')
    if (end >= 0) return JSON.parse(child.output().slice(0, end)) as Content
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`It said nothing for ${LIMIT_MS / 1_000} s: ${child.output()}`)
}

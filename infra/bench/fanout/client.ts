import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { cpuMs, residentMb } from '../gateway/process.ts'
import { percentile } from '../report.ts'
import { QUERY } from './event.ts'
import { openCountingSocket } from './frames.ts'

/** What one round found. */
export interface Sample {
  /** Processor time of the server for one message to one subscriber, in microseconds. */
  us: number
  messagesPerSecond: number
  /** From the event to the last subscriber, in milliseconds, with nothing else under way. */
  p50: number
  p99: number
  kbPerSubscriber: number
}

export interface Round {
  mode: string
  port: number
  control: number
  pid: number
  subscribers: number
  seconds: number
}

const WARM_UP = 60
const SINGLE = 60
/** Events under way at the same time while the server is to be busy. */
const AT_ONCE = 4

/** Many subscribers in one process. Measures the server while it publishes, and prints what it found as JSON. */
const round = JSON.parse(process.argv[2] ?? '{}') as Round
process.stdout.write(`${JSON.stringify(await measure(round))}\n`)
process.exit(0)

async function measure({ mode, port, control, pid, subscribers, seconds }: Round): Promise<Sample> {
  const agent = new Agent({ keepAlive: true })
  const arrivals: number[] = []
  const latencies: number[] = []
  let [published, done] = [0, 0]
  let onDone = (): void => undefined

  const publish = (): void => {
    published++
    request({ port: control, host: '127.0.0.1', method: 'POST', agent }, (answer) => answer.resume()).end()
  }
  const until = async (count: number): Promise<void> => {
    while (done < count) {
      await new Promise<void>((resolve) => {
        onDone = resolve
      })
    }
  }
  const count = (event: number, read: () => string): void => {
    const arrived = (arrivals[event] ?? 0) + 1
    arrivals[event] = arrived
    if (arrived < subscribers) return
    const at = /"at":"(\d+)"/.exec(read())?.[1]
    latencies.push(Number(process.hrtime.bigint() - BigInt(at ?? 0)) / 1e6)
    done++
    onDone()
  }

  const residentBefore = residentMb(pid)
  for (let opened = 0; opened < subscribers; opened += 50) {
    const batch = Math.min(50, subscribers - opened)
    await Promise.all(Array.from({ length: batch }, (_, n) => subscribe(mode, port, opened + n, count)))
  }
  await pause(1_000)
  for (let n = 0; n < WARM_UP; n++) {
    publish()
    await until(published)
  }
  latencies.length = 0
  for (let n = 0; n < SINGLE; n++) {
    publish()
    await until(published)
    await pause(15)
  }
  const single = latencies.splice(0)

  const [cpuBefore, doneBefore, begun] = [cpuMs(pid), done, performance.now()]
  while (performance.now() - begun < seconds * 1_000) {
    while (published - done < AT_ONCE) publish()
    await until(published - AT_ONCE + 1)
  }
  await until(published)
  const messages = (done - doneBefore) * subscribers
  return {
    us: ((cpuMs(pid) - cpuBefore) * 1_000) / messages,
    messagesPerSecond: messages / ((performance.now() - begun) / 1_000),
    p50: percentile(single, 0.5),
    p99: percentile(single, 0.99),
    kbPerSubscriber: ((residentMb(pid) - residentBefore) * 1_024) / subscribers,
  }
}

/** Each subscriber is somebody else, whom a room could tell from the others. */
async function subscribe(
  mode: string,
  port: number,
  viewer: number,
  onEvent: (event: number, read: () => string) => void,
): Promise<void> {
  let events = 0
  let onAcknowledge = (): void => undefined
  const isBare = mode === 'bare'
  let isAcknowledged = isBare
  const socket = await openCountingSocket(port, isBare ? null : 'graphql-transport-ws', (read) => {
    if (isAcknowledged) onEvent(events++, read)
    else onAcknowledge()
  })
  if (isBare) return
  const acknowledged = new Promise<void>((resolve) => {
    onAcknowledge = resolve
  })
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `viewer-${viewer}` } }))
  await acknowledged
  isAcknowledged = true
  const query = QUERY.replace('FIELD', mode === 'library' ? 'ownEvents' : mode)
  socket.send(
    JSON.stringify({ id: randomUUID(), type: 'subscribe', payload: { query, variables: { room: 'main' } } }),
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

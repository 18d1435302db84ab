import { sendRandomBodies } from '../../gateway/testing/random-bodies.ts'
import { residentMb } from './gateway/process.ts'
import { startDoor } from './hostile/start-door.ts'
import { report } from './report.ts'

const COUNT = 1_000_000
const SEED = 20_261_121
/** Memory that grows with each part alike would grow for ever; that of caches and a young generation ends. */
const PARTS = 5

/**
 * `npm run bench -- random-bodies [COUNT] [SEED]`: bodies drawn at random to our door in a process of its own. Fails when an answer
 * tells anything of the inside, or is none.
 */
export async function run([count = String(COUNT), seed = String(SEED)]: readonly string[]): Promise<void> {
  const { door, origin } = await startDoor()
  try {
    await sendRandomBodies(origin, Math.min(10_000, Number(count)), Number(seed) + 1)
    const memory = [residentMb(door.pid)]
    const statuses = new Map<number, number>()
    const faults: string[] = []
    let seconds = 0
    for (let part = 0; part < PARTS; part++) {
      const sent = await sendRandomBodies(origin, Math.ceil(Number(count) / PARTS), Number(seed) + 2 + part)
      for (const [status, answers] of sent.statuses)
        statuses.set(status, (statuses.get(status) ?? 0) + answers)
      faults.push(...sent.faults)
      seconds += sent.seconds
      memory.push(residentMb(door.pid))
    }
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    report('random-bodies', [
      { what: `bodies (seed ${seed})`, value: Number(count), unit: '' },
      ...[...statuses]
        .sort()
        .map(([status, answers]) => ({ what: `answers with ${status}`, value: answers, unit: '' })),
      { what: 'answers with something of the inside, or without a code', value: faults.length, unit: '' },
      { what: 'exits of the door', value: (memory.at(-1) ?? 0) > 0 ? 0 : 1, unit: '' },
      ...memory.map((mb, part) => ({
        what: part === 0 ? 'memory before' : `after ${part} of ${PARTS} parts`,
        value: mb,
        unit: 'MB',
      })),
      { what: 'time', value: seconds, unit: 's' },
    ])
    if (faults.length > 0) process.exitCode = 1
  } finally {
    await door.stop()
  }
}

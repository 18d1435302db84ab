import { sendRandomBodies } from '../../gateway/testing/random-bodies.ts'
import { residentMb } from './gateway/process.ts'
import { startDoor } from './hostile/start-door.ts'
import { report } from './report.ts'

const COUNT = 1_000_000
const SEED = 20_261_121

/**
 * `npm run bench -- random-bodies [COUNT] [SEED]`: bodies drawn at random to our door in a process of its own. Fails when an answer
 * tells anything of the inside, or is none.
 */
export async function run([count = String(COUNT), seed = String(SEED)]: readonly string[]): Promise<void> {
  const { door, origin } = await startDoor()
  try {
    await sendRandomBodies(origin, Math.min(10_000, Number(count)), Number(seed) + 1)
    const before = residentMb(door.pid)
    const { statuses, faults, seconds } = await sendRandomBodies(origin, Number(count), Number(seed))
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    report('random-bodies', [
      { what: `bodies (seed ${seed})`, value: Number(count), unit: '' },
      ...[...statuses]
        .sort()
        .map(([status, answers]) => ({ what: `answers with ${status}`, value: answers, unit: '' })),
      { what: 'answers with something of the inside, or without a code', value: faults.length, unit: '' },
      { what: 'exits of the door', value: residentMb(door.pid) > 0 ? 0 : 1, unit: '' },
      { what: 'memory before', value: before, unit: 'MB' },
      { what: 'memory grown by', value: residentMb(door.pid) - before, unit: 'MB' },
      { what: 'time', value: seconds, unit: 's' },
    ])
    if (faults.length > 0) process.exitCode = 1
  } finally {
    await door.stop()
  }
}

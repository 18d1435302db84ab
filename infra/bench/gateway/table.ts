import { machine, percentile } from '../report.ts'

/** One target under one case for some seconds. */
export interface Sample {
  requests: number
  seconds: number
  faults: number
  p50: number
  p95: number
  p99: number
  cpuMs: number
  memoryMb: number
  calls: number
}

export interface Measured {
  cases: readonly string[]
  /** The first is what the others are compared with. */
  targets: readonly string[]
  connections: number
  /** By `<case> <target>`, round by round. */
  samples: ReadonlyMap<string, readonly Sample[]>
}

/** Medians of the rounds as a table for people, and as one JSON line for machines. */
export function tell({ cases, targets, connections, samples }: Measured): void {
  const figures: Record<string, object> = {}
  const [base = ''] = targets
  process.stdout.write(
    `gateway on ${machine()}; ${connections} connections, medians; ratios to ${base} round by round\n`,
  )
  for (const name of cases) {
    process.stdout.write(
      `\n${name.padEnd(36)} CPU ms  less CPU   req/s    p50    p95    p99 ms     MB  calls  faults\n`,
    )
    for (const target of targets) {
      const own = samples.get(`${name} ${target}`) ?? []
      const theirs = samples.get(`${name} ${base}`) ?? []
      const median = (of: (sample: Sample, index: number) => number): number => percentile(own.map(of), 0.5)
      const row = {
        cpuMs: median((sample) => sample.cpuMs),
        less: median((sample, round) => (theirs[round]?.cpuMs ?? Number.NaN) / sample.cpuMs),
        perSecond: median((sample) => sample.requests / sample.seconds),
        p50: median((sample) => sample.p50),
        p95: median((sample) => sample.p95),
        p99: median((sample) => sample.p99),
        memoryMb: median((sample) => sample.memoryMb),
        calls: median((sample) => sample.calls),
        faults: own.reduce((sum, { faults }) => sum + faults, 0),
      }
      figures[`${name} ${target}`] = Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, Number(value.toFixed(3))]),
      )
      const cells = [
        row.cpuMs.toFixed(3).padStart(7),
        `x${row.less.toFixed(2)}`.padStart(9),
        row.perSecond.toFixed(0).padStart(8),
        ...[row.p50, row.p95, row.p99].map((value) => value.toFixed(1).padStart(6)),
        row.memoryMb.toFixed(0).padStart(9),
        row.calls.toFixed(2).padStart(6),
        String(row.faults).padStart(7),
      ]
      process.stdout.write(`${target.padEnd(35)}${cells.join(' ')}\n`)
    }
  }
  process.stdout.write(`${JSON.stringify({ bench: 'gateway', machine: machine(), ...figures })}\n`)
}

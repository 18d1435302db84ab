import { cpus, totalmem } from 'node:os'

export interface Figure {
  what: string
  value: number
  unit: string
}

/** A table for people and one JSON line for machines, with the machine that was measured. */
export function report(bench: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length))
  const rows = figures.map(({ what, value, unit }) => `${what.padEnd(width)}  ${round(value)} ${unit}`)
  process.stdout.write(`${bench} on ${machine()}\n${rows.join('\n')}\n`)
  const values = Object.fromEntries(figures.map(({ what, value, unit }) => [what, `${round(value)} ${unit}`]))
  process.stdout.write(`${JSON.stringify({ bench, machine: machine(), ...values })}\n`)
}

/** Processors, memory and Node of the machine that was measured. */
export function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
}

function round(value: number): string {
  return value.toFixed(value < 100 && !Number.isInteger(value) ? 2 : 0)
}

/** The value below which the share `at` of the sorted values lies. */
export function percentile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN
}

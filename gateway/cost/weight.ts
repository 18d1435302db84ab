import type { Applications } from '../directives.ts'

/** What `@cost` says there; undefined where it says nothing that makes sense. */
export function weightAt(cost: Applications, coordinate: string): number | undefined {
  const weight = cost.get(coordinate)?.['weight']
  // Apollo has an integer, IBM a string.
  const number = typeof weight === 'string' || typeof weight === 'number' ? Number(weight) : Number.NaN
  return number >= 0 ? number : undefined
}

/** The seed that was asked for, or a new one; says which. */
export function chooseSeed(given: string | undefined): number {
  const seed = given === undefined ? Date.now() % 1_000_000_007 : Number(given)
  process.stdout.write(`seed ${seed}\n`)
  return seed
}

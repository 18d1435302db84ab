/** A name that begins so and was not taken; now it is. */
export function unusedName(beginning: string, taken: Set<string>): string {
  let number = 0
  while (taken.has(`${beginning}${number}`)) number++
  taken.add(`${beginning}${number}`)
  return `${beginning}${number}`
}

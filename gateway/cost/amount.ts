/** Coerced, as the operation's types have them. */
export type Variables = Readonly<Record<string, unknown>>

/** A number of something: known already, or once the variables are. */
export type Amount = number | ((variables: Variables) => number)

export function sum(amounts: readonly Amount[]): Amount {
  let known = 0
  const open: ((variables: Variables) => number)[] = []
  for (const amount of amounts) {
    if (typeof amount === 'number') known += amount
    else open.push(amount)
  }
  if (open.length === 0) return known
  return (variables) => {
    let total = known
    for (const amount of open) total += amount(variables)
    return total
  }
}

export function times(one: Amount, other: Amount): Amount {
  if (one === 1) return other
  if (other === 1) return one
  if (typeof one === 'number' && typeof other === 'number') return one * other
  return (variables) => evaluate(one, variables) * evaluate(other, variables)
}

export function evaluate(amount: Amount, variables: Variables): number {
  return typeof amount === 'number' ? amount : amount(variables)
}

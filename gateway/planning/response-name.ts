import type { FieldNode } from 'graphql'

/** The name under which a field stands in the answer. */
export function responseName({ alias, name }: FieldNode): string {
  return (alias ?? name).value
}

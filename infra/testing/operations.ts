import { readdirSync, readFileSync } from 'node:fs'
import { Kind, parse, print } from 'graphql'

const FOLDER = new URL('../../schema/operations/', import.meta.url)

/** Every operation of schema/operations by its name, as a client would send it. */
export const OPERATIONS: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.graphql'))
    .flatMap((file) => parse(readFileSync(new URL(file, FOLDER), 'utf8')).definitions)
    .flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? [[node.name?.value ?? '', print(node)] as const] : [],
    ),
)

export function operation(name: string): string {
  const text = OPERATIONS.get(name)
  if (text === undefined) throw new Error(`schema/operations has no ${name}`)
  return text
}

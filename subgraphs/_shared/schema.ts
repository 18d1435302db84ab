import { readFileSync } from 'node:fs'
import { type DocumentNode, parse } from 'graphql'

const FOLDER = new URL('../../schema/', import.meta.url)

/** A room's SDL: what all rooms share, then its own. Read from `schema/`, the only source of the types. */
export function readSchema(room: string): DocumentNode {
  return parse(
    [`${room}.graphql`, 'common.graphql']
      .map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
      .join('\n'),
  )
}

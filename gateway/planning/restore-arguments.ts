import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql'
import type { FetchNode, RequiredSelection } from '../execute/plan.ts'
import type { StandIns } from './stand-ins.ts'

/**
 * Puts the fields back that stand-ins stand for: rooms are asked for them under the stand-in's name as an alias, and told of them
 * under their own.
 */
export function restoreArguments(fetch: FetchNode, standIns: StandIns): FetchNode {
  if (standIns.size === 0) return fetch
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Field(node) {
      const standIn = standIns.get(node.name.value)
      if (standIn === undefined) return undefined
      const { alias = node.name } = node
      return { ...node, alias, name: { kind: Kind.NAME, value: standIn.field }, arguments: standIn.arguments }
    },
  })
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    ...(fetch.requires && { requires: fetch.requires.map((selection) => restoreName(selection, standIns)) }),
    ...(fetch.otherwise && { otherwise: fetch.otherwise.map((part) => restoreArguments(part, standIns)) }),
  }
}

function restoreName(selection: RequiredSelection, standIns: StandIns): RequiredSelection {
  const selections = selection.selections?.map((below) => restoreName(below, standIns))
  if (selection.kind === 'InlineFragment') return { ...selection, selections: selections ?? [] }
  const below = selections && { selections }
  const standIn = standIns.get(selection.name)
  if (standIn === undefined) return { ...selection, ...below }
  return { ...selection, ...below, alias: selection.alias ?? selection.name, name: standIn.field }
}

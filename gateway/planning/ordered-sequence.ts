import type { FetchNode, PlanNode, RequiredSelection } from '../execute/plan.ts'
import { entityFields } from './entity-fields.ts'
import { fieldNames } from './field-set.ts'
import type { Needs } from './needs.ts'

/** A fetch of entities: which they are, what it says of them, and what its `@requires` want to be told. */
interface Fetching {
  place: string
  given: ReadonlySet<string>
  required: ReadonlySet<string>
}

/**
 * Puts fetches of a sequence behind those that bring what their `@requires` name. Where an entity's fields and its interface's
 * meet, Apollo's planner may lose which of two comes first.
 */
export function orderedSequence(nodes: readonly PlanNode[], needs: Needs): PlanNode[] {
  const waiting = nodes.map((node) => ({ node, fetching: fetchingOf(node, needs) }))
  const ordered: PlanNode[] = []
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { node, fetching } = next
    const bringer = waiting.findIndex(
      (later) => brings(later.fetching, fetching) && !brings(fetching, later.fetching),
    )
    // What waited once waits no more: whatever the plan says, this ends.
    const before = bringer === -1 ? [] : waiting.splice(bringer, 1)
    ordered.push(...before.map((later) => later.node), node)
  }
  return ordered
}

/** Whether one fetch gives the same objects a field that the other requires. */
function brings(giver: Fetching | undefined, taker: Fetching | undefined): boolean {
  if (giver === undefined || taker === undefined || giver.place !== taker.place) return false
  return [...giver.given].some((field) => taker.required.has(field))
}

function fetchingOf(node: PlanNode, needs: Needs): Fetching | undefined {
  if (node.kind !== 'Flatten' || node.node.kind !== 'Fetch' || node.node.requires === undefined)
    return undefined
  const types = typesOf(node.node.requires)
  const fields = entityFields(node.node)
  return {
    place: JSON.stringify([node.path, types]),
    given: new Set(fields.map(({ field }) => field)),
    required: requiredBesideKeys(node.node, fields, types, needs),
  }
}

/** Keys do not count: they are at hand long before, and rooms say them again and again. */
function requiredBesideKeys(
  { serviceName: room }: FetchNode,
  fields: readonly { type: string; field: string }[],
  types: readonly string[],
  needs: Needs,
): Set<string> {
  const required = new Set(
    fields.flatMap(({ type, field }) => {
      const needed = needs.ofField(room, type, field)
      return needed === undefined ? [] : fieldNames(needed)
    }),
  )
  for (const type of types) {
    for (const name of needs.keys(room, type).flatMap(fieldNames)) required.delete(name)
  }
  return required
}

/** The types of objects that are told of. */
function typesOf(requires: readonly RequiredSelection[]): string[] {
  const types = requires.flatMap((selection) =>
    selection.kind === 'InlineFragment' ? (selection.typeCondition ?? []) : [],
  )
  return [...new Set(types)].sort()
}

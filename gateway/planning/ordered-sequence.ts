import type { PlanNode, RequiredSelection } from '../execute/plan.ts'
import { entityFields } from './entity-fields.ts'

/** A fetch of entities: where they are, what it says of them, and what it wants to be told. */
interface Fetching {
  path: string
  given: ReadonlySet<string>
  required: ReadonlySet<string>
}

/**
 * Puts fetches of a sequence behind those that bring what they require. Where an entity's fields and its interface's meet,
 * Apollo's planner may lose which of two comes first.
 */
export function orderedSequence(nodes: readonly PlanNode[]): PlanNode[] {
  const waiting = nodes.map((node) => ({ node, fetching: fetchingOf(node) }))
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
  if (giver === undefined || taker === undefined || giver.path !== taker.path) return false
  return [...giver.given].some((field) => taker.required.has(field))
}

function fetchingOf(node: PlanNode): Fetching | undefined {
  if (node.kind !== 'Flatten' || node.node.kind !== 'Fetch' || node.node.requires === undefined)
    return undefined
  const given = new Set(entityFields(node.node).map(({ field }) => field))
  given.delete('__typename')
  return { path: node.path.join(), given, required: new Set(node.node.requires.flatMap(namesOf)) }
}

function namesOf(selection: RequiredSelection): string[] {
  return selection.kind === 'Field' ? [selection.name] : selection.selections.flatMap(namesOf)
}

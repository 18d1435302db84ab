import type { SelectionSetNode } from 'graphql'
import type { FetchNode, RequiredSelection } from '../execute/plan.ts'
import { entityFields, keepEntityFields } from './entity-fields.ts'
import { printFieldSet } from './field-set.ts'
import { keyedRequires } from './keyed-requires.ts'
import type { Needs } from './needs.ts'
import { requiredPart } from './required-part.ts'
import type { StandIns } from './stand-ins.ts'

/**
 * Splits a fetch of entities whose fields need different things of their objects. Usually all are asked for together, and each
 * group that needs the same is asked for alone (`otherwise`) of objects that lack what others need: because it was skipped, or its
 * room failed. Groups that need one field with different arguments cannot go together: a representation has one value for it.
 */
export function createSplit(needs: Needs, standIns: StandIns): (fetch: FetchNode) => FetchNode[] {
  return (planned) => {
    if (planned.requires === undefined) return [planned]
    const { serviceName: room } = planned
    const requires = keyedRequires(planned.requires, room, needs)
    const fetch = { ...planned, requires: [...requires] }
    const groups = new Map<string, SelectionSetNode | undefined>()
    for (const { type, field } of entityFields(fetch)) {
      const needed = needs.ofField(room, type, field)
      groups.set(nameOf(needed), needed)
    }
    const whole = { ...fetch, needsAll: [...groups.values()].some((needed) => needed !== undefined) }
    if (groups.size < 2) return [whole]

    const crews: string[][] = []
    for (const group of groups.keys()) {
      const crew = crews.find((members) => !clash(requiredOf([...members, group])))
      if (crew === undefined) crews.push([group])
      else crew.push(group)
    }
    return crews.map((crew) => {
      const together = crews.length === 1 ? whole : partOf(crew)
      return crew.length === 1 ? together : { ...together, otherwise: crew.map((group) => partOf([group])) }
    })

    function partOf(crew: readonly string[]): FetchNode {
      const isOfCrew = (type: string, field: string): boolean =>
        crew.includes(nameOf(needs.ofField(room, type, field)))
      const needsAll = crew.some((group) => groups.get(group) !== undefined)
      return { ...fetch, ...keepEntityFields(fetch, isOfCrew), requires: requiredOf(crew), needsAll }
    }

    function requiredOf(crew: readonly string[]): RequiredSelection[] {
      const wanted = crew.flatMap((group) => groups.get(group) ?? [])
      const all = [...groups.values()].flatMap((needed) => needed ?? [])
      return requires.map((selection): RequiredSelection => {
        if (selection.kind === 'Field') return selection
        const keys = needs.keys(room, selection.typeCondition ?? '')
        return { ...selection, selections: requiredPart(selection.selections, keys, wanted, all) }
      })
    }
  }

  /** Whether two fields would stand in one place of a representation, though they are asked with different arguments. */
  function clash(requires: readonly RequiredSelection[]): boolean {
    const standing = new Map<string, string>()
    const isTaken = (selection: RequiredSelection, place: string): boolean => {
      const { selections = [] } = selection
      if (selection.kind === 'InlineFragment') return selections.some((below) => isTaken(below, place))
      const here = `${place}.${standIns.get(selection.name)?.field ?? selection.name}`
      const known = standing.get(here) ?? selection.name
      standing.set(here, selection.name)
      return known !== selection.name || selections.some((below) => isTaken(below, here))
    }
    return requires.some((selection) => isTaken(selection, ''))
  }
}

/** Groups go by what their fields need; the nameless one needs nothing but the key. */
function nameOf(needed: SelectionSetNode | undefined): string {
  return needed === undefined ? '' : printFieldSet(needed)
}

import { Kind, type SelectionSetNode } from 'graphql'
import type { RequiredSelection } from '../execute/plan.ts'

/** Names of fields and what is below them, whatever type they are selected on. */
interface Names extends Map<string, Names> {}

/**
 * The part of an object's `requires` that stays when only some of its fields are asked for: its key, and what these need.
 * @param keys by which the room resolves the object
 * @param wanted what the fields that are asked for need
 * @param all what any field needs
 */
export function requiredPart(
  selections: readonly RequiredSelection[],
  keys: readonly SelectionSetNode[],
  wanted: readonly SelectionSetNode[],
  all: readonly SelectionSetNode[],
): RequiredSelection[] {
  const given = namesOfRequired(selections)
  const needed = namesOf(all)
  const usable = keys.map((key) => namesOf([key])).filter((key) => contains(given, key))
  // A key that no field needs besides is there whenever the object is.
  const key = usable.find((names) => ![...names.keys()].some((name) => needed.has(name))) ?? usable[0]
  const names = add(namesOf(wanted), key ?? new Map([...given].filter(([name]) => !needed.has(name))))
  return intersection(selections, add(names, new Map([['__typename', new Map()]])))
}

/** Whether one of the keys is among what is selected. */
export function hasKey(selections: readonly RequiredSelection[], keys: readonly SelectionSetNode[]): boolean {
  const given = namesOfRequired(selections)
  return keys.some((key) => contains(given, namesOf([key])))
}

function intersection(selections: readonly RequiredSelection[], names: Names): RequiredSelection[] {
  return selections.flatMap((selection): RequiredSelection[] => {
    if (selection.kind === 'InlineFragment') {
      const below = intersection(selection.selections, names)
      return below.length === 0 ? [] : [{ ...selection, selections: below }]
    }
    const inside = names.get(selection.name)
    if (inside === undefined) return []
    if (selection.selections === undefined) return [selection]
    return [{ ...selection, selections: intersection(selection.selections, inside) }]
  })
}

function namesOf(fieldSets: readonly SelectionSetNode[]): Names {
  const names: Names = new Map()
  for (const { selections } of fieldSets) {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue
      const below = selection.selectionSet === undefined ? new Map() : namesOf([selection.selectionSet])
      if (selection.kind === Kind.INLINE_FRAGMENT) add(names, below)
      else names.set(selection.name.value, add(below, names.get(selection.name.value)))
    }
  }
  return names
}

function namesOfRequired(selections: readonly RequiredSelection[]): Names {
  const names: Names = new Map()
  for (const selection of selections) {
    const below = namesOfRequired(selection.selections ?? [])
    if (selection.kind === 'InlineFragment') add(names, below)
    else names.set(selection.name, add(below, names.get(selection.name)))
  }
  return names
}

function contains(names: Names, others: Names): boolean {
  return [...others].every(([name, below]) => contains(names.get(name) ?? NONE, below) && names.has(name))
}

const NONE: Names = new Map()

function add(names: Names, others: Names | undefined): Names {
  for (const [name, below] of others ?? []) {
    const known = names.get(name)
    if (known === undefined) names.set(name, below)
    else add(known, below)
  }
  return names
}

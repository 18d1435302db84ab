import type { RequiredFragment, RequiredSelection } from '../execute/plan.ts'
import type { Needs } from './needs.ts'
import { hasKey } from './required-part.ts'

/**
 * Puts the key beside everything that is required. The planner may say the key of one type and what is required of its interface,
 * or the other way round: then objects of other types would be told of without a key, and no room could tell which they are.
 */
export function keyedRequires(
  requires: readonly RequiredSelection[],
  room: string,
  needs: Needs,
): readonly RequiredSelection[] {
  const fragments = requires.filter((selection) => selection.kind === 'InlineFragment')
  const isKeyed = ({ typeCondition = '', selections }: RequiredFragment): boolean =>
    hasKey(selections, needs.keys(room, typeCondition))
  const keyed = fragments.filter(isKeyed)
  const others = fragments.filter((fragment) => !isKeyed(fragment))
  if (fragments.length < requires.length || keyed.length === 0 || others.length === 0) return requires
  const narrowed = keyed.map((fragment) => {
    const wider = others.filter((other) => needs.isOfType(fragment.typeCondition, other.typeCondition))
    return {
      ...fragment,
      selections: [...fragment.selections, ...wider.flatMap(({ selections }) => selections)],
    }
  })
  const added = others.flatMap((other) => {
    const wider = keyed.filter(
      ({ typeCondition }) =>
        typeCondition !== other.typeCondition && needs.isOfType(other.typeCondition, typeCondition),
    )
    return wider.map((fragment) => ({ ...other, selections: [...fragment.selections, ...other.selections] }))
  })
  return [...narrowed, ...added]
}

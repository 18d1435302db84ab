import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'

/** Stands in a document where an id is to be: the ids of this type are variables, so that one document asks about all. */
export interface IdOf {
  idOf: string
}

/** What is to be found by words: what the private thing is called. */
export const WORDS = 'Xylograph Quokka Serenade'

/** Texts that are needed, by the name of their argument. */
const TEXTS: Readonly<Record<string, string>> = {
  query: WORDS,
  prefix: WORDS.slice(0, 9),
  name: 'A list of my own',
  displayName: 'Nobody in particular',
  email: 'nobody@cadenza.example',
  password: 'not the password of anybody',
  token: 'not-an-invitation',
  refreshToken: 'not-a-token',
  country: 'SE',
  title: 'A song of my own',
  fileName: 'song.wav',
  reason: 'No reason at all',
  month: '2026-10',
  currency: 'SEK',
  holderKey: 'nobody-known',
}
const PAGE = 3

/** What the door asks a room's entities by: a variable of its own, for what is in it depends on the room. */
export const REPRESENTATIONS = 'representations'

/** What a plain `id` or `ids` is of, by the input or the root field that has it, where that is not what the field returns. */
const PLAIN_IDS: Readonly<Record<string, string>> = {
  CatalogRestoreInput: 'Track',
  CatalogTakeDownInput: 'Track',
  DeviceInput: 'Device',
  DeviceRemoveInput: 'Device',
  FollowInput: 'User',
  LibrarySaveInput: 'Track',
  OfflineAddInput: 'Playlist',
  OfflineRemoveInput: 'Playlist',
  playlistChanged: 'Playlist',
  playlistPresence: 'Playlist',
}

/** Names of arguments that are ids, without `Id` or `Ids` at their end, whose type is called otherwise. */
const ID_TYPES: Readonly<Record<string, string>> = {
  item: 'PlaylistItem',
  folder: 'PlaylistFolder',
  parent: 'PlaylistFolder',
  context: 'Playlist',
  before: 'PlaylistItem',
  after: 'PlaylistItem',
  seeds: 'Track',
  play: 'Playback',
  session: 'Playback',
}

/** What a plain id of a root field is of: `returned` where nothing else is known. */
export function subjectOf(field: string, returned: string): string {
  return PLAIN_IDS[field] ?? returned
}

/**
 * A value for an argument: what is required, and every id, whether or not it is. `subject` is the type that a plain `id` names.
 * Undefined where it is best left out; throws for what it cannot know.
 */
export function fill({ name, type }: GraphQLArgument | GraphQLInputField, subject: string): unknown {
  const isRequired = isNonNullType(type)
  const value = fillType(name, getNullableType(type), subject, isRequired)
  if (value === undefined && isRequired)
    throw new Error(`The matrix does not know what "${name}: ${type}" is: say it in visibility/arguments.ts`)
  return value
}

function fillType(name: string, type: GraphQLInputType, subject: string, isRequired: boolean): unknown {
  if (name === REPRESENTATIONS) return { idOf: name } satisfies IdOf
  if (isListType(type)) {
    const item = fillType(name, getNullableType(type.ofType), subject, isRequired)
    return item === undefined ? undefined : [item]
  }
  if (isInputObjectType(type)) {
    const own = PLAIN_IDS[type.name] ?? subject
    const entries = Object.values(type.getFields()).map((field) => [field.name, fill(field, own)] as const)
    // Of those that are "exactly one of these".
    const given = entries.filter(([, value]) => value !== undefined)
    return Object.fromEntries(chosenOf(type.name, given))
  }
  if (isEnumType(type)) return isRequired ? { enumValue: type.getValues().at(-1)?.name } : undefined
  const { name: scalar } = type as { name: string }
  if (scalar === 'ID') return { idOf: idTypeOf(name, subject) } satisfies IdOf
  if (scalar === 'Int' && name === 'first') return PAGE
  if (!isRequired) return undefined
  if (scalar === 'Int' || scalar === 'Long' || scalar === 'Float') return 1
  if (scalar === 'Boolean') return true
  if (scalar === 'DateTime') return '2026-11-21T12:00:00.000Z'
  return TEXTS[name]
}

/** Of inputs of which exactly one field may be given: which one says most. */
const ONE_OF: Readonly<Record<string, string>> = { PlayerControlInput: 'play', PlayInput: 'contextId' }

function chosenOf(type: string, given: readonly (readonly [string, unknown])[]): typeof given {
  if (type === 'PlaylistPosition') return given.slice(0, 1)
  const chosen = ONE_OF[type]
  return chosen === undefined ? given : given.filter(([name]) => name === chosen)
}

function idTypeOf(name: string, subject: string): string {
  if (name === 'id' || name === 'ids') return subject
  const stem = name.replace(/Ids?$/, '')
  return ID_TYPES[stem] ?? `${stem.slice(0, 1).toUpperCase()}${stem.slice(1)}`
}

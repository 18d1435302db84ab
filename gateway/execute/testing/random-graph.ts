import { parse } from 'graphql'
import { type Chance, createChance } from './chance.ts'
import { createDraft, type Draft } from './draft.ts'
import { composeGraph, type Graph } from './graphs.ts'

/** Seeds of supergraphs that have everything between them. */
export const RANDOM_GRAPHS = [1, 5, 10, 21, 23] as const

/** The room that knows interfaces as objects: of their implementations it may not know anything. */
const ANNEX = 'annex'

/** Ways to tell entities apart: by one field, by two, or by one of an object. */
const KEYS = ['id', 'code', 'serial region', 'tag { label }'] as const

/**
 * A supergraph of what federation has: entities with several keys in several rooms, interfaces, `@interfaceObject`, unions, enums,
 * inputs, `@shareable`, `@requires` with and without arguments, `@provides`, `@override`, `@inaccessible`. The same for a seed:
 * drafts that do not compose are drawn again.
 */
export function randomGraph(seed: number): Graph {
  for (let attempt = 0; attempt < 500; attempt++) {
    const sdl = draftSubgraphs(createChance(seed * 7919 + attempt))
    const documents = Object.fromEntries(Object.entries(sdl).map(([room, text]) => [room, parse(text)]))
    try {
      return composeGraph(documents)
    } catch {
      // Not every draft makes sense: the next one is tried.
    }
  }
  throw new Error(`No supergraph composes for seed ${seed}`)
}

/** An entity: the rooms that know it, and the keys it has in each. */
interface Entity {
  name: string
  rooms: string[]
  keys: string[]
  isShown: boolean
}

function draftSubgraphs(chance: Chance): Record<string, string> {
  const rooms = Array.from({ length: 3 + chance.below(3) }, (_, index) => `r${index}`)
  const draft = createDraft([...rooms, ANNEX])
  const entities = Array.from({ length: 3 + chance.below(3) }, (_, index) => draftEntity(`E${index}`))
  const interfaces = entities.length > 3 ? ['I0', 'I1'] : ['I0']
  const shown = new Map(interfaces.map((name) => [name, draftInterface(name)]))
  for (const entity of entities) draftFields(entity)
  for (const entity of entities) if (entity.rooms.length > 1) draftRequires(entity)
  for (const entity of entities) if (entity.rooms.length > 1 && chance.onceIn(2)) draftOverride(entity)
  draftProvides()
  draftRoots()
  return draft.sdl()

  function some<Item>(items: readonly Item[], least: number): Item[] {
    const left = [...items]
    const count = Math.min(items.length, least + chance.below(items.length))
    return Array.from({ length: count }, () => left.splice(chance.below(left.length), 1)[0] as Item)
  }

  /** Rooms that know an entity share its first key; some have others, and some keys lead nowhere. */
  function draftEntity(name: string): Entity {
    const keys = ['id', ...some(KEYS.slice(1), 0)]
    const entity = { name, rooms: some(rooms, 2), keys, isShown: false }
    for (const [index, room] of entity.rooms.entries()) {
      const type = draft.type(room, name)
      const here = index === 0 ? keys : some(keys, 1)
      for (const key of here) {
        const isBarren = index > 0 && here.length > 1 && chance.onceIn(3)
        addKey(type, room, key, isBarren)
      }
    }
    return entity
  }

  function addKey(type: Draft, room: string, key: string, isBarren = false): void {
    type.directives.add(`@key(fields: "${key}"${isBarren ? ', resolvable: false' : ''})`)
    if (key === 'tag { label }') {
      draft.type(room, 'Tag').directives.add('@shareable')
      draft.type(room, 'Tag').fields.set('label', 'label: ID!')
      type.fields.set('tag', 'tag: Tag!')
      return
    }
    for (const field of key.split(' '))
      type.fields.set(field, `${field}: ${field === 'region' ? 'Int' : 'ID'}!`)
  }

  /** An interface of entities in one room; by its key another room may add fields to all of them at once. */
  function draftInterface(name: string): string {
    const room = chance.pick(rooms)
    const members = some(entities, 2)
    const isEntity = !chance.onceIn(3)
    const type = draft.type(room, name, 'interface')
    type.fields.set('title', 'title: String')
    type.fields.set('rank', 'rank(by: Int = 1): Int')
    if (isEntity) addKey(type, room, 'id')
    for (const entity of members) {
      if (!entity.rooms.includes(room)) entity.rooms.push(room)
      const member = draft.type(room, entity.name)
      member.interfaces.add(name)
      member.directives.delete('@key(fields: "id", resolvable: false)')
      addKey(member, room, 'id')
      member.fields.set('title', 'title: String @shareable')
      member.fields.set('rank', 'rank(by: Int = 1): Int @shareable')
    }
    if (isEntity) draftInterfaceObject(name)
    return room
  }

  /** What one room says of all objects of an interface, without a word of what they are. */
  function draftInterfaceObject(name: string): void {
    const type = draft.type(ANNEX, name)
    type.directives.add('@interfaceObject')
    addKey(type, ANNEX, 'id')
    type.fields.set(`${name}stars`, `${name}stars(most: Int): Float`)
    type.fields.set(`${name}parts`, `${name}parts: [${addPart([ANNEX])}!]`)
    if (chance.onceIn(2)) {
      type.fields.set('title', 'title: String @external')
      type.fields.set(`${name}byline`, `${name}byline: String @requires(fields: "title")`)
    }
    draft.query(ANNEX, `${name}best`, `${name}best: [${name}]`)
  }

  function draftFields(entity: Entity): void {
    const count = 3 + chance.below(4)
    for (let index = 0; index < count; index++) {
      const name = `${entity.name}f${index}`
      const owners = chance.onceIn(4) ? some(entity.rooms, 2) : [chance.pick(entity.rooms)]
      const text = fieldText(name, owners)
      for (const room of owners) {
        const directives = `${owners.length > 1 ? ' @shareable' : ''}${chance.onceIn(15) ? ' @inaccessible' : ''}`
        draft.type(room, entity.name).fields.set(name, text + directives)
      }
    }
  }

  /** A field that all of the rooms can have: of entities only where all know them. */
  function fieldText(name: string, owners: readonly string[]): string {
    const args = chance.onceIn(4) ? chance.pick(['(first: Int)', '(by: Filter)', '(mood: Mood = CALM)']) : ''
    for (const room of owners) if (args !== '') draft.inputs(room)
    return `${name}${args}: ${wrapped(typeFor(owners))}`
  }

  function typeFor(owners: readonly string[]): string {
    const [room = ''] = owners
    if (chance.onceIn(3)) return chance.pick(['Int', 'Float', 'String', 'Boolean', 'ID'])
    if (chance.onceIn(5)) return addMood(owners)
    if (chance.onceIn(3)) return addPart(owners)
    const here = entities.filter(({ rooms: known }) => owners.every((owner) => known.includes(owner)))
    const abstract = [...shown].filter(([, home]) => owners.length === 1 && home === room)
    if (abstract.length > 0 && chance.onceIn(2)) return chance.pick(abstract)[0]
    if (owners.length === 1 && here.length > 1 && chance.onceIn(3)) return addUnion(room, here)
    return here.length === 0 ? 'String' : chance.pick(here).name
  }

  function wrapped(type: string): string {
    return chance.pick([type, type, `${type}!`, `[${type}]`, `[${type}!]`, `[${type}!]!`, `[[${type}]!]`])
  }

  function addMood(owners: readonly string[]): string {
    for (const room of owners) draft.enum(room, 'Mood', ['CALM', 'LOUD', 'ODD'])
    return 'Mood'
  }

  /** A value: the same in all rooms that have it. */
  function addPart(owners: readonly string[]): string {
    for (const room of owners) {
      const part = draft.type(room, 'Part')
      part.directives.add('@shareable')
      part.fields.set('size', 'size: Int')
      part.fields.set('label', 'label(upper: Boolean): String')
      part.fields.set('mood', 'mood: Mood')
      part.fields.set('inner', 'inner: Part')
      draft.enum(room, 'Mood', ['CALM', 'LOUD', 'ODD'])
    }
    return 'Part'
  }

  function addUnion(room: string, members: readonly Entity[]): string {
    const name = `U${room}`
    draft.union(
      room,
      name,
      some(members, 2).map((entity) => entity.name),
    )
    return name
  }

  /** One room has what another makes its field of. */
  function draftRequires({ name, rooms: known }: Entity): void {
    const [owner = '', maker = ''] = some(known, 2)
    const home = draft.type(owner, name)
    const guest = draft.type(maker, name)
    const [price, part] = [`${name}price`, `${name}part`]
    home.fields.set(price, `${price}(currency: String): Int`)
    home.fields.set(part, `${part}: ${chance.pick(['Part', '[Part]'])}`)
    addPart([owner, maker])
    const made = (field: string, requires: string): void => {
      guest.fields.set(field, `${field}: String @requires(fields: ${JSON.stringify(requires)})`)
    }
    guest.fields.set(price, `${price}(currency: String): Int @external`)
    guest.fields.set(part, `${home.fields.get(part)} @external`)
    made(`${name}cost`, `${price}(currency: "EUR")`)
    made(`${name}price2`, `${price}(currency: "USD") ${part} { size }`)
    if (chance.onceIn(2)) made(`${name}plain`, `${price}`)
    if (chance.onceIn(2)) made(`${name}deep`, `${part} { label(upper: true) inner { size } }`)
    const friends = entities.filter(({ rooms: here }) => here.includes(owner) && here.includes(maker))
    const friend = chance.pick(friends).name
    const [link, nick] = [`${name}friend`, `${friend}nick`]
    home.fields.set(link, `${link}: ${chance.pick([friend, `[${friend}]`])}`)
    guest.fields.set(link, `${home.fields.get(link)} @external`)
    draft.type(owner, friend).fields.set(nick, `${nick}: String @shareable`)
    draft.type(maker, friend).fields.set(nick, `${nick}: String @external`)
    made(`${name}fond`, `${link} { ${nick} }`)
  }

  function draftOverride({ name, rooms: known }: Entity): void {
    const [before = '', after = ''] = some(known, 2)
    const field = `${name}moved`
    draft.type(before, name).fields.set(field, `${field}: String`)
    draft.type(after, name).fields.set(field, `${field}: String @override(from: "${before}")`)
  }

  /** A field of one room brings a field along that is another room's. */
  function draftProvides(): void {
    const entity = chance.pick(entities)
    const [owner = '', provider = ''] = some(entity.rooms, 2)
    if (provider === '') return
    const field = `${entity.name}name`
    draft.type(owner, entity.name).fields.set(field, `${field}: String @shareable`)
    draft.type(provider, entity.name).fields.set(field, `${field}: String @external`)
    const provides = `@provides(fields: "${field}")`
    draft.query(provider, `${field}d`, `${field}d: [${entity.name}] ${provides}`)
  }

  function draftRoots(): void {
    for (const room of rooms) {
      const here = entities.filter(({ rooms: known }) => known.includes(room))
      draft.query(room, `${room}q`, fieldText(`${room}q`, [room]))
      for (const { name } of some(here, 1)) {
        draft.query(room, `${room}${name}`, `${room}${name}(id: ID): ${wrapped(name)}`)
      }
      if (chance.onceIn(2)) draft.mutation(room, `${room}do`, fieldText(`${room}do`, [room]))
    }
    const sharing = some(rooms, 2)
    addPart(sharing)
    for (const room of sharing) draft.query(room, 'shared', 'shared: Part @shareable')
  }
}

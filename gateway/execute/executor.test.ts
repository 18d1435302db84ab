import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { AppError } from '#shared/errors.ts'
import type { Caller } from '../caller.ts'
import { createExecutor } from './executor.ts'
import type { QueryPlan } from './plan.ts'
import { entities, listsGraph, prepare } from './testing/shop.ts'

const NOBODY = {} as Caller

const rows = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    position: index,
    track: { __typename: 'Track', id: `t${index % 20}` },
    addedBy: { __typename: 'User', id: `u${index % 3}` },
  }))

const PAGE = '{ list { items { position track { title album { title } } addedBy { name } } } }'

describe('representations', () => {
  it('asks for 20 tracks and 3 people of 200 rows once each, in one request a room', async () => {
    const { run, calls } = prepare(PAGE, (room, call) => {
      if (room === 'lists') return { data: { list: { items: rows(200) } } }
      return entities(call, ({ id }) =>
        room === 'users'
          ? { name: `name of ${id}` }
          : { title: `title of ${id}`, album: { title: `album of ${id}` } },
      )
    })

    const { data, errors } = await run()

    const sent = calls.map(({ room, variables }) => [
      room,
      (variables?.['representations'] as unknown[])?.length,
    ])
    expect(sent.sort()).toEqual([
      ['catalog', 20],
      ['lists', undefined],
      ['users', 3],
    ])
    expect(errors).toEqual([])
    expect(data).toMatchObject({ list: { items: { length: 200 } } })
    expect((data as { list: { items: unknown[] } }).list.items[43]).toEqual({
      position: 43,
      track: { title: 'title of t3', album: { title: 'album of t3' } },
      addedBy: { name: 'name of u1' },
    })
  })

  it('sends nothing for objects that are null, and skips a room with nothing to ask', async () => {
    const { run, calls } = prepare('{ list { items { track { title } } } }', () => ({
      data: { list: { items: [null, { track: null }] } },
    }))

    expect(await run()).toEqual({ data: { list: { items: [null, { track: null }] } }, errors: [] })
    expect(calls).toHaveLength(1)
  })

  it('walks lists of lists', async () => {
    const { run, calls } = prepare('{ list { grid { title } } }', (room, call) =>
      room === 'lists'
        ? {
            data: {
              list: {
                grid: [[{ __typename: 'Track', id: '1' }, null], null, [{ __typename: 'Track', id: '1' }]],
              },
            },
          }
        : entities(call, () => ({ title: 'one' })),
    )

    expect((await run()).data).toEqual({
      list: { grid: [[{ title: 'one' }, null], null, [{ title: 'one' }]] },
    })
    expect(calls[1]?.variables).toEqual({ representations: [{ __typename: 'Track', id: '1' }] })
  })
})

describe('fetches of one room', () => {
  const TWO = '{ list { owner { image(width: 1) } items { addedBy { name } } } }'
  const owner = { __typename: 'User', id: 'o' }

  it('travel in one request when they are parallel, each under its own name', async () => {
    const { run, calls } = prepare(TWO, (room, call) =>
      room === 'lists'
        ? { data: { list: { owner, items: rows(2) } } }
        : entities(call, ({ id }) => ({ name: `name of ${id}`, image: `image of ${id}` })),
    )

    expect(await run()).toEqual({
      data: {
        list: {
          owner: { image: 'image of o' },
          items: [{ addedBy: { name: 'name of u0' } }, { addedBy: { name: 'name of u1' } }],
        },
      },
      errors: [],
    })
    expect(calls.map(({ room }) => room)).toEqual(['lists', 'users'])
    expect(() => parse(calls[1]?.query ?? '')).not.toThrow()
  })

  it('travel alone when the others have nothing to ask', async () => {
    const { run, calls } = prepare(TWO, (room, call) =>
      room === 'lists' ? { data: { list: { owner, items: [] } } } : entities(call, () => ({ image: 'i' })),
    )

    expect((await run()).data).toEqual({ list: { owner: { image: 'i' }, items: [] } })
    expect(Object.keys(calls[1]?.variables ?? {})).toEqual(['representations'])
  })

  it('are one question with two routes when they ask the same', async () => {
    const { run, calls } = prepare('{ list { owner { name } items { addedBy { name } } } }', (room, call) =>
      room === 'lists'
        ? { data: { list: { owner: { __typename: 'User', id: 'u0' }, items: rows(2) } } }
        : entities(call, ({ id }) => ({ name: `name of ${id}` })),
    )

    const { data } = await run()

    expect(data).toMatchObject({ list: { owner: { name: 'name of u0' } } })
    expect(calls[1]?.variables?.['representations']).toHaveLength(2)
  })

  it('keep apart what they ask under one name with different arguments', async () => {
    const source = `query ($wide: Int) {
      list { owner { favourite { x: fans } image(width: $wide) } items { addedBy { favourite { x: id } image(width: 2) } } } }`
    const { run } = prepare(source, (room, call) =>
      room === 'lists'
        ? { data: { list: { owner: { __typename: 'User', id: 'u0' }, items: rows(1) } } }
        : entities(call, ({ id }) => ({
            image: `${call.variables?.['wide']} of ${id}`,
            favourite: { x: 7 },
          })),
    )

    expect(await run({ wide: 9 })).toEqual({
      data: {
        list: {
          owner: { favourite: { x: 7 }, image: '9 of u0' },
          items: [{ addedBy: { favourite: { x: '7' }, image: '9 of u0' } }],
        },
      },
      errors: [],
    })
  })
})

describe('places that share an answer', () => {
  it('do not share what is asked for below one of them', async () => {
    const source = `{ list {
      owner { favourite { x: name(upper: true) } }
      items { addedBy { favourite { x: name(upper: false) } } } } }`
    const { run, calls } = prepare(source, (room, call) => {
      if (room === 'lists') {
        return { data: { list: { owner: { __typename: 'User', id: 'u0' }, items: rows(4) } } }
      }
      if (room === 'users') return entities(call, () => ({ favourite: { __typename: 'Album', id: 'a' } }))
      const isUpper = call.query.indexOf('upper: true') < call.query.indexOf('upper: false')
      const { data } = entities(call, () => null)
      const names = Object.keys(data ?? {})
      return {
        data: {
          [names[isUpper ? 0 : 1] ?? '']: [{ x: 'UP' }],
          [names[isUpper ? 1 : 0] ?? '']: [{ x: 'low' }],
        },
      }
    })

    const { data, errors } = await run()

    const low = { addedBy: { favourite: { x: 'low' } } }
    expect(errors).toEqual([])
    expect(data).toEqual({ list: { owner: { favourite: { x: 'UP' } }, items: [low, low, low, low] } })
    expect(calls.map(({ room }) => room)).toEqual(['lists', 'users', 'catalog'])
  })
})

describe('errors', () => {
  it('stand at every place of the representation that failed', async () => {
    const { run } = prepare('{ list { items { track { plays } } } }', (room) =>
      room === 'lists'
        ? { data: { list: { items: [...rows(1), ...rows(2)] } } }
        : {
            data: { _entities: [{ plays: null }, { plays: 5 }] },
            errors: [
              { message: 'no plays', path: ['_entities', 0, 'plays'], extensions: { code: 'NOT_FOUND' } },
            ],
          },
    )

    const { data, errors } = await run()

    expect(data).toEqual({
      list: { items: [{ track: { plays: null } }, { track: { plays: null } }, { track: { plays: 5 } }] },
    })
    expect(errors.map(({ path }) => path)).toEqual([
      ['list', 'items', 0, 'track', 'plays'],
      ['list', 'items', 1, 'track', 'plays'],
    ])
    expect(errors[0]?.extensions?.['code']).toBe('NOT_FOUND')
  })

  it('of a room that throws are one, where all its places meet, and other rooms go on', async () => {
    const { run } = prepare(PAGE, (room, call) => {
      if (room === 'lists') return { data: { list: { items: rows(30) } } }
      if (room === 'catalog') throw new AppError('TIMEOUT', 'too slow')
      return entities(call, () => ({ name: 'n' }))
    })

    const { data, errors } = await run()

    expect(errors).toMatchObject([
      { message: 'too slow', path: ['list', 'items'], extensions: { code: 'TIMEOUT' } },
    ])
    expect((data as { list: { items: unknown[] } }).list.items[29]).toEqual({
      position: 29,
      track: null,
      addedBy: { name: 'n' },
    })
  })

  it('are told when a room answers nothing, the wrong number of entities, or garbage', async () => {
    const answers: unknown[] = [
      {},
      { data: { _entities: [] } },
      { data: { _entities: 'all' } },
      null,
      7,
      { data: 'x', errors: 'y' },
      { errors: [null, 5, { message: 3, path: [{}] }] },
    ]
    for (const answer of answers) {
      const { run } = prepare('{ list { items { track { plays } } } }', (room) =>
        room === 'lists' ? { data: { list: { items: rows(2) } } } : (answer as object),
      )
      const { data, errors } = await run()
      expect(data).toEqual({ list: { items: [{ track: { plays: null } }, { track: { plays: null } }] } })
      expect(errors.length).toBeGreaterThan(0)
      expect(errors[0]?.path).toEqual(['list', 'items'])
    }
  })

  it('say where a root field is missing', async () => {
    const { run } = prepare('{ me { name } list { name } }', (room) =>
      room === 'users' ? {} : { data: { list: { name: 'l' } } },
    )

    expect(await run()).toMatchObject({ data: { me: null, list: { name: 'l' } }, errors: [{ path: ['me'] }] })
  })
})

describe('nulls', () => {
  it('go up to the nearest place that may be null, with one error that names the field', async () => {
    const { run } = prepare('{ list { items { position track { id title } } } }', (room, call) =>
      room === 'lists'
        ? { data: { list: { items: rows(2) } } }
        : entities(call, ({ id }) => ({ title: id === 't0' ? null : 't' })),
    )

    expect(await run()).toMatchObject({
      data: {
        list: {
          items: [
            { position: 0, track: null },
            { position: 1, track: { id: 't1', title: 't' } },
          ],
        },
      },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Track.title.',
          path: ['list', 'items', 0, 'track', 'title'],
        },
      ],
    })
  })

  it('are no error where the owner says that there is no such thing', async () => {
    const { run } = prepare('{ list { items { position track { id title } } } }', (room, call) =>
      room === 'lists'
        ? { data: { list: { items: rows(2) } } }
        : entities(call, ({ id }) => (id === 't0' ? null : { title: 't' })),
    )

    const { data, errors } = await run()

    expect(data).toMatchObject({ list: { items: [{ position: 0, track: null }, { track: { id: 't1' } }] } })
    expect(errors ?? []).toEqual([])
  })

  it('have no second error where a room has given one', async () => {
    const { run } = prepare('{ list { items { track { title } } } }', (room) =>
      room === 'lists'
        ? { data: { list: { items: rows(1) } } }
        : { data: { _entities: [null] }, errors: [{ message: 'gone', path: ['_entities', 0, 'title'] }] },
    )

    const { errors } = await run()

    expect(errors.map(({ message }) => message)).toEqual(['gone'])
  })

  it('reach the root when nothing on the way may be null', async () => {
    const { run } = prepare('{ lists { name } }', () => ({ data: { lists: [{ name: null }] } }))

    expect(await run()).toMatchObject({ data: null, errors: [{ path: ['lists', 0, 'name'] }] })
  })
})

describe('values', () => {
  const one = async (field: string, value: unknown): Promise<unknown> => {
    const { run } = prepare(`{ ${field} }`, () => ({ data: { [field]: value } }))
    const { data, errors } = await run()
    return errors.length > 0 ? 'refused' : (data as Record<string, unknown>)[field]
  }

  it('are refused when their type does not allow them', async () => {
    expect(await one('size', 2 ** 31)).toBe('refused')
    expect(await one('size', -(2 ** 31))).toBe(-(2 ** 31))
    expect(await one('size', 1.5)).toBe('refused')
    expect(await one('size', '1')).toBe('refused')
    expect(await one('ratio', Number.NaN)).toBe('refused')
    expect(await one('ratio', Number.POSITIVE_INFINITY)).toBe('refused')
    expect(await one('ratio', 1e21)).toBe(1e21)
    expect(await one('flag', 1)).toBe('refused')
    expect(await one('mood', 'CALM')).toBe('CALM')
    expect(await one('mood', 'HIDDEN')).toBe('refused')
    expect(await one('moods', ['CALM', 'HIDDEN'])).toBe('refused')
    expect(await one('moods', {})).toBe('refused')
    expect(await one('stamp', { a: [1, null] })).toEqual({ a: [1, null] })
    expect(await one('stamp', 10n)).toBe('refused')
  })

  it('are well-formed JSON whatever a string holds', async () => {
    const text = '"\\\n\u0000\u2028 \ud800 😀'
    const { operation } = prepare('{ list { name } }', () => ({ data: { list: { name: text } } }))

    const { data } = await operation.execute({ variables: {}, caller: NOBODY })

    expect(JSON.parse(data ?? '')).toEqual({ list: { name: text } })
    expect(Buffer.from(data ?? '').toString()).toBe(data)
  })

  it('of a type that clients do not know never appear', async () => {
    const { run } = prepare('{ any { __typename ... on Track { id } } }', () => ({
      data: { any: { __typename: 'Secret', x: 1 } },
    }))

    expect(await run()).toMatchObject({ data: { any: null }, errors: [{ path: ['any'] }] })
  })
})

describe('operations', () => {
  it('may name their fields anything and change no prototype', async () => {
    const source =
      '{ list { __proto__: name constructor: name items { hasOwnProperty: position toString: track { __proto__: title } } } }'
    const { run } = prepare(source, (room, call) => {
      if (room === 'catalog') return entities(call, () => JSON.parse('{"__proto__":"t"}'))
      return {
        data: JSON.parse(
          '{"list":{"__proto__":"p","constructor":"c","items":[{"hasOwnProperty":1,"toString":{"__typename":"Track","id":"1"}}]}}',
        ),
      }
    })

    const { data, errors } = await run()

    expect(errors).toEqual([])
    expect(JSON.stringify(data)).toBe(
      '{"list":{"__proto__":"p","constructor":"c","items":[{"hasOwnProperty":1,"toString":{"__proto__":"t"}}]}}',
    )
    expect({}).not.toHaveProperty('polluted')
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('find nothing of Object.prototype in an answer that lacks the field', async () => {
    const { run } = prepare('{ list { items { constructor: position } toString: owner { id } } }', () => ({
      data: { list: { items: [{}] } },
    }))

    expect((await run()).data).toEqual({ list: { items: [null], toString: null } })
  })

  it('may call a field __typename, or by the name of a key', async () => {
    const source = '{ list { __typename: name owner { id: name kind: __typename } } }'
    const { run, calls } = prepare(source, (room, call) =>
      room === 'lists'
        ? { data: { list: { __typename_0: 'n', owner: { __typename: 'User', id: 'o' } } } }
        : {
            ...entities(call, () => ({ id_0: null })),
            errors: [{ message: 'no name', path: ['_entities', 0, 'id_0'] }],
          },
    )

    expect(await run()).toMatchObject({
      data: { list: { __typename: 'n', owner: null } },
      errors: [{ message: 'no name', path: ['list', 'owner', 'id'] }],
    })
    expect(calls[1]?.variables).toEqual({ representations: [{ __typename: 'User', id: 'o' }] })
  })

  it('include and skip by variables and their defaults, and answer one field asked for twice', async () => {
    const source = `query ($deep: Boolean = true, $no: Boolean!) {
      list { name @skip(if: $no) items { position } ...More @include(if: $deep) } }
      fragment More on List { items { addedBy { id } } owner { id } }`
    const { run } = prepare(source, () => ({
      data: { list: { name: 'n', items: rows(1), owner: { id: 'o' } } },
    }))

    expect((await run({ no: false })).data).toEqual({
      list: { name: 'n', items: [{ position: 0, addedBy: { id: 'u0' } }], owner: { id: 'o' } },
    })
    expect((await run({ no: true, deep: false })).data).toEqual({ list: { items: [{ position: 0 }] } })
  })

  it('introspect what clients see', async () => {
    const source =
      'query ($name: String!) { a: __type(name: $name) { name } __type(name: "Secret") { name } __schema { queryType { name } } __typename }'
    const { run, calls } = prepare(source, () => ({}))

    expect((await run({ name: 'List' })).data).toEqual({
      a: { name: 'List' },
      __type: null,
      __schema: { queryType: { name: 'Query' } },
      __typename: 'Query',
    })
    expect(calls).toEqual([])
  })

  it('are refused when the plan defers', () => {
    const document = parse('{ list { name } }')
    const plan: QueryPlan = { node: { kind: 'Defer', primary: {}, deferred: [] } }

    expect(() => createExecutor(listsGraph(), async () => ({})).compile(plan, document, undefined)).toThrow(
      '@defer',
    )
  })
})

describe('subscriptions', () => {
  it('tell whom to subscribe to, and complete each event without writing to it', async () => {
    const { operation, calls } = prepare(
      'subscription ($id: ID) { listChanged(id: $id) { name items { track { title } } } }',
      (_, call) => entities(call, () => ({ title: 't' })),
    )
    const event = Object.freeze({
      data: Object.freeze({ listChanged: Object.freeze({ name: 'n', items: Object.freeze([freezeRow()]) }) }),
    })

    expect(operation.primary).toMatchObject({ room: 'lists', variableUsages: ['id'] })
    for (let times = 0; times < 2; times++) {
      const { data, errors } = await operation.resolveEvent(event, {
        variables: { id: '1' },
        caller: NOBODY,
      })
      expect(errors).toEqual([])
      expect(JSON.parse(data ?? '')).toEqual({
        listChanged: { name: 'n', items: [{ track: { title: 't' } }] },
      })
    }
    expect(calls.map(({ room }) => room)).toEqual(['catalog', 'catalog'])
  })

  it('answer an event that carries an error only', async () => {
    const { operation } = prepare('subscription { listChanged { name } }', () => ({}))

    const answer = await operation.resolveEvent(
      { data: null, errors: [{ message: 'broken', path: ['listChanged'] }] },
      { variables: {}, caller: NOBODY },
    )

    expect(answer).toMatchObject({ data: null, errors: [{ message: 'broken', path: ['listChanged'] }] })
  })
})

function freezeRow(): object {
  return Object.freeze({ track: Object.freeze({ __typename: 'Track', id: '1' }) })
}

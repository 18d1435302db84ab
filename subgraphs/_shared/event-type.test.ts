import { expect, test } from 'vitest'
import { z } from 'zod'
import { eventType } from './event-type.ts'

test.each([
  ['users.account-changed.v1', true],
  ['users.moved.v12', true],
  ['users.account-changed', false],
  ['users.account-changed.v0', false],
  ['account-changed.v1', false],
  ['Users.account-changed.v1', false],
])('a topic called %s is accepted: %s', (topic, isAccepted) => {
  const make = () => eventType(topic, z.object({}))
  if (isAccepted) expect(make).not.toThrow()
  else expect(make).toThrow('Not <room>')
})

test('what is said keeps its promise, or is not said', () => {
  const say = eventType('users.account-changed.v1', z.object({ userId: z.string(), version: z.int() }))
  const payload = { userId: 'user_1', version: 2 }

  expect(say('user_1', payload)).toEqual({ topic: 'users.account-changed.v1', key: 'user_1', payload })
  expect(() => say('user_1', { userId: 'user_1', version: 0.5 })).toThrow(z.ZodError)
  expect(() => say('user_1', JSON.parse('{"userId":"user_1"}'))).toThrow(z.ZodError)
})

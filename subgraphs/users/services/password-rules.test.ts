import { expect, test } from 'vitest'
import { requireStrongPassword } from './password-rules.ts'

const check = (password: string, email = 'ida.holmqvist@example.com') =>
  requireStrongPassword(password, email)
const weak = expect.objectContaining({
  code: 'PASSWORD_WEAK',
  field: ['password'],
  message: expect.stringMatching(/\w+ \w+/),
})

test('a password has 10 to 256 characters, however many bytes each takes', () => {
  expect(() => check('ten chars!')).not.toThrow()
  expect(() => check('éø😀漢字åäöü!')).not.toThrow()
  expect(() => check(`${'ab '.repeat(85)}c`)).not.toThrow()

  for (const password of ['', 'nine char', `${'😀'.repeat(4)}abcde`, `${'ab '.repeat(85)}cd`])
    expect(() => check(password)).toThrow(weak)
})

test('the address, its first part, what is guessed first and one character repeated are weak', () => {
  for (const password of ['ida.holmqvist@example.com', 'IDA.Holmqvist@example.com', 'ida.holmqvist'])
    expect(() => check(password)).toThrow(weak)
  for (const password of ['1234567890', 'Password123', 'QWERTYUIOP', 'zzzzzzzzzzzz', ' password123 '])
    expect(() => check(password)).toThrow(weak)
  expect(() => check('ida.holmqvist likes trains')).not.toThrow()
})
